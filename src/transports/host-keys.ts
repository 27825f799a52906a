// Host keys: reads known_hosts files as OpenSSH writes them, for fingerprints to show and pins to point at.
import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'

export interface KnownKey {
  type: string
  /** `SHA256:...`, as ssh and ssh-keygen print it. */
  fingerprint: string
  file: string
  line: number
}

/** What `file` pins for a host as ssh names it: `host`, or `[host]:port`. Empty when the file is not there. */
export async function knownKeys(file: string, host: string): Promise<KnownKey[]> {
  const lines = await linesOf(file)
  return lines.flatMap((text, i) => {
    const entry = entryOf(text)
    if (entry === undefined || entry.marker === '@revoked' || !namesHost(entry.names, host)) return []
    return [{ type: entry.type, fingerprint: entry.fingerprint, file, line: i + 1 }]
  })
}

/** The key on one line, e.g. the one that ssh calls offending. */
export async function keyAt(file: string, line: number): Promise<KnownKey | undefined> {
  const entry = entryOf((await linesOf(file))[line - 1] ?? '')
  return entry === undefined ? undefined : { type: entry.type, fingerprint: entry.fingerprint, file, line }
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n')
}

interface Entry {
  marker: string | undefined
  names: string
  type: string
  fingerprint: string
}

/** `[@marker] names type base64 [comment]`, see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
function entryOf(line: string): Entry | undefined {
  const words = line.trim().split(/\s+/)
  if (words[0] === '' || words[0]?.startsWith('#')) return undefined
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  const [names, type, key] = words
  if (names === undefined || type === undefined || key === undefined) return undefined
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')
  return { marker, names, type, fingerprint: `SHA256:${digest}` }
}

function namesHost(names: string, host: string): boolean {
  const hashed = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(names)
  if (hashed !== null) {
    const [, salt = '', hash = ''] = hashed
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(host).digest('base64') === hash
  }
  return names.split(',').includes(host)
}
