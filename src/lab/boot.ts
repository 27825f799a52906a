// Boots hosts and waits until they answer.
import { availableParallelism } from 'node:os'
import { extname, join } from 'node:path'
import { must, run } from './command.ts'
import { LabFault } from './fault.ts'
import { inLab, ownScope, scriptPath } from './holder.ts'
import { type Lab, readIfThere } from './lab.ts'
import { claimLabNumber, gatewayOf, type HostRecord, hostDirectory } from './records.ts'
import { overlayOptions } from './root.ts'

/** Boots hosts a few at a time, so that many do not starve each other, and waits until each answers. */
export async function bootHosts(lab: Lab, hosts: readonly HostRecord[], deadlineS: number): Promise<void> {
  const atOnce = Math.max(4, 2 * availableParallelism())
  for (let i = 0; i < hosts.length; i += atOnce) {
    const batch = hosts.slice(i, i + atOnce)
    await Promise.all(batch.map((host) => launch(lab, host)))
    await untilAnswering(lab, batch, deadlineS)
  }
}

/** The supervisor outlives us; a second one for the same host ends at once. */
async function launch(lab: Lab, host: HostRecord): Promise<void> {
  const gateway = gatewayOf(claimLabNumber(lab))
  const place = [host.name, host.address, gateway, '24', host.lower.join(':')]
  const argv = ['sh', scriptPath('host-start.sh'), lab.directory, ...place]
  await must(
    `start ${host.name}`,
    [...ownScope(lab), ...inLab(lab), ...argv, overlayOptions(lab), String(host.diskMiB)],
    {
      detach: join(hostDirectory(lab, host.name), 'console.log'),
    },
  )
}

/**
 * Ready means that a host's ssh server says its first line. A host that ends instead is told at once.
 * Hosts that are cut off are not waited for: nobody can hear them.
 */
export async function untilAnswering(
  lab: Lab,
  hosts: readonly HostRecord[],
  deadlineS: number,
): Promise<void> {
  const audible = hosts.filter((host) => readIfThere(join(hostDirectory(lab, host.name), 'cut')) !== '')
  if (audible.length === 0) return
  const waits = audible.map((host) => `${host.address}=${join(lab.directory, 'run', host.name, 'ended')}`)
  const argv = [
    ...inLab(lab),
    process.execPath,
    scriptPath(`banners${extname(import.meta.filename)}`),
    String(deadlineS),
    ...waits,
  ]
  const result = await run(argv)
  if (result.code === 0) return
  const answered = new Set(result.stdout.trim().split('\n'))
  const silent = audible.filter((host) => !answered.has(host.address))
  const reasons = silent.map((host) => `${host.name}: ${lastConsoleLine(lab, host)}`)
  throw new LabFault(
    'not-ready-in-time',
    `no ssh banner from ${reasons.join('; ') || 'the hosts'} (waited up to ${deadlineS} s) ${result.stderr.trim()}`,
  )
}

function lastConsoleLine(lab: Lab, host: HostRecord): string {
  const file = join(hostDirectory(lab, host.name), 'console.log')
  return `${readIfThere(file)?.trim().split('\n').at(-1) || 'it said nothing'} (${file})`
}
