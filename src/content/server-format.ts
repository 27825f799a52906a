// The format of server.yaml, as the JSON Schema that both the reader and editors use.
import { ACCESS_ROLE_NAMES } from '../model/access.ts'
import { LOG_LEVELS } from '../base/log.ts'
import { WEBHOOK_EVENTS } from '../model/observe-settings.ts'
import { described, DURATION, type Format, mapOf, NAME, record } from './format.ts'

const PORT: Format = {
  type: 'integer',
  minimum: 0,
  maximum: 65_535,
  description: 'A TCP port; 0 is any that is free.',
}

const TEXT: Format = { type: 'string', minLength: 1, maxLength: 1_000 }

/** Without a query or a fragment: paths are put behind it. */
const ADDRESS: Format = {
  type: 'string',
  pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
  title: 'an address such as https://anneal.example.org',
}

const PATH: Format = { type: 'string', minLength: 1, title: 'a path, relative to this file' }

/** No character that a program, a file or Vault would take for an end. */
const WORD: Format = { type: 'string', pattern: '^[^\\u0000]+$', maxLength: 4_000, title: 'text' }
/** A part that begins with a dot could lead elsewhere. */
const PART = '[^./\\u0000][^/\\u0000]*'
const VAULT_PATH: Format = {
  type: 'string',
  pattern: `^${PART}(/${PART})*$`,
  title: 'a path such as secret/anneal',
}
const VAULT_PATH_IN_MOUNT: Format = { ...VAULT_PATH, description: 'Within `mount`.' }
const FIELD: Format = { ...WORD, description: 'The field of it that is the secret.' }
const MOUNT: Format = { ...VAULT_PATH, description: 'Where the KV engine is mounted.' }
const IN_VAULT = { description: 'A field of a secret in HashiCorp Vault, KV version 2.' }
/** Of two parts at least. */
const VAULT_PATH_WITH_MOUNT: Format = {
  ...VAULT_PATH,
  pattern: `^${PART}(/${PART})+$`,
  description: 'Its first part is the mount.',
}

const SECRET: Format = {
  anyOf: [
    record({ file: described(PATH, 'Its first line is the secret.') }, ['file']),
    record(
      {
        env: {
          type: 'string',
          pattern: '^[A-Z_][A-Z0-9_]*$',
          title: 'the name of an environment variable',
          description: 'The variable of the server whose value is the secret.',
        },
      },
      ['env'],
    ),
    record(
      {
        command: {
          type: 'array',
          minItems: 1,
          items: WORD,
          description: 'What it prints first is the secret; no shell reads its words.',
        },
      },
      ['command'],
    ),
    record({ vault: record({ path: VAULT_PATH_WITH_MOUNT, field: FIELD }, ['path', 'field'], IN_VAULT) }, [
      'vault',
    ]),
    record(
      {
        vault: record(
          { mount: MOUNT, path: VAULT_PATH_IN_MOUNT, field: FIELD },
          ['mount', 'path', 'field'],
          IN_VAULT,
        ),
      },
      ['vault'],
    ),
  ],
  description:
    'Where the secret stands, as of an input: `{ file: PATH }`, `{ env: NAME }`, `{ command: [...] }` or `{ vault: ... }`. It never stands here.',
}

const DATABASE_URL: Format = {
  type: 'string',
  pattern: '^postgres(ql)?://\\S+$',
  title: 'an address such as postgres://anneal@db.example.org/anneal, without a password',
}

const DATABASE: Format = {
  anyOf: [DATABASE_URL, record({ url: described(DATABASE_URL, 'Where it is.'), password: SECRET }, ['url'])],
  description:
    'The PostgreSQL database that holds the journal; without it the journal is embedded, in `.anneal/`. `ANNEAL_DATABASE` and `anneal serve --database` go before it.',
}

const ROLE: Format = { enum: ACCESS_ROLE_NAMES }

const LIMIT: Format = record({
  burst: { type: 'integer', minimum: 1, maximum: 100_000, description: 'So many at once.' },
  per_second: { type: 'number', exclusiveMinimum: 0, maximum: 100_000, description: 'So many from then on.' },
})

const LISTEN: Format = {
  anyOf: [
    {
      type: 'string',
      pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:\\[\\]/]+):[0-9]{1,5}$',
      title: 'an address with a port, such as 127.0.0.1:7433 or [::1]:7433',
    },
    record({ host: { ...TEXT, description: 'Name or address.' }, port: PORT }, ['host', 'port']),
  ],
  description:
    'Where the server listens; by default 127.0.0.1:7433. Beyond this machine only with `tls` and a way to sign in (`oidc`, or `tokens: true`).',
}

const OIDC: Format = record(
  {
    issuer: described(ADDRESS, 'The identity provider, as its tokens name it.'),
    client_id: described(TEXT, 'What this server is there.'),
    client_secret: SECRET,
    name: described(TEXT, 'What the page calls it. Left out: the host of the issuer.'),
    scopes: {
      type: 'array',
      items: TEXT,
      description: 'What is asked for. Left out: openid, profile, email and groups.',
    },
    groups_claim: described(TEXT, 'The claim that lists somebody’s groups. Left out: groups.'),
    name_claim: described(
      TEXT,
      'The claim whose value stands in the timeline, e.g. email. Left out: preferred_username; where it is not there, the subject.',
    ),
    audience: described(
      TEXT,
      'Bearer tokens of the provider are taken from machines when they are for this audience. Left out: none are.',
    ),
  },
  ['issuer', 'client_id'],
  { description: 'People sign in by OpenID Connect: authorization code with PKCE.' },
)

