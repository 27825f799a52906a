// package.json and package-lock.json: exact versions, in step with each other, and no word of where they came from.
import { test } from 'vitest'
import { expectNone } from './offenders.ts'
import { FILES, textOf } from './tree.ts'

type Versions = Record<string, string>
interface Manifest {
  version: string
  dependencies?: Versions
  devDependencies?: Versions
  optionalDependencies?: Versions
  engines?: Versions
}
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

const manifest = JSON.parse(textOf('package.json')) as Manifest
const lock = JSON.parse(textOf('package-lock.json')) as {
  packages: Record<string, Manifest & { resolved?: string; integrity?: string; link?: boolean }>
}

test('versions are exact', () => {
  const loose = FILES.filter((path) => /(^|\/)package\.json$/.test(path)).flatMap((path) => {
    const told = JSON.parse(textOf(path)) as Manifest
    return KINDS.flatMap((kind) =>
      Object.entries(told[kind] ?? {}).flatMap(([name, version]) =>
        /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) ? [] : [`${path}  ${name} ${version}`],
      ),
    )
  })
  expectNone(loose, 'npm install --save-exact NAME@VERSION')
})

test('the lock is in step with package.json', () => {
  const root = lock.packages[''] ?? { version: '' }
  const differ = KINDS.flatMap((kind) => {
    const names = new Set([...Object.keys(manifest[kind] ?? {}), ...Object.keys(root[kind] ?? {})])
    return [...names].flatMap((name) => {
      const [wanted, locked] = [manifest[kind]?.[name], root[kind]?.[name]]
      const installed = lock.packages[`node_modules/${name}`]?.version
      if (wanted === locked && wanted === installed) return []
      return [`${kind}  ${name}: package.json ${wanted}, lock ${locked}, locked package ${installed}`]
    })
  })
  if (manifest.version !== root.version) differ.push(`version ${manifest.version}, lock ${root.version}`)
  expectNone(differ, 'npm install with Node 24 first in PATH brings the lock up to date; then npm ci')
})

test('each locked package is pinned by its digest and names no host', () => {
  const wrong = Object.entries(lock.packages).flatMap(([path, { resolved, integrity, link }]) => {
    if (path === '' || link) return []
    if (!integrity) return [`${path}  has no integrity`]
    return resolved === undefined ? [] : [`${path}  was resolved from ${resolved}`]
  })
  expectNone(wrong, 'npm install --omit-lockfile-registry-resolved')
})
