// For `node --import`: writes on stderr, when the process ends, which files of ours and which npm packages its main thread loaded.
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const loaded = new Set<string>()
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) loaded.add(fileURLToPath(url))
    return next(url, context)
  },
})
process.on('exit', () => void process.stderr.write(`${JSON.stringify([...loaded])}\n`))
