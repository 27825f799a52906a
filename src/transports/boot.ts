// What brings the far-end loop to life: a login command that any login shell can read, then the loop over stdin.
import { readFileSync } from 'node:fs'
import { MARK } from './frames.ts'

/** What `sh -c` is given: evaluates the first line of `boot`, our own text. */
export const FIRST_COMMAND = 'IFS= read -r a; eval "$a"'

/** For fish, csh and whatever else is a login shell there: no newline, no single quote within, no backslash, no `!`. */
export const LOGIN_COMMAND = `exec sh -c '${FIRST_COMMAND}'`

export interface BootNames {
  /** Begins every mark, after `MARK`; known to the two ends only. */
  nonce: string
  /** 0: as the login; 1: under sudo. */
  level: 0 | 1
  /** Whose leftovers are ours to end: one slot per site and node. A plain file name. */
  slot: string
  /** Tells this session's files from those of earlier ones. */
  id: string
}

export function boot(names: BootNames): string {
  const settings = [`a_nonce=${MARK}${names.nonce}${names.level}`, `a_key=${names.slot}`, `a_id=${names.id}`]
  return `${READER}\n${settings.join('\n')}\n${LOOP}\n#end\n`
}

/** Gathers lines up to `#end` and evaluates them. */
const READER =
  'a_l=$(printf "\\nx");a_l=${a_l%x};a_t=;while IFS= read -r a&&[ "$a" != "#end" ];do a_t=$a_t$a$a_l;done;[ "$a" = "#end" ]||exit 1;eval "$a_t"'

/** Each byte costs the far end a system call. */
const LOOP = readFileSync(new URL('./far-end.sh', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !/^#( |$)/.test(line))
  .join('\n')
