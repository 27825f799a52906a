// Cookies: the one that a session rests on, and the one that remembers a sign-in under way.
/** Under TLS with the prefix that forbids others of the domain to set it. */
export function cookieName(what: 'session' | 'signIn', secure: boolean): string {
  const name = what === 'session' ? 'anneal_session' : 'anneal_sign_in'
  return secure ? `__Host-${name}` : name
}

/** The first of that name; hostile headers give at worst a value that nobody knows. */
export function readCookie(headers: Headers, name: string): string | undefined {
  for (const part of (headers.get('cookie') ?? '').slice(0, LENGTH_MOST).split(';')) {
    const [key, ...value] = part.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}

const LENGTH_MOST = 8_192

/**
 * `sameSite` lax: the identity provider sends people back from a page of its own, and the sign-in under way must be known
 * then. A session is strict: no link of anybody else uses it.
 */
export function setCookie(
  name: string,
  value: string,
  { secure, maxAgeS, sameSite }: { secure: boolean; maxAgeS: number; sameSite: 'Strict' | 'Lax' },
): string {
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', `SameSite=${sameSite}`, `Max-Age=${maxAgeS}`]
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ')
}
