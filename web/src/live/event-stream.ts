// Reads server-sent events from a response; by fetch, so that a refusal can be read and the place to go on from is ours.

/** An id that comes alone, for who resumes, is a message `id` without data. */
export interface StreamMessage {
  id?: string
  event: string
  data: string
}

/** Resolves when the stream ends; rejects when the connection breaks. Comments (heartbeats) come as `onBeat`. */
export async function readEventStream(
  body: ReadableStream<Uint8Array>,
  onMessage: (message: StreamMessage) => void,
  onBeat: () => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onBeat()
    rest = splitMessages(rest + value, onMessage)
  }
}

/** Gives what is left of a message that is not whole yet. */
export function splitMessages(text: string, onMessage: (message: StreamMessage) => void): string {
  let at = 0
  for (;;) {
    const end = text.indexOf('\n\n', at)
    if (end < 0) return at === 0 ? text : text.slice(at)
    const message = messageIn(text.slice(at, end))
    if (message !== undefined) onMessage(message)
    at = end + 2
  }
}

function messageIn(block: string): StreamMessage | undefined {
  let id: string | undefined
  let event = 'message'
  let data: string | undefined
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
  }
  if (data === undefined) return id === undefined ? undefined : { id, event: 'id', data: '' }
  return { event, data, ...(id === undefined ? {} : { id }) }
}
