// What can go wrong on a loop that is open, as faults with a sentence and advice.
import type { NodeFault } from '../model/run.ts'
import type { Work } from '../model/work.ts'
import { Garbled } from './frames.ts'

export function deadlineFault(work: Work): NodeFault {
  return {
    code: 'deadline',
    message: `it was not done after ${Math.round(work.deadlineMs / 100) / 10} s and was ended`,
    advice: 'A role that needs longer says so with `deadline`.',
  }
}

export function faultFrom(node: string, error: unknown): NodeFault {
  if (error instanceof Garbled) {
    return { code: 'garbled', message: `${node} does not keep to the protocol: ${error.message}` }
  }
  return { code: 'internal', message: `what ${node} sent could not be taken in: ${String(error)}` }
}

export const SUDO_ADVICE =
  'Let the login use sudo without a password (NOPASSWD in sudoers), or log in as root.'

function sudoFault(node: string, said: string, exit: number): NodeFault {
  const because = (message: string): NodeFault => ({ code: 'noSudo', message, advice: SUDO_ADVICE })
  if (exit === 127 || /not found|No such file/i.test(said)) return because(`there is no sudo on ${node}`)
  if (/password is required|a terminal is required/i.test(said))
    return because(`sudo on ${node} asks for a password`)
  if (/not in the sudoers|not allowed|may not run/i.test(said))
    return because(`the login may not use sudo on ${node}`)
  if (/must have a tty/i.test(said)) return because(`sudo on ${node} wants a terminal (Defaults requiretty)`)
  return because(`sudo on ${node} did not start a shell: ${said.trim().split('\n').at(-1) || `exit ${exit}`}`)
}

export function isCut(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return (
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code === 'ERR_STREAM_DESTROYED' ||
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    code === 'EIO' ||
    (error as Error).name === 'AbortError'
  )
}

/** What a loop says first. */
export type Greeting =
  | { is: 'ready'; uid: number; leftAsRoot: boolean }
  | { is: 'nowhere' | 'stuck'; words: string[] }
  | { is: 'down'; exit: number }
  | { is: 'lost'; fault: NodeFault }

/** `stderr`: what sudo complained of. */
export function greetingFault(node: string, greeting: Greeting, stderr: string): NodeFault {
  switch (greeting.is) {
    case 'lost':
      return greeting.fault
    case 'down':
      return sudoFault(node, stderr, greeting.exit)
    case 'nowhere':
      return {
        code: 'noShell',
        message: `${node} has no place where this login can write`,
        advice: `Tried: ${greeting.words.join(' ').slice(0, 500)}. One of them must be writable and private.`,
      }
    case 'stuck':
      return {
        code: 'connectionLost',
        message: `what an earlier session left running on ${node} does not end, even when killed`,
        advice:
          'Look for processes in uninterruptible sleep over there (ps, state D), often a dead network filesystem.',
      }
    case 'ready':
      return { code: 'internal', message: 'a loop that is ready was taken for one that is not' }
  }
}
