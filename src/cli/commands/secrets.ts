// `anneal secrets status` and `anneal secrets rotate`: under which key secrets are sealed, and another key for all of them.
import type { KeyPlace, Rotated, SecretsStatus } from '../../model/secrets.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Line, styled } from '../text.ts'

export async function status(door: Door, flags: SiteFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const keeping = await door.world.secrets(directory)
  const asked = await keeping.status()
  if (!asked.ok) return door.refuse(asked.refusal, flags.json)
  if (flags.json) door.json('secrets', asked.value)
  else door.print(statusLines(asked.value))
  return asked.value.problem === undefined ? EXIT.ok : EXIT.error
}

function statusLines({ where, key, problem, sealed, under, clear }: SecretsStatus): Line[] {
  const lines: Line[] = [
    [`key     ${key ?? 'none yet'}, in ${where}`],
    [`sealed  ${count(sealed, 'value')}${underWords(sealed, under)}`],
  ]
  if (clear.values > 0) {
    lines.push(
      [
        'clear   ',
        styled('warn', `${count(clear.values, 'value')} in history up to event ${clear.lastEvent}`),
      ],
      ['        they were written before secrets were sealed and stay as they are: change those secrets,'],
      ['        or move .anneal/ away and commit anew'],
    )
  } else lines.push(['clear   none'])
  if (problem) lines.push([styled('bad', problem.message)], [styled('faint', '  next: '), problem.next])
  return lines
}

/** One key more than there are values is that of the snapshots. */
function underWords(sealed: number, under: SecretsStatus['under']): string {
  const [first, ...more] = under
  if (!first) return ''
  if (more.length > 0) return under.map(({ key, keys }) => `, ${count(keys, 'key')} under ${key}`).join('')
  return `${first.keys > sealed ? ' and all snapshots' : ''}, under ${first.key}`
}

export async function rotate(
  door: Door,
  flags: SiteFlags & { toFile?: string; toCommand: boolean },
  ...argv: string[]
): Promise<ExitCode> {
  const wrong = wrongUse(flags, argv)
  if (wrong !== undefined)
    return door.fail(wrong, 'anneal secrets rotate --to-command -- pass show anneal', flags.json)
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const keeping = await door.world.secrets(directory)
  const asked = await keeping.rotate(placeOf(flags.toFile, argv))
  if (!asked.ok) return door.refuse(asked.refusal, flags.json)
  if (flags.json) door.json('rotated', asked.value)
  else door.print(rotatedLines(asked.value))
  return EXIT.ok
}

function wrongUse(
  { toFile, toCommand }: { toFile?: string; toCommand: boolean },
  argv: readonly string[],
): string | undefined {
  if (toFile !== undefined && toCommand) return 'a key has one place: --to-file or --to-command'
  if (toCommand && argv.length === 0) return '--to-command wants the command and its words'
  return !toCommand && argv.length > 0 ? `${argv[0]} means something after --to-command only` : undefined
}

function placeOf(path: string | undefined, argv: string[]): KeyPlace | undefined {
  if (path !== undefined) return { kind: 'file', path }
  return argv.length > 0 ? { kind: 'command', argv } : undefined
}

function rotatedLines({ key, where, keys, setting }: Rotated): Line[] {
  const lines: Line[] = [
    [`${count(keys, 'key')} of values ${keys === 1 ? 'is' : 'are'} under ${key} now, in ${where}`],
  ]
  if (setting) {
    const place = setting.kind === 'file' ? { file: setting.path } : { command: setting.argv }
    lines.push(
      [styled('warn', 'anneal.yaml is to say so, or nothing can be read:')],
      [`  secrets: ${JSON.stringify({ key: place })}`],
    )
  }
  return lines
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
