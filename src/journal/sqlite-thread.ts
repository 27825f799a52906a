// The writing thread of a SQLite journal, so that a slow disk does not stop the engine's loop.
import { parentPort } from 'node:worker_threads'
import { textOf } from './sqlite-errors.ts'
import type { Order, Reply } from './sqlite-protocol.ts'
import { openWritingEnd, type WritingEnd } from './sqlite-writing-end.ts'

const port = parentPort
if (!port) throw new Error('sqlite-thread.ts is a worker thread')
let end: WritingEnd | undefined

port.on('message', (order: Order) => {
  port.postMessage(carryOut(order))
  if (order.kind === 'close') port.close()
  else end?.checkpointWhenIdle()
})
port.postMessage({} satisfies Reply)

function carryOut(order: Order): Reply {
  try {
    if (order.kind === 'open') end = openWritingEnd(order.start)
    else if (order.kind === 'write') end?.write(order.load)
    else end?.close(true)
    return {}
  } catch (error) {
    return { fault: textOf(error) }
  }
}
