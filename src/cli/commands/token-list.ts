// `anneal token list`: tokens of programs, what each may, until when, and when it was used last.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { tokenTable } from '../token-text.ts'

export type ListFlags = SiteFlags & { all: boolean }

export default async function list(door: Door, flags: ListFlags): Promise<ExitCode> {
  return door.reading(flags, async ({ access }) => {
    const found = await access.tokens()
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const shown = flags.all ? found.value : found.value.filter(({ state }) => state === 'valid')
    if (flags.json) {
      const lines = door.json('tokens', { count: shown.length })
      for (const token of shown) lines.line('token', token)
    } else if (shown.length === 0) door.talk([['no token is valid']])
    else door.print(tokenTable(shown, door.width()))
    return EXIT.ok
  })
}
