// Opens a link in the browser of whoever sits here, where there is a desktop, and shows it to nobody else.
import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'

/** By way of `page`, a file for its owner alone: what stands on a command line is seen by everybody on the machine. */
export function openInBrowser(
  url: string,
  page: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const isMac = process.platform === 'darwin'
  if (!isMac && env['DISPLAY'] === undefined && env['WAYLAND_DISPLAY'] === undefined)
    return Promise.resolve(false)
  rmSync(page, { force: true })
  const text = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${encodeURI(url)}">\n`
  writeFileSync(page, text, { mode: 0o600, flag: 'wx' })
  return new Promise((resolve) => {
    const opener = spawn(isMac ? 'open' : 'xdg-open', [page], { stdio: 'ignore', detached: true })
    opener.once('error', () => resolve(false))
    opener.once('spawn', () => {
      opener.unref()
      resolve(true)
    })
  })
}
