// Bytes as text in JSON: UTF-8 as it is, and every byte that is none as a code point that says which it was.

/** Bytes that are no UTF-8 stand as lone surrogates (PEP 383), so that whoever wants them back has them. */
export function byteText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\uFFFD')) return text
  let out = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at)
    out +=
      length === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] as number))
        : bytes.toString('utf8', at, at + length)
    at += Math.max(1, length)
  }
  return out
}

/** How long the character is that begins there; 0 where none does. */
function sequenceAt(bytes: Buffer, at: number): number {
  const first = bytes[at] as number
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  return bytes.toString('utf8', at, at + length).includes('\uFFFD') ? 0 : length
}
