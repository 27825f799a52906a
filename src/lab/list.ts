// What a lab consists of and what each host is doing now, told by the machine and not by what we last wrote.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.ts'
import { findHolder, inLab, scriptPath } from './holder.ts'
import { type Lab, readIfThere } from './lab.ts'
import { type HostRecord, hostDirectory, readHosts } from './records.ts'

export type HostState = 'up' | 'frozen' | 'down'
export type HostView = HostRecord & { state: HostState; cut: boolean; slow: string | undefined }

export async function labList(lab: Lab): Promise<HostView[]> {
  const states = findHolder(lab) === undefined ? new Map<string, HostState>() : await hostStates(lab)
  return readHosts(lab).map((host) => ({
    ...host,
    state: states.get(host.name) ?? 'down',
    cut: existsSync(join(hostDirectory(lab, host.name), 'cut')),
    slow: readIfThere(join(hostDirectory(lab, host.name), 'slow'))?.trim(),
  }))
}

export async function hostStates(lab: Lab): Promise<Map<string, HostState>> {
  const stdout = await must('look at the hosts', [...inLab(lab), 'sh', scriptPath('state.sh'), lab.directory])
  const lines = stdout.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => line.split(' ') as [string, HostState]))
}
