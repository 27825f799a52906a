// Opening: the settings of a server with what they refer to (certificate, secrets), or why it must not open.
import { readFile } from 'node:fs/promises'
import type { ReadSecret } from '../model/observe-settings.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { openingFaults, type ServerSettings } from '../model/server-settings.ts'

export interface Opening {
  settings: ServerSettings
  /** PEM. */
  tls?: { cert: string; key: string }
  clientSecret?: string
}

/** `listen`: instead of what the settings say. */
export async function openingOf(
  read: ServerSettings,
  listen: ServerSettings['listen'] | undefined,
  readSecret: ReadSecret,
): Promise<Answer<Opening>> {
  const settings = listen === undefined ? read : { ...read, listen }
  const [fault] = openingFaults(settings)
  if (fault)
    return refuse({ code: 'cannotListen', message: `${fault.message}; ${fault.advice} (server.yaml)` })
  const opening: Opening = { settings }
  if (settings.tls) {
    const cert = await textOf(settings.tls.cert)
    const key = await textOf(settings.tls.key)
    if (!cert.ok) return cert
    if (!key.ok) return key
    opening.tls = { cert: cert.value, key: key.value }
  }
  if (settings.oidc?.clientSecret) {
    const secret = await readSecret(settings.oidc.clientSecret)
    if (!secret.ok) return no(secret.message)
    opening.clientSecret = secret.value
  }
  return answer(opening)
}

async function textOf(path: string): Promise<Answer<string>> {
  try {
    return answer(await readFile(path, 'utf8'))
  } catch (error) {
    return no(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}

function no<T>(message: string): Answer<T> {
  return refuse({ code: 'cannotListen', message: `${message} (server.yaml)` })
}
