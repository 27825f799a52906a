// What is brought for running elsewhere: it names what is there, and words that the command line takes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import type { RouteMap } from '@stricli/core'
import { appFor } from '../../src/cli/app.ts'
import type { Context } from '../../src/cli/command.ts'
import { FILES, HOME, textOf } from './tree.ts'

interface Service {
  '<<'?: Service
  command?: string[]
  build?: { context: string; dockerfile: string }
  volumes?: string[]
  secrets?: (string | { source: string; target: string })[]
  depends_on?: Record<string, unknown>
}

interface Compose {
  services: Record<string, Service>
  volumes: Record<string, unknown>
  secrets: Record<string, unknown>
}

const compose = load(textOf('deploy/compose.yaml')) as Compose
/** With what `<<` brings, which the reader of YAML leaves as it stands. */
const services = Object.entries(compose.services).map(([name, own]): [string, Service] => [
  name,
  { ...own['<<'], ...own },
])

test('compose: a database, two servers and three runners, with volumes and secrets that are declared', () => {
  const kinds = services.map(([name]) => name.replace(/-.*/, '')).sort()
  expect(kinds).toEqual(['database', 'runner', 'runner', 'runner', 'server', 'server'])
  for (const [name, service] of services) {
    const volumes = (service.volumes ?? []).flatMap((one) =>
      /^[./]/.test(one) ? [] : [one.split(':')[0] ?? ''],
    )
    const secrets = (service.secrets ?? []).map((one) => (typeof one === 'string' ? one : one.source))
    expect([name, volumes.filter((one) => !(one in compose.volumes))]).toEqual([name, []])
    expect([name, secrets.filter((one) => !(one in compose.secrets))]).toEqual([name, []])
    expect(Object.keys(service.depends_on ?? {}).filter((one) => !(one in compose.services))).toEqual([])
    if (service.build)
      expect(existsSync(join(HOME, 'deploy', service.build.context, service.build.dockerfile))).toBe(true)
  }
})

test('the image is made of what is there', () => {
  const copied = [...textOf('deploy/Dockerfile').matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, what = '']) =>
    what.split(' '),
  )
  // The page is built by whoever makes the image.
  expect(copied.filter((one) => one !== 'web/dist' && !existsSync(join(HOME, one)))).toEqual([])
})

test('services of systemd start commands that there are, with flags that they have', () => {
  const units = FILES.filter((path) => /^deploy\/.*\.service$/.test(path))
  expect(units.length).toBeGreaterThan(0)
  for (const unit of units) {
    const [, line = ''] = /^ExecStart=(.+)$/m.exec(textOf(unit)) ?? []
    expectCommand(line.split(' ').slice(1))
  }
})

test('services of compose, too', () => {
  const commands = services.flatMap(([, { command }]) => (command ? [command] : []))
  expect(commands).toHaveLength(5)
  for (const command of commands) expectCommand(command)
})

function expectCommand(words: readonly string[]): void {
  const [name = '', ...rest] = words[0] === '-C' ? words.slice(2) : words
  const root = appFor().root as RouteMap<Context>
  const found = root.getRoutingTargetForInput(name) as { parameters?: { flags?: object } } | undefined
  expect([name, found !== undefined]).toEqual([name, true])
  const flags = Object.keys(found?.parameters?.flags ?? {})
  for (const word of rest)
    if (word.startsWith('--'))
      expect(flags).toContain(word.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()))
}
