// Runs a selection of tests with vitest in some directory, and says which of them failed.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Selection } from './defect.ts'

export interface Told {
  passed: string[]
  failed: string[]
  /** Why there is no list of tests to go by: a file that does not load, a run without an end. */
  trouble?: string
  tookMs: number
}

/** On a busy machine, too, a selection is done long before; longer than a test may take, so that one that waits in vain is told by name. */
const LIMIT_MS = 420_000

export async function runTests(home: string, { path, only, seed, runs }: Selection): Promise<Told> {
  const report = join(home, 'teeth-report.json')
  rmSync(report, { force: true })
  const startedAt = performance.now()
  const ended = await vitest(home, [path, ...(only === undefined ? [] : ['-t', only])], report, {
    ANNEAL_SHRINK: 'no',
    ...(seed === undefined ? {} : { ANNEAL_SEED: String(seed) }),
    ...(runs === undefined ? {} : { ANNEAL_RUNS: String(runs) }),
  })
  const tookMs = performance.now() - startedAt
  if (!ended) return { passed: [], failed: [], trouble: `it did not end within ${LIMIT_MS / 1000} s`, tookMs }
  return { ...readReport(report), tookMs }
}

function vitest(home: string, args: string[], report: string, env: Record<string, string>): Promise<boolean> {
  const program = join(home, 'node_modules', 'vitest', 'vitest.mjs')
  const output = ['--reporter=json', `--outputFile=${report}`, '--bail=1', '--maxWorkers=1']
  const child = spawn(process.execPath, [program, 'run', '--project=house', ...args, ...output], {
    cwd: home,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    // A group of its own, so that its workers end with it.
    detached: true,
  })
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }
  process.once('exit', end)
  return new Promise((done) => {
    let inTime = true
    const timer = setTimeout(() => {
      inTime = false
      end()
    }, LIMIT_MS)
    child.once('close', () => {
      clearTimeout(timer)
      process.off('exit', end)
      done(inTime)
    })
  })
}

interface Report {
  testResults: { message: string; assertionResults: { fullName: string; status: string }[] }[]
}

function readReport(path: string): Omit<Told, 'tookMs'> {
  let report: Report
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return { passed: [], failed: [], trouble: 'vitest left no report' }
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const named = (status: string): string[] =>
    tests.filter((test) => test.status === status).map(({ fullName }) => fullName.trim())
  const broken = report.testResults.find(({ message }) => message !== '')?.message
  const told = { passed: named('passed'), failed: named('failed') }
  return told.failed.length === 0 && broken !== undefined ? { ...told, trouble: broken } : told
}
