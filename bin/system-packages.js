// Installs Debian packages after telling which and why, or says plainly why it cannot.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChild } from './child.js'

const script = join(dirname(fileURLToPath(import.meta.url)), 'install-packages.sh')

/** Gives an exit code; other than 0, the reason has been said. `wanted`: package and why, each once. */
export async function installSystemPackages(wanted, say) {
  say('Missing on this machine:')
  for (const { package: name, why } of wanted) say(`  ${name.padEnd(16)} ${why}`)
  const names = wanted.map((one) => one.package)
  const refusal = whyNotRoot()
  if (refusal) {
    say(`Installing them needs root, and ${refusal}. Nothing was changed on this system. As root:`)
    say(`  apt-get update && apt-get install --no-install-recommends ${names.join(' ')}`)
    say('and then the same command again.')
    return 1
  }
  say('Installing them with apt-get; Ctrl-C takes effect when the packages are in order ...')
  const argv = [...(isRoot() ? [] : ['sudo', '-n']), 'sh', script, ...names]
  const apt = await runChild(argv[0], argv.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] })
  if (apt.interrupted) return 130
  if (apt.code === 0) return 0
  say(
    'apt-get could not install them; what it said stands above. It needs a Debian mirror that answers, and nobody else at',
  )
  say('work with packages. `apt-get update` says whether it does. Then run the same command again.')
  return 1
}

export function isThere(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Undefined where root can be had without a question. */
export function whyNotRoot() {
  if (isRoot()) return undefined
  if (!isThere('sudo')) return 'there is no sudo here'
  const asked = spawnSync('sudo', ['-n', 'true'], { encoding: 'utf8' })
  return asked.status === 0 ? undefined : 'sudo does not give it without being asked for a password'
}

function isRoot() {
  return process.getuid?.() === 0
}
