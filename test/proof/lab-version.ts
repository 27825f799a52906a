// A version of the site that real processes are killed over: a chain of roles on each host, and one role that comes and goes.
import type { SiteDir } from '../support/site-dir.ts'

export const CHAIN = ['one', 'two', 'three', 'four']

export interface Version {
  /** By name, as a lab's inventory has them. */
  hosts: Readonly<Record<string, { ssh: Record<string, string> }>>
  version: number
  /** Of which runner all but the first are; without it the server goes to all of them. */
  runner?: 'any'
}

export function writeVersion(site: SiteDir, { hosts, version, runner }: Version): void {
  const nodes = Object.entries(hosts).map(([name, { ssh }], i) => [
    name,
    { ssh: { ...ssh, options: QUICK }, ...(i === 0 || !runner ? {} : { runner }) },
  ])
  const chain = CHAIN.map((role, i) => [
    role,
    {
      become: true,
      ...(i === 0 ? {} : { requires: [CHAIN[i - 1]] }),
      inputs: {
        version: { type: 'integer', default: version },
        before: i === 0 ? { value: 'string(inputs.version)' } : { from: `${CHAIN[i - 1]}.value` },
      },
      outputs: { value: { type: 'string' } },
      apply: 'work.sh',
    },
  ])
  const passing = {
    become: true,
    requires: ['one'],
    inputs: {
      version: { type: 'integer', default: version },
      before: { value: 'string(inputs.version)' },
    },
    outputs: { value: { type: 'string' } },
    apply: 'work.sh',
    remove: { run: 'rm -f /srv/proof/passing' },
  }
  const comes = version % 2 === 1
  site.make({
    nodes: Object.fromEntries(nodes),
    roles: { ...Object.fromEntries(chain), passing },
    place: [...CHAIN, ...(comes ? ['passing'] : [])],
    deployment: { nodes: 'true' },
  })
  site.write({ 'packages/p/scripts/work.sh': WORK, 'server.yaml': 'runners: { lease: 3s }\n' })
}

/** So that a silent machine is noticed in seconds. */
const QUICK = { ServerAliveInterval: '1', ServerAliveCountMax: '3', ConnectTimeout: '5' }

/** Says when it begins and ends, and `beside` where another one lives on this host: there may be one at a time. */
const WORK = `#!/bin/sh
set -eu
mkdir -p /srv/proof
me="$ANNEAL_ROLE $ANNEAL_INPUT_VERSION"
if [ -f /run/proof.pid ] && kill -0 "$(cat /run/proof.pid)" 2>/dev/null; then echo "beside $me" >>/var/log/proof; fi
echo $$ >/run/proof.pid
echo "begin $me" >>/var/log/proof
sleep 0.1
printf '%s\\n' "$ANNEAL_ROLE($ANNEAL_INPUT_BEFORE)" >/srv/proof/$ANNEAL_ROLE.new
mv /srv/proof/$ANNEAL_ROLE.new /srv/proof/$ANNEAL_ROLE
echo "value=$ANNEAL_ROLE($ANNEAL_INPUT_BEFORE)" >>"$ANNEAL_OUTPUTS"
echo "end $me" >>/var/log/proof
rm -f /run/proof.pid
`
