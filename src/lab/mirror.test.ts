// Reading where a machine's Debian packages come from.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { machineMirror } from './mirror.ts'

test('one-line sources of the machine’s own suite are taken, with their options; others are not', () => {
  const etc = machine('VERSION_CODENAME=trixie\n', {
    'sources.list': `# deb http://old.example/debian trixie main
deb [signed-by=/usr/share/keyrings/d.gpg] http://mirror.example/debian trixie main contrib # near
deb-src http://mirror.example/debian trixie main
deb http://mirror.example/debian trixie-backports main
deb http://security.example/debian trixie-security main
deb http://elsewhere.example/apt stable main
`,
  })
  expect(machineMirror(etc)).toEqual({
    suite: 'trixie',
    sources: [
      'deb [signed-by=/usr/share/keyrings/d.gpg] http://mirror.example/debian trixie main contrib',
      'deb http://security.example/debian trixie-security main',
    ],
    aptOptions: [],
  })
})

test('deb822 stanzas are taken apart: comments, folded fields, several suites, disabled ones left out', () => {
  const etc = machine('ID=debian\nVERSION_CODENAME="bookworm"\n', {
    'sources.list.d/debian.sources': `Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/d.gpg

Types: deb
URIs: http://other.example/debian
Suites: bookworm
Components: main
Enabled: no
`,
    'sources.list.d/ignored.txt': 'deb http://no.example/debian bookworm main\n',
  })
  expect(machineMirror(etc).sources).toEqual([
    'deb [signed-by=/usr/share/keyrings/d.gpg] http://mirror.example/debian bookworm main',
    'deb [signed-by=/usr/share/keyrings/d.gpg] http://mirror.example/debian bookworm-updates main',
  ])
})

test('a key written into the stanza is left to the default keyring: it cannot stand in one line', () => {
  const etc = machine('VERSION_CODENAME=bookworm\n', {
    'sources.list.d/x.sources':
      'Types: deb\nURIs: http://m.example/d\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP-----\n .\n abc\n',
  })
  expect(machineMirror(etc).sources).toEqual(['deb http://m.example/d bookworm main'])
})

test('what apt is told about proxies and dates goes along, nothing else', () => {
  const etc = machine('VERSION_CODENAME=bookworm\n', {
    'sources.list': 'deb http://m.example/debian bookworm main\n',
  })
  const dump = `APT::Get::Assume-Yes "true";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::Proxy::m.example "DIRECT";
Acquire::Check-Date "false";
Acquire::IndexTargets::deb "";
DPkg::Post-Invoke:: "rm -rf /";
`
  expect(machineMirror(etc, dump).aptOptions).toEqual([
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::Proxy::m.example "DIRECT";',
    'Acquire::Check-Date "false";',
  ])
})

test('a machine without Debian sources falls back to Debian’s own address', () => {
  const { suite, sources } = machineMirror(machine('ID=fedora\n', {}))
  expect([suite, sources]).toEqual(['bookworm', ['deb http://deb.debian.org/debian bookworm main']])
})

function machine(osRelease: string, apt: Record<string, string>): string {
  const etc = mkdtempSync(join(tmpdir(), 'anneal-etc-'))
  onTestFinished(() => rmSync(etc, { recursive: true }))
  mkdirSync(join(etc, 'apt/sources.list.d'), { recursive: true })
  writeFileSync(join(etc, 'os-release'), osRelease)
  for (const [name, text] of Object.entries(apt)) writeFileSync(join(etc, 'apt', name), text)
  return etc
}
