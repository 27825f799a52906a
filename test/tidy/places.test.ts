// No file speaks of the place where it was written: a developer's folders, a package registry, a number in a tracker.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { test } from 'vitest'
import { expectNone } from './offenders.ts'
import { FILES, HOME, isText, textOf } from './tree.ts'

const texts = FILES.filter(isText)

test('no path of the machine that it was written on', () => {
  // `/root` is the home of root on every host that roles speak of, so it says nothing of a developer.
  const here = [HOME, homedir()].filter((folder) => folder !== '/root' && folder.length > 3)
  const folders = new RegExp(
    `${here.map(escaped).join('|')}|/Users/\\w+|/home/\\w+/(src|code|work|dev|git|projects?)/`,
  )
  expectNone(linesWith(texts, folders), 'Name it from the roof of the repository, or from a variable')
})

test('no host of a package registry or mirror', () => {
  const hosts = [...registryHosts(), 'registry.npmjs.org', 'registry.yarnpkg.com']
  expectNone(
    linesWith(texts, new RegExp(hosts.map(escaped).join('|'))),
    "Leave it to the machine's own settings",
  )
})

test('no numbers of a tracker', () => {
  const numbers =
    /\b(issues?|fix(es|ed)?|close[sd]?|resolve[sd]?|tickets?|PR|pull request)\s+#?\d+\b|\(#\d+\)|\w\/[\w.-]+#\d+\b|[/](issues|pull)\/\d+/i
  const read = texts.filter((path) => path !== 'package-lock.json' && path !== 'LICENSE')
  expectNone(linesWith(read, numbers), 'Say what it is about: a number means nothing to a reader of the code')
})

/** Those that this machine uses: the ones that could have slipped into a file. */
function registryHosts(): string[] {
  const npm = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout ?? ''
  const apt = [
    '/etc/apt/sources.list',
    '/etc/apt/sources.list.d/debian.sources',
    '/etc/apt/sources.list.d/ubuntu.sources',
  ]
  const urls = [npm, ...apt.map(readIfThere)].join('\n').matchAll(/https?:\/\/([\w.-]+)/g)
  const public_ = /(^|\.)(debian\.org|ubuntu\.com)$/
  return [...new Set([...urls].map((match) => match[1] as string))].filter((host) => !public_.test(host))
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function linesWith(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) => {
    if (path === 'test/tidy/places.test.ts' || !pattern.test(textOf(path))) return []
    return textOf(path)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}  ${line.trim().slice(0, 120)}`] : [],
      )
  })
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
