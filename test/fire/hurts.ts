// How each fault is done to a host, and undone.
import {
  cutHost,
  fillDisk,
  freeDisk,
  freezeHost,
  healHost,
  slowHost,
  startHost,
  stopHost,
  thawHost,
} from '../../src/lab/breakage.ts'
import type { AtWork } from './at-work.ts'
import { type Card, type Fault, MEMBERS } from './cards.ts'
import type { Ground } from './ground.ts'

/** Hurts, and gives back what heals. */
type Hurt = (ground: Ground, card: Card<Fault>, ask: AtWork['ask']) => Promise<() => Promise<void>>

/** A host that boots on a busy machine takes its time. */
const BOOT_S = 120

export const HURTS: Record<Fault, Hurt> = {
  'power lost': async ({ lab }, { member }) => {
    await stopHost(lab, member)
    return () => startHost(lab, member, BOOT_S)
  },
  'shut down': async ({ lab }, { member }) => {
    await stopHost(lab, member, 'poweroff')
    return () => startHost(lab, member, BOOT_S)
  },
  rebooted: async ({ lab, on }, { member }) => {
    await on(member, 'systemctl reboot')
    return () => startHost(lab, member, BOOT_S)
  },
  'cut off': async ({ lab }, { member }) => {
    await cutHost(lab, member)
    return () => healHost(lab, member)
  },
  'parted from two others': async ({ lab }, { member, roll }) => {
    const others = MEMBERS.filter((one) => one !== member)
    const first = Math.floor(roll * others.length)
    await cutHost(
      lab,
      member,
      [first, (first + 1) % others.length].map((at) => others[at] as string),
    )
    return () => healHost(lab, member)
  },
  slowed: async ({ lab }, { member, roll }) => {
    await slowHost(lab, member, { delayMs: 50 + Math.floor(roll * 300), jitterMs: 30, lossPercent: 5 })
    return () => healHost(lab, member)
  },
  frozen: async ({ lab }, { member }) => {
    await freezeHost(lab, member)
    return () => thawHost(lab, member)
  },
  'disk full': async ({ lab }, { member }) => {
    await fillDisk(lab, member)
    return () => freeDisk(lab, member)
  },
  // In the middle of a transfer: what a run needs crawls over when all sessions die, and nobody is let in.
  'sshd killed': async ({ lab, on }, { member, roll }, ask) => {
    await slowHost(lab, member, { rate: 100_000 })
    const asked = ask('run', `${member}/etcd`)
    await on(
      member,
      `sleep ${(roll * 3).toFixed(1)}
      systemctl kill --signal=KILL ssh; systemctl stop ssh; pkill -KILL -f '^sshd: root'; :`,
    )
    return async () => {
      await healHost(lab, member)
      await on(member, 'systemctl reset-failed ssh; systemctl start ssh')
      await asked
    }
  },
  'etcd killed': async ({ on }, { member }) => {
    await on(member, 'systemctl kill --signal=KILL etcd')
    return async () => {}
  },
  // Nothing here is put back: that is what looking for drift is for.
  'changed by hand': async ({ on }, { member, roll }) => {
    await on(member, BY_HAND[Math.floor(roll * BY_HAND.length)] as string)
    return async () => {}
  },
}

const BY_HAND = [
  'sed -i s/^ETCD_HEARTBEAT_INTERVAL=.*/ETCD_HEARTBEAT_INTERVAL=99/ /etc/etcd/etcd.env; systemctl restart etcd',
  'echo "# by hand" >>/etc/etcd/etcd.env',
  'rm /etc/etcd/members; chmod 0666 /etc/etcd/etcdctl.env',
  'systemctl stop etcd',
  'systemctl disable --now etcd',
  'sed -i /anneal:/,/anneal:/d /etc/hosts',
]
