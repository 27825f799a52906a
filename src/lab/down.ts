// Takes a lab down for good: its processes, network, mounts, cgroups and files; the cached roots stay.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { must } from './command.ts'
import { asLabRoot, endHolder, scriptPath } from './holder.ts'
import { cgroupName, type Lab } from './lab.ts'
import { withLock } from './lock.ts'

/** Says whether there was anything. Safe to repeat, and after a crash half-way of anything else. */
export async function labDown(lab: Lab): Promise<boolean> {
  if (!existsSync(lab.directory)) return false
  await withLock(`${lab.directory}.lock`, 60, async () => {
    await endHolder(lab)
    const cgroupSpace = lab.mode === 'user' ? ['--cgroup'] : []
    await must('clear the cgroups', [
      ...asLabRoot(lab),
      ...cgroupSpace,
      '--mount',
      'sh',
      scriptPath('clear-cgroup.sh'),
      `/${cgroupName(lab)}`,
    ])
    await must('remove the files', [...asLabRoot(lab), 'rm', '-rf', '--one-file-system', lab.directory])
  })
  await rm(`${lab.directory}.lock`, { force: true })
  return true
}
