// What SQLite and the file system say when they refuse, told apart: damage in the file, or a fault of the world.

/** Primary result codes, https://www.sqlite.org/rescode.html */
const FAULTS: Record<number, string> = {
  3: 'permission denied',
  5: 'another process has it locked',
  6: 'another process has it locked',
  8: 'it is read-only',
  10: 'the disk reported an I/O error',
  13: 'the disk is full',
  14: 'the file cannot be opened',
  23: 'permission denied',
}
export const BUSY = 5
/** A page that should be there is beyond the end of the file. */
const SHORT_READ = 522

const SYSTEM: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EIO: 'the disk reported an I/O error',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a directory',
  EMFILE: 'too many files are open',
}

/** Extended result code, or undefined when the error is not SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined
}

/** A fault of the world in an operator's words; undefined when it is something else, e.g. damage. */
export function faultOf(error: unknown): string | undefined {
  const code = sqliteCode(error)
  if (code !== undefined) return code === SHORT_READ ? undefined : FAULTS[code & 0xff]
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return SYSTEM[String(error.code)] ?? error.message
}

export function textOf(error: unknown): string {
  return faultOf(error) ?? (error instanceof Error ? error.message : String(error))
}
