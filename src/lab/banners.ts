// Waits inside a lab's network until every given address answers as an ssh server does; prints each as it comes.
// usage: node banners.ts DEADLINE_S ADDRESS=ENDED...     ENDED: a file that appears when there is nothing to wait for any more
// Ends with 1 when some have not answered. It is a program of its own because it must stand in the lab's namespaces.
import { existsSync } from 'node:fs'
import { connect } from 'node:net'

const RETRY_MS = 25

const [seconds, ...waits] = process.argv.slice(2)
const deadline = AbortSignal.timeout(Number(seconds) * 1_000)
await Promise.all(waits.map((wait) => untilBanner(...(wait.split('=') as [string, string]))))

async function untilBanner(address: string, ended: string): Promise<void> {
  while (!(await answers(address))) {
    if (deadline.aborted || existsSync(ended)) {
      process.exitCode = 1
      return
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
  process.stdout.write(`${address}\n`)
}

/** Nothing tells us when a server begins to listen, so this asks again: a closed port says no at once. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 2_000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (data) => end(data.toString().startsWith('SSH-2.0-')))
    socket
      .once('timeout', () => end(false))
      .once('error', () => end(false))
      .once('close', () => end(false))
  })
}
