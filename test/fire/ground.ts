// Where it burns: five hosts with disks of their own, and the site of an etcd cluster on them.
import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { labInventory } from '../../src/lab/keys.ts'
import { type Lab, openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'
import { siteDir, type SiteDir } from '../support/site-dir.ts'
import { MEMBERS } from './cards.ts'

export interface Ground {
  lab: Lab
  site: SiteDir
  /** Writes anneal.yaml with this interval, which restarts one member after the other when it is committed. */
  write(heartbeatMs: number): void
  /** Writes nodes.yaml without this member, or with all. */
  writeNodes(without?: string): void
  /** As root on a host, past Anneal; whatever it ended with. */
  on: (host: string, script: string) => Promise<{ code: number; stdout: string }>
  /** Whether its etcd commits, itself a voter. */
  serves(member: string): Promise<boolean>
  /** What a failing run can be looked into with, later. */
  keep(directory: string): Promise<void>
  end(): Promise<void>
}

/** Room for etcd's logs of writes, five at most and 64 MB each. */
const DISK_MIB = 700
/** So that a silent machine is noticed in seconds. */
const QUICK = { ServerAliveInterval: '1', ServerAliveCountMax: '3', ConnectTimeout: '3' }

const ETCDCTL =
  'ETCDCTL_API=3 timeout 8 etcdctl --cacert=/etc/etcd/pki/ca.pem --cert=/etc/etcd/pki/member.pem --key=/etc/etcd/pki/member.pem --endpoints=https://127.0.0.1:2379'

export async function layGround(): Promise<Ground> {
  const site = siteDir()
  const lab = openLab({ name: 'fire', stateHome: site.path('labs') })
  const on = async (host: string, script: string): Promise<{ code: number; stdout: string }> =>
    labExec(lab, host, ['sh', '-c', script])
  const end = async (): Promise<void> => {
    await labDown(lab)
    await site.end()
  }
  const ground: Ground = {
    lab,
    site,
    write: (heartbeatMs) => site.write({ 'anneal.yaml': siteText(heartbeatMs) }),
    writeNodes(without) {
      const nodes = Object.entries(labInventory(lab).nodes)
        .filter(([name]) => name !== without)
        .map(([name, { ssh }]) => [name, { ssh: { ...ssh, options: QUICK } }])
      site.write({ 'nodes.yaml': JSON.stringify({ nodes: Object.fromEntries(nodes) }) })
    },
    on,
    serves: async (member) => (await on(member, `${ETCDCTL} endpoint health`)).code === 0,
    async keep(directory) {
      for (const part of ['anneal.yaml', 'nodes.yaml', '.anneal'])
        if (existsSync(site.path(part))) cpSync(site.path(part), join(directory, part), { recursive: true })
      for (const member of MEMBERS) {
        const told = await on(member, 'ps -ef; systemctl status etcd; journalctl -u etcd -n 500 --no-pager')
        writeFileSync(join(directory, `${member}.log`), told.stdout)
      }
    },
    end,
  }
  try {
    await labUp(lab, { names: MEMBERS, layers: ['etcd'], diskMiB: DISK_MIB })
    ground.writeNodes()
    ground.write(100)
    return ground
  } catch (fault) {
    await end()
    throw fault
  }
}

function siteText(heartbeatMs: number): string {
  return `
site: fire
packages: [ready, pki, etcd]
nodes: { from: nodes.yaml }
deployments:
  base:
    nodes: "true"
    roles: [ready]
    drift: { policy: repair, every: 30s }
  store:
    parent: base
    nodes: "node.name.startsWith('etcd-')"
    roles:
      - { role: certificate-signing, nodes: [etcd-1] }
      - { role: etcd-founding, nodes: [etcd-1], values: { cluster_name: fire } }
      - role: etcd
        values: { heartbeat_interval_ms: ${heartbeatMs}, snapshot_count: 2000 }
`
}
