// Recent answers: what was worked out of a text lately is not worked out again, and takes no more room than it is given.

/** `characters`: so many of all texts are kept at least, and not twice as many. `answer` must say the same of a text each time. */
export function rememberRecent<Answer extends {} | null>(
  characters: number,
  answer: (text: string) => Answer,
): (text: string) => Answer {
  let young = new Map<string, Answer>()
  let old = new Map<string, Answer>()
  let room = characters
  return (text) => {
    const known = young.get(text)
    if (known !== undefined) return known
    const found = old.get(text) ?? answer(text)
    young.set(text, found)
    room -= text.length + 1
    if (room < 0) {
      old = young
      young = new Map()
      room = characters
    }
    return found
  }
}
