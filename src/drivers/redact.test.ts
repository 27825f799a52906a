// Secrets are blotted out in every form and across any cut of the stream; everything else stays as it was.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Redactor, secretForms } from './redact.ts'

const SECRET = 'p/ss "w+rd"?\\ü'

describe('a secret is not shown', () => {
  test.each([
    ['plain', SECRET],
    ['in JSON', JSON.stringify({ password: SECRET })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ password: SECRET }))],
    ['in a URL', `https://u:${encodeURIComponent(SECRET)}@h/`],
    ['in a form', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['in JSON of ASCII', '{"p":"p/ss \\"w+rd\\"?\\\\\\u00fc"}'],
    ['in JSON with slashes escaped', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    ['in a URL, by other hands', `?p=${encodeURIComponent(SECRET).replaceAll('%2F', '/').toLowerCase()}`],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 for URLs', Buffer.from(SECRET).toString('base64url')],
    ['in base64, after one byte', Buffer.from(`u${SECRET}`).toString('base64')],
    ['in base64, in a pair', Buffer.from(`user:${SECRET}`).toString('base64')],
    ['in base64, in the midst', Buffer.from(`ab${SECRET}cd`).toString('base64')],
  ])('%s', (_name, text) => {
    const shown = redact([SECRET], [Buffer.from(`before ${text} after`)])
    expect(shown).toMatch('••••••')
    expect(shown).toMatch(/^before /)
    expect(shown).toMatch(/ after$/)
    const leaked = Buffer.from(SECRET).toString('base64').slice(4, 12)
    for (const part of ['ss "w', 'ss%20', leaked]) expect(shown.includes(part)).toBe(false)
  })

  test.each([
    ["it's (a) secret!*", 'it%27s%20%28a%29%20secret%21%2A'],
    ["it's (a) secret!*", "+ login 'it'\\''s (a) secret!*'"],
    ["it's (a) secret!*", 'it%27s+%28a%29+secret%21%2a'],
  ])('%j nor as %j', (secret, text) => {
    expect(redact([secret], [Buffer.from(text)])).not.toMatch(/secret/)
  })

  test.each([64, 76])('nor in base64 that is broken into lines of %i', (width) => {
    const secret = Array.from({ length: 40 }, (_, i) => `word${i}`).join('-')
    for (const text of [secret, `${secret}\n`]) {
      const lines = Buffer.from(text)
        .toString('base64')
        .match(new RegExp(`.{1,${width}}`, 'g')) as string[]
      const shown = redact([secret], [Buffer.from(`${lines.join('\n')}\n`)]).split('\n')
      // Of the last line what the bytes after the secret have a part in is left.
      for (const line of shown) expect(line).toMatch(/^•+.{0,4}$|^$/)
    }
  })

  test('nor the lines of one that has several, nor values within values', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n'
    expect(redact([key], [Buffer.from(`+ line kqhkiG9w0BAQEF\n-----BEGIN KEY-----\n`)])).toBe(
      '+ line ••••••\n-----BEGIN KEY-----\n',
    )
    expect(redact([key], [Buffer.from(`[${key}]`)])).toBe('[••••••]')
    expect(redact([{ a: ['deep-secret', 12345678] }], [Buffer.from('deep-secret 12345678 1234')])).toBe(
      '•••••• •••••• 1234',
    )
  })

  test('in any cut of the stream', () => {
    const noise = fc.string({ unit: fc.constantFrom('p', '/', 's', ' ', '"', '\n', 'x'), maxLength: 12 })
    fc.assert(
      fc.property(
        fc.array(noise, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(200), { maxLength: 12 }),
        (parts, cuts) => {
          const text = parts.join(SECRET)
          const whole = Buffer.from(text)
          const places = [...new Set([0, ...cuts.map((at) => at % (whole.length + 1)), whole.length])].sort(
            (a, b) => a - b,
          )
          const chunks = places.slice(1).map((to, i) => whole.subarray(places[i], to))
          const shown = redact([SECRET], chunks)
          expect(shown).toBe(text.replaceAll(SECRET, '••••••'))
        },
      ),
    )
  })
})

test('without secrets, and with ones too short to mean anything, all stays', () => {
  for (const values of [[], ['abc', 1, true, null]]) {
    expect(redact(values, [Buffer.from('abc 1 true null')])).toBe('abc 1 true null')
  }
})

test('a secret that is another one’s beginning does not leave its rest to be seen', () => {
  expect(
    redact(['alpha-beta', 'alpha-beta-gamma'], [Buffer.from('x alpha-beta'), Buffer.from('-gamma y')]),
  ).toBe('x •••••• y')
})

function redact(values: Parameters<typeof secretForms>[0], chunks: Buffer[]): string {
  const redactor = new Redactor(secretForms(values))
  return Buffer.concat([...chunks.map((chunk) => redactor.push(chunk)), redactor.end()]).toString()
}
