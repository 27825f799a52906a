// The lines of a response that is told while things happen: one JSON value each.
import type { Fetched } from './request.ts'

export async function* jsonLinesOf<T>(response: Pick<Fetched, 'body'>): AsyncIterable<T> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of response.body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line) as T
  }
}
