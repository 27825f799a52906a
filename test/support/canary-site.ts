// A canary in every place where a secret may stand: the site that has them, and the search that finds them in whatever form.
import type { SiteDir } from './site-dir.ts'

/** Each with signs that are escaped somewhere, and one that is short enough to be its own digest. */
export const CANARIES = [
  'roleDefault',
  'packageDefault',
  'parent',
  'deployment',
  'placement',
  'group',
  'hint',
  'override',
  'made',
  'file',
  'env',
  'command',
] as const
export type Canary = (typeof CANARIES)[number]
export const core = (name: Canary): string => `canary${name}Zq7xK`
export const secret = (name: Canary): string => (name === 'hint' ? core(name) : `"${core(name)}/+ ü'$`)

const password = { type: 'string', sensitive: true }
const rolesOf = (site: SiteDir): Record<string, object> => ({
  vault: {
    inputs: {
      ...Object.fromEntries(
        ['a_package', 'b_parent', 'c_deployment', 'd_placement', 'e_group', 'f_hint', 'g_override'].map(
          (name) => [name, password],
        ),
      ),
      h_role: { ...password, default: secret('roleDefault') },
      file: password,
      env: password,
      command: password,
      fails: { type: 'boolean', default: false },
      waits: { type: 'boolean', default: false },
    },
    outputs: {
      made: password,
      told: password,
      early: { ...password, value: "inputs.f_hint + '-early'" },
    },
    files: { [site.path('conf')]: { template: 'conf.j2', mode: '0600' } },
    apply: {
      run: `#!/bin/sh
env; cat "$ANNEAL_INPUTS" >&2
for one in "$ANNEAL_INPUT_B_PARENT" "$ANNEAL_INPUT_FILE"; do
  printf %s "$one" | base64; printf 'u:%s' "$one" | base64; printf 'xy%s' "$one" | base64
done
# In two parts: what a script says of itself is content, and no secret.
printf 'made=can%s\\ntold=%s-%s\\n' '${core('made').slice(3)}' "$ANNEAL_INPUT_C_DEPLOYMENT" "$ANNEAL_INPUT_ENV" >>"$ANNEAL_OUTPUTS"
while [ "$ANNEAL_INPUT_WAITS" = true ]; do sleep 1; done
[ "$ANNEAL_INPUT_FAILS" = false ] || { echo "no entry for $ANNEAL_INPUT_D_PLACEMENT" >&2; exit 1; }
`,
    },
    check: { run: '#!/bin/sh\necho "$ANNEAL_INPUT_COMMAND"; exit 1\n' },
    drift: 'report',
    retry: { attempts: 1 },
  },
  /** A circle of early outputs that are made of a secret, through two roles, and back through a map. */
  ping: {
    inputs: {
      seed: { from: 'vault.early', ...password },
      others: { from: 'pong.back', take: 'map', wait: 'known', type: 'object', sensitive: true },
    },
    outputs: { there: { ...password, value: "inputs.seed + '-ping'" } },
    apply: { run: 'echo "$ANNEAL_INPUT_OTHERS"' },
  },
  pong: {
    inputs: { there: { from: 'ping.there', ...password }, all: { from: 'vault.told', ...password } },
    outputs: { back: { ...password, value: "inputs.there + '-pong'" } },
    apply: { run: 'echo "$ANNEAL_INPUT_THERE $ANNEAL_INPUT_ALL"' },
  },
})

export interface CanarySite {
  /** Of `vault`, beside its secrets. */
  values?: object
  nodes?: Record<string, object>
}

/** Two sources are files (`kept/`), one is the variable `CANARY`. */
export function makeCanarySite(
  site: SiteDir,
  { values = {}, nodes = { here: { local: true } } }: CanarySite = {},
): void {
  const hints = { hints: { vault: { f_hint: secret('hint') } } }
  const hinted = Object.entries(nodes).map(([name, node]) => [name, { ...node, ...hints }])
  site.make({ roles: rolesOf(site) })
  site.write({
    'packages/p/package.yaml': JSON.stringify({
      name: 'p',
      version: '1.0.0',
      summary: 'a package',
      defaults: { vault: { a_package: secret('packageDefault') } },
    }),
    'packages/p/roles/vault/conf.j2': 'password={{ inputs.e_group }}\nuser=app\nfile={{ inputs.file }}\n',
    'kept/one': `${secret('file')}\n`,
    'kept/two': `${secret('command')}\n`,
    'anneal.yaml': JSON.stringify({
      site: 'demo',
      packages: ['./packages/p'],
      nodes: Object.fromEntries(hinted),
      deployments: {
        top: { nodes: true, values: { vault: { b_parent: secret('parent') } } },
        d: {
          parent: 'top',
          values: {
            vault: {
              c_deployment: secret('deployment'),
              file: { secret: { file: 'kept/one' } },
              env: { secret: { env: 'CANARY' } },
              command: { secret: { command: ['cat', 'kept/two'] } },
              ...values,
            },
          },
          groups: [{ nodes: true, values: { vault: { e_group: secret('group') } } }],
          overrides: Object.fromEntries(
            Object.keys(nodes).map((node) => [`${node}/vault`, { g_override: secret('override') }]),
          ),
          roles: [{ role: 'vault', values: { d_placement: secret('placement') } }, 'ping', 'pong'],
        },
      },
    }),
  })
}

/** By the letters that no escaping touches, and by the digits that are theirs alone in base64, wherever they begin. */
export function found(text: string): Canary[] {
  return CANARIES.filter((name) => {
    const digits = [0, 1, 2].map((before) => {
      const encoded = Buffer.from('x'.repeat(before) + core(name)).toString('base64')
      return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + core(name).length) * 8) / 6))
    })
    return [core(name), ...digits].some((form) => text.includes(form))
  })
}
