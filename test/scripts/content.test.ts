// What loading a site says of good and bad files: golden scripts over sites written to a scratch directory.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import { loadSite } from '../../src/content/load-site.ts'
import type { Fault } from '../../src/model/fault.ts'
import { goldenScripts, type Step } from './golden.ts'

const scratch: string[] = []
afterAll(() => Promise.all(scratch.map((site) => rm(site, { recursive: true, force: true }))))

goldenScripts(fileURLToPath(new URL('./content', import.meta.url)), () => {
  let site: string | undefined
  return async (step) => {
    if (site === undefined) {
      site = await mkdtemp(join(tmpdir(), 'anneal-content-'))
      scratch.push(site)
    }
    switch (step.directive) {
      // A new site: what was written before is gone.
      case 'begin':
        await rm(site, { recursive: true, force: true })
        await mkdir(site)
        return ''
      case 'write':
        return write(site, step.args, `${step.body}\n`)
      // The body is a JSON string, one byte a character: for what a text file cannot show.
      case 'bytes':
        return write(site, step.args, Buffer.from(JSON.parse(step.body) as string, 'latin1'))
      case 'link':
        return link(site, step)
      case 'validate':
        return told(site)
      case 'show':
        return show(site, step.args)
      default:
        throw new Error(`line ${step.line}: no directive ${step.directive}`)
    }
  }
})

async function write(site: string, path: string, text: string | Uint8Array): Promise<string> {
  await mkdir(dirname(join(site, path)), { recursive: true })
  await writeFile(join(site, path), text)
  return ''
}

async function link(site: string, step: Step): Promise<string> {
  const [path = '', target = ''] = step.args.split(' ')
  await symlink(target, join(site, path))
  return ''
}

async function told(site: string): Promise<string> {
  const loaded = await loadSite(site, { shippedPackages: join(site, 'shipped') })
  const faults = loaded.ok ? [] : loaded.faults
  const { warnings } = loaded
  return [
    ...warnings.map((warning) => `warning: ${toldFault(warning, site)}`),
    ...faults.map((fault) => toldFault(fault, site)),
    ...(loaded.ok ? ['ok'] : []),
  ].join('\n')
}

function toldFault({ file, line, column, code, message, frame, advice }: Fault, site: string): string {
  const shown = [
    `${file}:${line}:${column}: ${message} [${code}]`,
    ...(frame === undefined ? [] : frame.split('\n')),
  ]
  if (advice !== undefined) shown.push(`  -> ${advice}`)
  return shown.join('\n').replaceAll(site, '<site>')
}

/** The part of the loaded site at a dotted path. */
async function show(site: string, path: string): Promise<string> {
  const loaded = await loadSite(site, { shippedPackages: join(site, 'shipped') })
  if (!loaded.ok) return told(site)
  let here: unknown = loaded.site
  for (const word of path.split(' ')) here = (here as Record<string, unknown>)[word]
  return canonical(here as Json)
    .replaceAll(site, '<site>')
    .replaceAll(/[0-9a-f]{64}/g, '<digest>')
}
