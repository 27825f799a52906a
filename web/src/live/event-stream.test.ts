// Server-sent events, cut anywhere by the network, are read as if they had come in one piece.
import { expect, test } from 'vitest'
import { splitMessages, type StreamMessage } from './event-stream.ts'

const WHOLE = ': hello\n\nid: 7\nevent: held\ndata: {"a":\ndata: 1}\n\nevent: states\ndata:{}\n\nid: 9\n\n'

test('messages are whole wherever the stream was cut', () => {
  const wanted: StreamMessage[] = [
    { id: '7', event: 'held', data: '{"a":\n1}' },
    { event: 'states', data: '{}' },
    { id: '9', event: 'id', data: '' },
  ]
  for (let cut = 0; cut <= WHOLE.length; cut++) {
    const heard: StreamMessage[] = []
    const rest = splitMessages(WHOLE.slice(0, cut), (message) => heard.push(message))
    expect(splitMessages(rest + WHOLE.slice(cut), (message) => heard.push(message))).toBe('')
    expect(heard).toEqual(wanted)
  }
})
