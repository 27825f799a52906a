// The command line on a real terminal: what it shows, and which controls in it are not its own.
import { spawn } from 'node:child_process'
import { ANNEAL } from './site-dir.ts'

/** `script` gives the command a terminal of its own, a wide one, and copies what is shown on it. */
export function onTerminal(directory: string, words: readonly string[]): Promise<string> {
  const command = [process.execPath, ANNEAL, ...words].map(quoted).join(' ')
  const { CI: _, NO_COLOR: __, ...env } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', `stty cols 400 rows 50; exec ${command}`, '/dev/null'], {
      cwd: directory,
      env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text
    })
    child.once('error', reject)
    child.once('close', () => resolve(shown))
  })
}

/** Controls that are left when ours are taken out, each with what stands around it. */
export function strangeControls(shown: string): string[] {
  return [...shown.replace(OURS, '').matchAll(CONTROL)].map(([text]) => JSON.stringify(text))
}

/** What Anneal itself sends: colours, erasing lines, moving among its own lines, the cursor, synchronised updates. */
// oxlint-disable-next-line no-control-regex -- terminal sequences are the subject
const OURS = /\u001b\[(?:[\d;]*m|\d*[AK]|0?J|\?(?:25|2026)[hl])|\r\n|\r(?=\u001b\[|[^\n])|\n/g

const CONTROL =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  /.{0,20}[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff].{0,20}/g

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
