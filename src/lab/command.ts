// Starts system commands: to the end with their output, or step by step; a bad end is a fault with its last words.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { LabFault } from './fault.ts'

export type CommandResult = { code: number; stdout: string; stderr: string }
export type CommandOptions = {
  input?: string
  env?: NodeJS.ProcessEnv
  /** Gets each line of stderr and stdout as it comes: talk for a person who waits. */
  onLine?: (line: string) => void
  /** A file that takes the output, for a command that leaves something running behind. */
  detach?: string
}

/** Runs to the end and gives back whatever it ended with. Rejects only when it could not be started. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...args] = argv as [string, ...string[]]
  if (options.detach !== undefined) return runDetached(file, args, options.detach)
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'pipe', env: options.env ?? process.env })
    const stdout = collect(child, 'stdout', options.onLine)
    const stderr = collect(child, 'stderr', options.onLine)
    child.once('error', (cause) => reject(new LabFault('command-failed', `${file}: ${cause.message}`, cause)))
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15), stdout: stdout(), stderr: stderr() })
    })
    child.stdin.on('error', () => {}) // a command that does not read its input may close it
    child.stdin.end(options.input ?? '')
  })
}

/** What stays behind must not hold a pipe of ours, or we would never end. */
function runDetached(file: string, args: string[], log: string): Promise<CommandResult> {
  const output = openSync(log, 'a')
  return new Promise<CommandResult>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', output, output] })
    child.once('error', (cause) => reject(new LabFault('command-failed', `${file}: ${cause.message}`, cause)))
    child.once('exit', (code) => resolve({ code: code ?? 143, stdout: '', stderr: `see ${log}` }))
  }).finally(() => closeSync(output))
}

/** Runs to the end and insists on success. `purpose` opens the fault's sentence: "could not PURPOSE". */
export async function must(
  purpose: string,
  argv: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const result = await run(argv, options)
  if (result.code !== 0) {
    throw new LabFault('command-failed', `could not ${purpose}: ${lastWords(result)} (exit ${result.code})`)
  }
  return result.stdout
}

function lastWords({ stdout, stderr }: CommandResult): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n')
  return lines.slice(-3).join(' / ') || 'it said nothing'
}

const KEPT_CHARACTERS = 1 << 20

function collect(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  onLine?: (line: string) => void,
): () => string {
  let text = ''
  let rest = ''
  child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-KEPT_CHARACTERS)
    if (!onLine) return
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    lines.forEach(onLine)
  })
  return () => text
}
