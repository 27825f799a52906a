// How many logins go on at once: a setting of the machine that logs in, as what bounds it is that machine and the way from there.
import { LOGINS_AT_ONCE } from '../model/run.ts'

const LOGINS_VARIABLE = 'ANNEAL_LOGINS'

/** More would be connections without end where nobody answers: each is a process for as long as it is called. */
const MOST = 1_000

/** What cannot be used is said, on stderr where nobody else is to hear it, and left aside. */
export function loginsAtOnce(
  env: Readonly<Record<string, string | undefined>> = process.env,
  notice = (message: string): void => void process.stderr.write(`anneal: ${message}\n`),
): number {
  const told = env[LOGINS_VARIABLE]?.trim()
  if (told === undefined || told === '') return LOGINS_AT_ONCE
  const logins = /^\d{1,4}$/.test(told) ? Number(told) : 0
  if (logins >= 1 && logins <= MOST) return logins
  notice(`${LOGINS_VARIABLE} is to be a number from 1 to ${MOST}: ${LOGINS_AT_ONCE} logins go on at once`)
  return LOGINS_AT_ONCE
}
