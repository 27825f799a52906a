// One run of a program: milliseconds to the first byte on its stdout and to its end, and how much it wrote there.
import { spawn } from 'node:child_process'
import type { Sample } from '../harness/question.ts'

/** A program that says nothing has said its first at its end. */
export async function said(file: string, args: readonly string[]): Promise<Sample> {
  const startedAt = performance.now()
  let first: number | undefined
  let bytes = 0
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.on('data', (chunk: Buffer) => {
    first ??= performance.now() - startedAt
    bytes += chunk.length
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  const end = performance.now() - startedAt
  return { first: first ?? end, end, said: bytes / 1_000 }
}
