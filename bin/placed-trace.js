// A trace of the bundle as files and lines of the sources.
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const maps = new Map()

/** For `Error.prepareStackTrace`; `folder`: where the bundle is. */
export function placedTrace(error, frames, folder) {
  return [headOf(error), ...frames.map((frame) => `    at ${placed(frame, folder)}`)].join('\n')
}

function headOf(error) {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return 'Error' // whatever was thrown does not let itself be written
  }
}

function placed(frame, folder) {
  const shown = String(frame)
  const url = frame.getScriptNameOrSourceURL()
  const file = url?.startsWith('file:') ? fileURLToPath(url) : url
  if (!file || dirname(file) !== folder) return shown
  const found = mapOf(file)?.findEntry(frame.getLineNumber() - 1, frame.getColumnNumber() - 1)
  if (found?.originalSource === undefined) return shown
  const source = relative(process.cwd(), resolve(folder, found.originalSource))
  const at = `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`
  return shown.replace(/[^\s(]+:\d+:\d+/, at)
}

function mapOf(file) {
  if (!maps.has(file)) maps.set(file, read(`${file}.map`))
  return maps.get(file)
}

function read(path) {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}