const ROLES: Format = {
  type: 'array',
  items: record(
    {
      group: described(TEXT, 'A group of the identity provider.'),
      role: described(ROLE, 'What its members may: each role has all that the one before it has.'),
      deployments: { type: 'array', items: NAME, description: 'Only there. Left out: in the whole site.' },
    },
    ['group', 'role'],
  ),
  description:
    'Which groups of the identity provider may do what. Who is in none of them is let in to nothing.',
}

const WEBHOOK: Format = record(
  {
    name: described(NAME, 'What it is called in the log.'),
    url: described(ADDRESS, 'Where it is sent.'),
    events: {
      type: 'array',
      minItems: 1,
      items: { enum: [...WEBHOOK_EVENTS] },
      description: 'Left out: all.',
    },
    secrets: { type: 'array', minItems: 1, items: SECRET, description: 'What it is signed with.' },
  },
  ['name', 'url', 'secrets'],
)

const HOOK: Format = record(
  {
    name: described(NAME, 'It is called at /api/v1/hooks/NAME.'),
    does: { enum: ['refresh', 'propose', 'drift'], description: 'What it brings about.' },
    role: described(ROLE, 'By which right it does so.'),
    secrets: { type: 'array', minItems: 1, items: SECRET, description: 'What it is signed with.' },
  },
  ['name', 'does', 'role', 'secrets'],
)

export const SERVER_FORMAT: Format = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Settings of an Anneal server (server.yaml)',
  ...record({
    listen: LISTEN,
    url: described(
      ADDRESS,
      'The address under which people know the server, where it is another than it listens on.',
    ),
    tls: record(
      {
        cert: described(PATH, 'The certificate with its chain, as PEM.'),
        key: described(PATH, 'Its key, as PEM.'),
      },
      ['cert', 'key'],
      { description: 'HTTPS instead of HTTP.' },
    ),
    oidc: OIDC,
    roles: ROLES,
    database: DATABASE,
    tokens: {
      type: 'boolean',
      default: false,
      description: 'Tokens are way enough to sign in, beyond this machine and without `oidc`.',
    },
    proxies: {
      type: 'array',
      items: TEXT,
      description:
        'Addresses and networks (`10.0.0.0/8`) of proxies in front. Of requests that come from them, `X-Forwarded-For` says for whom; of all others it is not read. Left out: none.',
    },
    limits: record(
      {
        principal: described(LIMIT, 'Requests of one person or token. Left out: 200 at once, 50 a second.'),
        address: described(LIMIT, 'Requests of one address. Left out: 600 at once, 200 a second.'),
        failures: described(
          LIMIT,
          'Credentials of one address that are not good. Left out: 10 at once, one in 10 seconds.',
        ),
      },
      [],
      { description: 'How much may be asked; beyond that the answer is 429 with `Retry-After`.' },
    ),
    runners: record(
      {
        lease: described(
          DURATION,
          'A runner that was not heard for so long has lost what it held. Left out: `15s`.',
        ),
      },
      [],
      { description: 'Runners on other machines.' },
    ),
    standby: record(
      {
        patience: described(
          DURATION,
          'A standby takes over from a server that has the journal and gave no sign of life for so long; at least `6s`. Left out: `1m`.',
        ),
      },
      [],
      { description: 'Servers of a site whose journal is in PostgreSQL.' },
    ),
    sessions: record(
      {
        idle: described(DURATION, 'A session ends without a request for so long. Left out: `8h`.'),
        longest: described(DURATION, 'It ends in any case after so long. Left out: `7d`.'),
      },
      [],
      { description: 'Of people in a browser.' },
    ),
    metrics: { type: 'boolean', default: true, description: 'Whether /metrics is there.' },
    traces: record(
      {
        endpoint: described(
          ADDRESS,
          'Where traces are sent as OTLP over HTTP, e.g. http://127.0.0.1:4318/v1/traces.',
        ),
        headers: mapOf(
          { type: 'string', pattern: '^[A-Za-z0-9-]+$', title: 'the name of a header' },
          SECRET,
          'Header -> where its value stands.',
        ),
      },
      ['endpoint'],
      { description: 'Each cycle is sent as a trace of OpenTelemetry. Left out: none is.' },
    ),
    webhooks: { type: 'array', items: WEBHOOK, description: 'Whom the server tells what happened.' },
    hooks: { type: 'array', items: HOOK, description: 'What others may bring about by a signed call.' },
    log: record(
      {
        format: { enum: ['json', 'text'], default: 'text', description: 'Lines for programs or for people.' },
        level: { enum: [...LOG_LEVELS], default: 'info', description: 'The least that is told.' },
      },
      [],
      { description: 'What a server started with `--log` tells of itself; its flags win.' },
    ),
  }),
}
