// What ssh's last words mean: its exit and stderr as one fault with a sentence and advice.
import type { NodeFault, NodeFaultCode } from '../model/run.ts'
import type { Talk } from './loop.ts'
import type { WireEnd } from './wire.ts'

interface Reading {
  says: RegExp
  code: NodeFaultCode
  message: (place: string, match: RegExpExecArray) => string
  advice?: string
  /** See `NodeFault`. */
  passing?: boolean
}

/** In the order in which they are looked for: the more telling first. */
const READINGS: Reading[] = [
  {
    says: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/,
    code: 'hostKeyChanged',
    message: (place) => `${place} shows another host key than the one that is pinned`,
  },
  {
    says: /No \S+ host key is known for|authenticity of host .* can't be established/,
    code: 'hostKeyUnknown',
    message: (place) => `the host key of ${place} is not known, and your ssh settings let no new one in`,
    advice:
      'Add its key to known_hosts after comparing the fingerprint, or set StrictHostKeyChecking accept-new.',
  },
  {
    says: /REVOKED|revoked host key/i,
    code: 'hostKeyChanged',
    message: (place) => `${place} shows a host key that is marked as revoked`,
  },
  {
    says: /Host key verification failed/,
    code: 'hostKeyUnknown',
    message: (place) => `the host key of ${place} was not accepted`,
  },
  {
    says: /Temporary failure in name resolution/,
    code: 'unreachable',
    message: (place) => `the name of ${place} leads nowhere: no name server answers`,
    advice: 'Check `host` in anneal.yaml, /etc/resolv.conf and the way to its name server.',
    passing: false,
  },
  {
    says: /Could not resolve hostname (\S+)?|Name or service not known/,
    code: 'unreachable',
    message: (place) => `the name of ${place} leads nowhere`,
    advice: 'Check `host` in anneal.yaml, DNS and /etc/hosts.',
  },
  {
    says: /UNPROTECTED PRIVATE KEY FILE|bad permissions/,
    code: 'accessDenied',
    message: (place) => `ssh does not use the key for ${place}: its file is open to others`,
    advice: 'chmod 600 the private key.',
  },
  {
    says: /Permission denied( \(([^)]*)\))?|Too many authentication failures|No more authentication methods/,
    code: 'accessDenied',
    message: (place, match) =>
      `${place} lets nobody in with the keys at hand${match[2] === undefined ? '' : ` (it takes ${match[2]})`}`,
    advice:
      'Try `ssh -o BatchMode=yes` to it by hand; no password or passphrase is asked for here, so keys must be in an agent.',
  },
  {
    says: /Connection refused/,
    code: 'unreachable',
    message: (place) => `${place} is up, but nothing listens for ssh there`,
    advice: 'Is sshd running, and is `port` right?',
  },
  {
    says: /timed out during banner exchange|banner exchange: .*timed out/,
    code: 'unreachable',
    message: (place) => `${place} takes the connection but does not answer`,
    advice: 'The machine may hang or be overloaded.',
    passing: false,
  },
  {
    says: /Connection timed out|Operation timed out|timed out/,
    code: 'unreachable',
    message: (place) => `${place} does not answer`,
    advice: 'Is it switched on, and does a firewall stand between?',
    passing: false,
  },
  {
    // Nobody said to the last router, or to this kernel, that the address is theirs.
    says: /No route to host/,
    code: 'unreachable',
    message: (place) => `${place} does not answer: its network knows no machine of that address`,
    advice: 'Is it switched on, is the address right, and does a firewall stand between?',
  },
  {
    says: /Network is unreachable/,
    code: 'unreachable',
    message: (place) => `there is no way through the network to ${place}`,
    advice: 'Does this machine have a route to its network?',
  },
  {
    says: /Unable to negotiate with .*? port \d+: (.*)/,
    code: 'unreachable',
    message: (place, match) => `${place} and the ssh here have no common ground: ${match[1]?.trim()}`,
  },
  {
    says: /(kex_exchange_identification|Connection closed by|Connection reset by|Broken pipe|ssh_exchange_identification)[^\n]*/,
    code: 'unreachable',
    message: (place, match) => `${place} hung up before the login was done (${match[0].trim()})`,
    advice: 'sshd may be at its limit (MaxStartups), or refuse this address.',
    passing: true,
  },
  {
    says: /(Bad configuration option|Bad owner or permissions on|terminating, \d+ bad configuration|Unsupported option|Can't open user config file)[^\n]*/i,
    code: 'unreachable',
    message: (place, match) => `ssh does not take its settings for ${place}: ${match[0].trim()}`,
  },
]

export function sshFault(place: string, end: WireEnd, talk: Talk, phase: 'opening' | 'open'): NodeFault {
  if (end.how === 'never started') {
    return {
      code: 'unreachable',
      message: `the ssh client cannot be started here: ${end.cause}`,
      advice: 'Install the OpenSSH client.',
    }
  }
  if (phase === 'open') {
    const said = lastWords(talk.stderr)
    return {
      code: 'connectionLost',
      message: `the connection to ${place} was lost${said === undefined ? '' : `: ${said}`}`,
    }
  }
  // Any other exit is the far side's own; what it says is not about the way there.
  const readings = end.how === 'exit' && end.code !== 255 ? [] : READINGS
  for (const { says, code, message, advice, passing } of readings) {
    const match = says.exec(talk.stderr)
    if (match === null) continue
    return {
      code,
      message: message(place, match),
      ...(advice === undefined ? {} : { advice }),
      ...(passing === undefined ? {} : { passing }),
    }
  }
  const said = lastWords(talk.stderr) ?? lastWords(talk.stdout)
  if (end.how === 'exit' && end.code === 255) {
    return {
      code: 'unreachable',
      message: `ssh to ${place} failed${said === undefined ? ' without a word' : `: ${said}`}`,
    }
  }
  if (end.how === 'signal' && !talk.stderr.includes('Authenticated to ')) {
    return {
      code: 'unreachable',
      message: `${place} does not answer: the login was not done in time`,
      advice: 'Is it switched on, overloaded, or behind a firewall?',
      passing: false,
    }
  }
  if (end.how === 'signal') {
    return {
      code: 'noShell',
      message: `${place} let us in, but no shell began to work in time${said === undefined ? '' : `; it said: ${said}`}`,
      advice: 'A start file of the login shell may wait for input or run for long.',
      passing: false,
    }
  }
  return {
    code: 'noShell',
    message: `${place} let us in, but gives this login no POSIX sh (exit ${end.code})${said === undefined ? '' : `: ${said}`}`,
    advice: 'The login needs a shell that can run `sh`; a forced command or nologin is in the way.',
  }
}

/** Without what ssh says when all is well. */
function lastWords(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const chatter = /^(Warning: Permanently added|Authenticated to |Transferred: |Bytes per second: )/
  return lines.findLast((line) => line !== '' && !chatter.test(line))?.slice(0, 300)
}
