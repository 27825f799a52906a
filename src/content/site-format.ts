// The format of anneal.yaml and of inventory files, as the JSON Schema that both the loader and editors use.
import {
  described,
  DURATION,
  DRIFT,
  EXPRESSION,
  type Format,
  INPUT_VALUES,
  mapOf,
  NAME,
  NODE_NAME,
  oneOrMany,
  record,
  ROLE_VALUES,
  SELECTION,
} from './format.ts'
import { SECRETS } from './secrets-format.ts'

/** What begins with a dash would be an option of ssh. */
const SSH_WORD: Format = {
  type: 'string',
  pattern: '^[^-\\s\\u0000][^\\s\\u0000]*$',
  title: 'one word that does not begin with a dash',
}

const SSH: Format = {
  anyOf: [
    {
      type: 'string',
      pattern: '^[^-\\s\\u0000][^\\s\\u0000]*$',
      title: 'user@host:port in one word, where user and port may be left out',
    },
    record(
      {
        host: described(SSH_WORD, 'Name or address, as OpenSSH takes it; `~/.ssh/config` is in force.'),
        user: described(SSH_WORD, 'Login; by default what ssh_config says, else your own.'),
        port: {
          type: 'integer',
          minimum: 1,
          maximum: 65_535,
          description: 'By default what ssh_config says, else 22.',
        },
        config: {
          type: 'string',
          minLength: 1,
          description: 'An ssh_config file to use instead of your own; relative to this file.',
        },
        options: {
          type: 'object',
          propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9]*$', title: 'the name of an ssh_config option' },
          additionalProperties: { type: ['string', 'integer'] },
          description: 'Further ssh_config options, e.g. `ProxyJump: bastion`.',
        },
      },
      ['host'],
    ),
  ],
  description: 'How the node is reached by the OpenSSH of this system: `user@host:port`, or a mapping.',
}

const NODE: Format = record(
  {
    ssh: SSH,
    local: { const: true, description: 'The machine on which Anneal runs.' },
    labels: {
      type: 'object',
      description: "Anything you want to select nodes by: `node.labels.tier == 'data'`.",
    },
    hints: described(
      ROLE_VALUES,
      'Advice about this node alone: role -> input -> value. Above deployment and group, below overrides.',
    ),
    runner: {
      anyOf: [
        { const: 'any' },
        {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: NAME['pattern'] as string, title: NAME['title'] as string },
          additionalProperties: { type: 'string', minLength: 1, maxLength: 200 },
          title: 'labels such as { segment: dmz }',
        },
      ],
      description:
        'Reached by a runner elsewhere and not by the server: by one with all of these labels (`{ segment: dmz }`), or by `any`.',
    },
    available: {
      type: 'boolean',
      default: true,
      description: 'Your wish: `false` takes the node out of all work until it is true again.',
    },
  },
  [],
  { description: 'A machine. With neither `ssh` nor `local` it is reached by ssh under its own name.' },
)

const GROUP: Format = record({ nodes: SELECTION, values: ROLE_VALUES }, ['nodes', 'values'], {
  description: 'Values for those members that are selected here.',
})

const CHOICE: Record<string, Format> = {
  count: {
    type: 'integer',
    minimum: 1,
    description: 'Only so many of the selected nodes. Who was chosen stays chosen as long as it may.',
  },
  prefer: oneOrMany(
    EXPRESSION,
    'With `count`: CEL over `node`; a larger number, or true, is chosen first. In a list the first that tells nodes apart decides.',
  ),
  spread: described(
    EXPRESSION,
    'With `count`: CEL over `node`, e.g. a rack; on as many of its values as possible.',
  ),
}

const EITHER: Format = { enum: ['propose', 'commit'] }

const POLICIES: Record<string, Format> = {
  on_new_node: described(EITHER, 'A node that the files name and nobody committed yet. Left out: `commit`.'),
  on_lost_node: {
    enum: ['propose', 'commit', 'wait'],
    description:
      'Where a node with a role that has a `count` is lost: whether another one is chosen. Left out: `wait`.',
  },
  on_changed_facts: described(EITHER, 'Facts that place roles otherwise. Left out: `commit`.'),
  lost_after: described(
    DURATION,
    'How long a node does not answer before it counts as lost. Left out: `10m`.',
  ),
  four_eyes: {
    type: 'boolean',
    description:
      'Who proposed a revision that changes it cannot commit it, nor give the word for what is destructive there. Left out: `false`.',
  },
}

const SITE_POLICIES: Format = record(
  {
    ...POLICIES,
    on_changed_files: described(
      EITHER,
      'Files of the site that say something else while `up --stay` stays. Left out: `propose`.',
    ),
  },
  [],
  {
    description:
      'What is done about changes that nobody asked for: left on the timeline as a proposal, or committed; and whether changes need two people.',
  },
)

const SHARE: Format = {
  anyOf: [
    { type: 'integer', minimum: 1 },
    { type: 'string', pattern: '^(100|[1-9][0-9]?)%$', title: 'a share such as 50%, or a number of nodes' },
  ],
}

