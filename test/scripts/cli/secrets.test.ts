// What `anneal secrets` says: where the key is, what is sealed under it, what stands in clear, and a rotation.
import { expect, test } from 'vitest'
import { answer, refuse } from '../../../src/model/refusal.ts'
import type { SecretsStatus } from '../../../src/model/secrets.ts'
import { stage, type StageOptions } from './stage.ts'

const KEY = '3f2a9c1d5e6b7a80'
const STATUS: SecretsStatus = {
  where: 'the file /srv/site/.anneal/secrets.key',
  key: KEY,
  sealed: 12,
  under: [{ key: KEY, keys: 13 }],
  clear: { values: 0, lastEvent: 0 },
}
const OLD: SecretsStatus = {
  ...STATUS,
  problem: { code: 'keyWrong', message: 'it is sealed under another key', next: 'put that key back' },
  clear: { values: 7, lastEvent: 41 },
}

const stories: Record<string, [StageOptions, string[], number]> = {
  status: [{ secrets: { status: async () => answer(STATUS) } }, ['secrets'], 0],
  'status with a wrong key and clear history': [
    { secrets: { status: async () => answer(OLD) } },
    ['secrets', 'status'],
    1,
  ],
  'status for programs': [
    { secrets: { status: async () => answer(OLD) } },
    ['secrets', 'status', '--json'],
    1,
  ],
  rotate: [
    {
      secrets: { rotate: async () => answer({ key: KEY, where: STATUS.where, keys: 13 }) },
    },
    ['secrets', 'rotate'],
    0,
  ],
  'rotate to a command': [
    {
      secrets: {
        rotate: async (setting) => {
          return answer({
            key: KEY,
            where: 'the command ["pass","show","x"]',
            keys: 1,
            ...(setting ? { setting } : {}),
          })
        },
      },
    },
    ['secrets', 'rotate', '--to-command', '--', 'pass', 'show', 'x'],
    0,
  ],
  'rotate while somebody works': [
    {
      secrets: {
        rotate: async () => refuse({ code: 'busy', message: 'busy: anneal up (pid 7)', holder: 'anneal up' }),
      },
    },
    ['secrets', 'rotate', '--json'],
    1,
  ],
  'rotate to two places': [{}, ['secrets', 'rotate', '--to-file', 'k', '--to-command', '--', 'x'], 5],
  'rotate to no command': [{}, ['secrets', 'rotate', '--to-command'], 5],
  'rotate with a stray word': [{}, ['secrets', 'rotate', 'now'], 5],
}

test('stories', async () => {
  const told: string[] = []
  for (const [title, [options, argv, code]] of Object.entries(stories)) {
    const on = stage(options)
    expect(await on.run(...argv), title).toBe(code)
    told.push(`# ${title}\n${on.story(code, ...argv)}`)
  }
  await expect(told.join('\n')).toMatchFileSnapshot('golden/secrets.txt')
})
