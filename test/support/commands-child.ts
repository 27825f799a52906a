// Many commands in one process, one after the other, each by the program's own entry: reads their words as JSON, a line each, and says
// in a line each how it ended and what it printed. What a command does at its end by ending its process is not to be seen here.
import { createInterface } from 'node:readline'

const answer = process.stdout.write.bind(process.stdout)
let printed = { stdout: '', stderr: '' }
for (const stream of ['stdout', 'stderr'] as const)
  process[stream].write = (text: string | Uint8Array): boolean => {
    printed[stream] += typeof text === 'string' ? text : Buffer.from(text).toString()
    return true
  }

let count = 0
for await (const line of createInterface({ input: process.stdin })) {
  printed = { stdout: '', stderr: '' }
  process.argv = [...process.argv.slice(0, 2), ...(JSON.parse(line) as string[])]
  process.exitCode = undefined
  // The roof does its work when it is loaded: under another name each time, while all below it is loaded once.
  await import(`../../src/main.ts?${++count}`)
  answer(`${JSON.stringify({ code: process.exitCode ?? 0, ...printed })}\n`)
}
process.exit(0)