const WINDOWS: Format = oneOrMany(
  { type: 'string', minLength: 1, title: 'a window such as Sat 22:00-04:00 Europe/Berlin' },
  'Maintenance windows: `Sat 22:00-04:00`, `Mon-Fri 02:00-04:00 Europe/Berlin`. Days may be left out, and the zone (UTC). Work starts in them only.',
)

const PLACEMENT: Format = {
  anyOf: [
    NAME,
    record(
      {
        role: described(NAME, 'The role to place.'),
        nodes: described(SELECTION, 'Narrows the deployment’s own nodes for this role.'),
        ...CHOICE,
        values: described(INPUT_VALUES, 'Input -> value, for this role in this deployment.'),
        rollout: record(
          {
            probe: {
              type: 'integer',
              minimum: 1,
              default: 1,
              description: 'Nodes of each variant that go first.',
            },
            // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
            then: oneOrMany(
              SHARE,
              'The steps after that: `50%` is until half of the variant has it, `3` is three more. The rest goes last.',
            ),
            gate: described(
              EXPRESSION,
              'CEL over `outputs`, `inputs`, `node` and `deployment`: true for each member that has the change, or no further ones get it.',
            ),
            tolerate: described(SHARE, 'So many of a variant may fail without holding it. By default none.'),
            dependants: {
              type: 'boolean',
              default: false,
              description:
                'What rests on a changed member, on its node, must be active and pass its check before others follow.',
            },
            soak: described(
              DURATION,
              'How long those that have the change are watched before others get it.',
            ),
            approve: {
              type: 'boolean',
              default: false,
              description: 'Each step after the probe waits for `anneal approve`.',
            },
            variants: oneOrMany(
              EXPRESSION,
              'CEL over `node`: what makes variants, e.g. `node.labels.rack`. By default the facts that the role reads.',
            ),
          },
          [],
          { description: 'A change to what is active goes to few nodes of each variant first.' },
        ),
        windows: WINDOWS,
        max_failures: {
          type: 'integer',
          minimum: 1,
          description: 'A revision of the role that fails on so many nodes goes no further.',
        },
        drift: DRIFT,
      },
      ['role'],
    ),
  ],
  description: 'A role by its name, or with nodes, values and policies.',
}

const DEPLOYMENT: Format = record(
  {
    parent: described(NAME, 'Deployment whose values, and whose roles for `of: deployment`, count here too.'),
    nodes: described(SELECTION, 'Its members. Left out in a deployment with a parent: the parent’s.'),
    ...CHOICE,
    values: described(ROLE_VALUES, 'Role -> input -> value, for all members.'),
    groups: { type: 'array', items: GROUP, description: 'Values for some of the members; later groups win.' },
    overrides: {
      type: 'object',
      propertyNames: { pattern: '^[^/]+/[^/]+$', title: 'node/role' },
      additionalProperties: INPUT_VALUES,
      description: '`node/role` -> input -> value: the last word.',
    },
    windows: WINDOWS,
    adopt: {
      type: 'boolean',
      default: false,
      description: 'Machines whose `check` passes are taken in without a change.',
    },
    drift: DRIFT,
    roles: { type: 'array', items: PLACEMENT, description: 'Roles placed on the members.' },
    policies: record(POLICIES, [], {
      description: 'Policies of the site, said otherwise for this deployment and those below it.',
    }),
  },
  [],
  { description: 'A named scope: member nodes, roles placed on them, values, policies.' },
)

const NODES: Format = {
  type: 'object',
  properties: {
    from: oneOrMany(
      { type: 'string', minLength: 1 },
      'Inventory files to take further nodes from, relative to this file. No node can have this name.',
    ),
  },
  propertyNames: { pattern: NODE_NAME['pattern'] as string, title: NODE_NAME['title'] as string },
  additionalProperties: NODE,
  description: 'Name -> node.',
}

export const SITE_FORMAT: Format = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An Anneal site (anneal.yaml)',
  ...record(
    {
      site: described(NAME, 'The name of this installation.'),
      packages: {
        type: 'array',
        items: {
          type: 'string',
          minLength: 1,
          title:
            'a directory (./packages/*) or the name of a package that comes with Anneal (etcd, etcd@1.4)',
        },
        description:
          'Where roles come from: directories relative to this file (`./packages/*`), or packages that come with Anneal by name (`etcd`, `etcd@1.4`).',
      },
      nodes: NODES,
      deployments: mapOf(NAME, DEPLOYMENT, 'Name -> deployment.'),
      policies: SITE_POLICIES,
      secrets: SECRETS,
    },
    ['site'],
  ),
}

/** A file that `nodes: { from: FILE }` names: the same `nodes` and nothing else. */
export const INVENTORY_FORMAT: Format = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An inventory: nodes of an Anneal site',
  ...record({ nodes: mapOf(NODE_NAME, NODE, 'Name -> node.') }, ['nodes']),
}
