// Reading server-sent events in tests: message by message, until whoever reads has had enough.
export interface Sse {
  id?: string
  event: string
  data: string
}

/** Ends when the server ends it, or the signal comes. */
export async function* sse(
  url: string,
  init: { lastId?: number | undefined; signal?: AbortSignal; headers?: Record<string, string> } = {},
): AsyncGenerator<Sse> {
  const headers = {
    accept: 'text/event-stream',
    ...init.headers,
    ...(init.lastId === undefined ? {} : { 'last-event-id': String(init.lastId) }),
  }
  let rest = ''
  const decoder = new TextDecoder()
  try {
    const response = await fetch(url, { headers, ...(init.signal ? { signal: init.signal } : {}) })
    if (!response.ok) throw new Error(await response.text())
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true })
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const message = messageOf(rest.slice(0, end))
        rest = rest.slice(end + 2)
        if (message) yield message
      }
    }
  } catch (error) {
    if (!init.signal?.aborted) throw error
  }
}

function messageOf(block: string): Sse | undefined {
  const message: Sse = { event: 'message', data: '' }
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) message.id = line.slice(4)
    if (line.startsWith('event: ')) message.event = line.slice(7)
    if (line.startsWith('data: ')) message.data += line.slice(6)
  }
  return message.data === '' && message.id === undefined ? undefined : message
}
