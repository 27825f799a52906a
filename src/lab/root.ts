// The read-only floors that hosts stand on: a small Debian root, and package layers on top, each made once and kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../base/digest.ts'
import { nearest } from '../base/nearest.ts'
import { must, run } from './command.ts'
import { LabFault } from './fault.ts'
import { asLabRoot, scriptPath } from './holder.ts'
import type { Lab } from './lab.ts'
import { withLock } from './lock.ts'
import { type Mirror, machineMirror } from './mirror.ts'

/** No Python: a node needs nothing but sh. */
const ROOT_PACKAGES = [
  'openssh-server',
  'iproute2',
  'iputils-ping',
  'procps',
  'sudo',
  'systemd',
  'systemd-sysv',
  'dbus',
  'netbase',
  'curl',
  'ca-certificates',
  'openssl',
]

/** Names for sets of packages. */
const LAYERS: Record<string, readonly string[]> = {
  etcd: ['etcd-server', 'etcd-client'],
  nginx: ['nginx-light'],
  haproxy: ['haproxy'],
  postgresql: ['postgresql'],
  chrony: ['chrony'],
  python: ['python3-minimal', 'python3-apt'],
}

export type Say = (line: string) => void

/** The folders that hosts with these layers stand on, topmost first; made now when they are not in the cache. */
export async function floorsFor(lab: Lab, layers: readonly string[], say: Say): Promise<string[]> {
  const packages = packagesOf(layers)
  const mirror = machineMirror('/etc', (await run(['apt-config', 'dump'])).stdout)
  const root = await debianRoot(lab, mirror, say)
  return packages.length === 0 ? [root] : [await packageLayer(lab, root, packages, say), root]
}

/**
 * `etcd` is installed; `offer:etcd` can be installed on the host by apt, without a network; either takes `package:NAME`.
 * Sorted and without repetition, so that one set has one layer. One layer, because two would each hide the other's dpkg status.
 */
export function packagesOf(layers: readonly string[]): string[] {
  const packages = layers.flatMap((layer) => {
    const [, offer, name = ''] = /^(offer:)?(.*)$/.exec(layer) ?? []
    return namedPackages(name).map((each) => (offer ? `+${each}` : each))
  })
  return [...new Set(packages)].sort()
}

function namedPackages(name: string): readonly string[] {
  if (/^package:[a-z0-9][a-z0-9.+-]+$/.test(name)) return [name.slice('package:'.length)]
  const known = Object.hasOwn(LAYERS, name) ? LAYERS[name] : undefined
  if (known) return known
  const meant = nearest(name, Object.keys(LAYERS))
  const names = Object.keys(LAYERS).join(', ')
  const help = meant ? `did you mean ${meant}?` : `known are ${names}; package:NAME takes any Debian package`
  throw new LabFault('bad-value', `no layer ${JSON.stringify(name)}: ${help}`)
}

async function debianRoot(lab: Lab, mirror: Mirror, say: Say): Promise<string> {
  const dress = readFileSync(scriptPath('dress-root.sh'), 'utf8')
  const key = digestOf([mirror.suite, ROOT_PACKAGES, dress]).slice(0, 12)
  return cached(lab, `root-${mirror.suite}-${key}`, async (folder) => {
    say(`making a Debian ${mirror.suite} root (once; about half a minute, 250 MB)`)
    const sources = join(folder, 'sources.list')
    writeFileSync(sources, `${mirror.sources.join('\n')}\n`)
    const make = ['mmdebstrap', '--variant=minbase', '--quiet', `--include=${ROOT_PACKAGES.join(',')}`]
    const aptOptions = mirror.aptOptions.map((option) => `--aptopt=${option}`)
    const target = lab.mode === 'root' ? join(folder, 'made') : join(folder, 'made.tar')
    const mode = lab.mode === 'root' ? '--mode=root' : '--mode=unshare'
    const argv = [...make, mode, ...aptOptions, `--customize-hook=${dress}`, mirror.suite, target, sources]
    await must('make the Debian root', argv, { onLine: quiet(say) })
    if (lab.mode === 'root') return
    mkdirSync(join(folder, 'made'))
    const unpack = ['tar', '--extract', '--numeric-owner', '--exclude=./dev/*', '--file', target]
    await must('unpack the Debian root', [...asLabRoot(lab), ...unpack, '--directory', join(folder, 'made')])
  })
}

async function packageLayer(lab: Lab, root: string, packages: readonly string[], say: Say): Promise<string> {
  const recipe = readFileSync(scriptPath('make-layer.sh'), 'utf8')
  const key = digestOf([root, packages as string[], recipe]).slice(0, 12)
  return cached(lab, `layer-${packages.join('+').slice(0, 80)}-${key}`, async (folder) => {
    const what = packages.map((name) => name.replace(/^\+(.*)/, '$1 to be installed')).join(', ')
    say(`making a layer with ${what} (once; some seconds)`)
    const parts = ['made', 'work', 'merged'].map((name) => join(folder, name))
    for (const part of parts) mkdirSync(part)
    const argv = [
      ...asLabRoot(lab),
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      scriptPath('make-layer.sh'),
      root,
      ...parts,
    ]
    await must('make the layer', [...argv, overlayOptions(lab), ...packages], { onLine: quiet(say) })
  })
}

export function overlayOptions(lab: Lab): string {
  return lab.mode === 'user' ? 'userxattr,' : ''
}

/** Makes `name` in a folder aside, which must then hold `made`, and puts it in place in one step. */
async function cached(lab: Lab, name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(lab.cache, name)
  if (existsSync(place)) return place
  return withLock(join(lab.cache, `${name}.lock`), 900, async () => {
    if (existsSync(place)) return place
    const aside = `${place}.making`
    await must('clear what a broken attempt left', [
      ...asLabRoot(lab),
      'rm',
      '-rf',
      '--one-file-system',
      aside,
    ])
    mkdirSync(aside, { recursive: true })
    await make(aside)
    await must('keep what was made', ['mv', '--no-target-directory', join(aside, 'made'), place])
    await must('clear up', [...asLabRoot(lab), 'rm', '-rf', '--one-file-system', aside])
    return place
  })
}

/** apt and mmdebstrap talk a lot; only what they complain about is passed on. */
function quiet(say: Say): Say {
  return (line) => {
    if (/^(E|W|Err):?/.test(line)) say(line)
  }
}
