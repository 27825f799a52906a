// Shows the files of a role as they would be written and as they were, without its secrets: what is hidden was never rendered.
import { isUtf8 } from 'node:buffer'
import { isObject, type Json, objectFrom } from '../base/json.ts'
import { nodeRoleName } from '../model/names.ts'
import { NOBODY_WAITS } from '../model/refusal.ts'
import type { FilesBasis, FilesOrder, FileView, ShowFiles } from '../model/rendered-files.ts'
import type { Role } from '../model/role.ts'
import { referenceIn } from '../model/secret-reference.ts'
import type { WorkFile } from '../model/work.ts'
import type { Surroundings } from './driver.ts'
import { lineDifference } from './line-difference.ts'
import { secretForms } from './redact.ts'
import { redacted, renderFiles } from './script-work.ts'

/** So much of one file is shown; more nobody reads in a list. */
const SHOWN_MOST = 256 * 1024
const BLOT = '••••••'

type Rendered = { ok: true; files: ReadonlyMap<string, WorkFile> } | { ok: false; message: string }

/** A side as it is and as it may be shown. */
interface Side {
  whole: Rendered
  shown: Rendered
}

export function showFiles(render: Surroundings['render']): ShowFiles {
  return async (order, blob, signal) => {
    const surroundings = whileAwaited({ blob, render }, signal)
    const sideOf = async (basis: FilesBasis | undefined): Promise<Side | undefined> => {
      if (!basis) return undefined
      const whole = await renderedOf(order, basis, surroundings)
      if (order.clear || !hides(order, basis)) return { whole, shown: whole }
      const inputs = blotted(order, basis.inputs)
      return { whole, shown: await renderedOf(order, { ...basis, inputs }, surroundings) }
    }
    const [now, before] = [await sideOf(order.now), await sideOf(order.before)]
    const problem = now && problemOf(now)
    const clean = cleaner(order)
    const paths = new Set([...pathsOf(now), ...pathsOf(before)])
    const files = [...paths].sort().flatMap((path) => viewOf(path, order, { now, before }, clean) ?? [])
    return { files, ...(problem === undefined ? {} : { problem: clean(problem) }) }
  }
}

type Needed = Pick<Surroundings, 'blob' | 'render'>

/** A template may take its second of this thread: others have their turn before each, and then it shows who is gone. */
function whileAwaited({ blob, render }: Needed, signal: AbortSignal): Needed {
  return {
    async blob(digest) {
      await new Promise(setImmediate)
      return blob(digest)
    },
    render: (...asked) => (signal.aborted ? { ok: false, message: NOBODY_WAITS.message } : render(...asked)),
  }
}

async function renderedOf(
  { nodeRole, node }: FilesOrder,
  { role, inputs }: FilesBasis,
  surroundings: Needed,
): Promise<Rendered> {
  const name = nodeRoleName(nodeRole).deployment
  const made = await renderFiles(
    { role, inputs: unfollowed(role, inputs), node: node ?? null, deployment: name },
    surroundings,
  )
  return made.ok ? { ok: true, files: new Map(made.files.map((file) => [file.path, file])) } : made
}

/** Nobody who looks makes us fetch a secret from where it is kept. */
function unfollowed(role: Role, inputs: Record<string, Json>): Record<string, Json> {
  const shown = Object.entries(inputs).map(([name, value]): [string, Json] => {
    const spec = role.inputs[name]
    const stands = spec?.sensitive && !spec.source && referenceIn(value) !== undefined
    return [name, stands ? BLOT : value]
  })
  return objectFrom(shown)
}

function hides({ secret }: FilesOrder, { inputs }: FilesBasis): boolean {
  return secret.some((name) => Object.hasOwn(inputs, name))
}

/** Of the same shape, so that templates find their way in it; nothing of what stood there is left but its names. */
function blotted({ secret }: FilesOrder, inputs: Record<string, Json>): Record<string, Json> {
  const blot = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(blot)
    if (!isObject(value)) return BLOT
    return objectFrom(Object.entries(value).map(([key, one]) => [key, blot(one)]))
  }
  return objectFrom(
    Object.entries(inputs).map(([name, value]) => [name, secret.includes(name) ? blot(value) : value]),
  )
}

/** Words of a template that does not render may quote what it was given. */
function problemOf({ whole, shown }: Side): string | undefined {
  if (shown.ok) return undefined
  return whole.ok ? 'without its secrets it does not render, so it is not shown' : shown.message
}

/** Once more by value: a secret may stand in what is not said to be one. */
function cleaner({ now, before, secret, clear }: FilesOrder): (text: string) => string {
  if (clear) return (text) => text
  const values = [now, before].flatMap((basis) =>
    secret.flatMap((name) =>
      basis && Object.hasOwn(basis.inputs, name) ? [basis.inputs[name] as Json] : [],
    ),
  )
  const forms = secretForms(values)
  return (text) => redacted(text, forms)
}

function pathsOf(side: Side | undefined): string[] {
  return side?.whole.ok ? [...side.whole.files.keys()] : []
}

function viewOf(
  path: string,
  order: FilesOrder,
  sides: { now: Side | undefined; before: Side | undefined },
  clean: (text: string) => string,
): FileView | undefined {
  const [now, before] = [fileIn(sides.now?.whole, path), fileIn(sides.before?.whole, path)]
  const file = now ?? before
  if (!file) return undefined
  const from = (now ? order.now : order.before)?.role.files[path]?.content.path ?? path
  const { mode, owner, group } = file
  const view: FileView = { path, mode, owner, group, from, change: changeOf(sides.now, now, before) }
  const [rightsNow, rightsBefore] = [now && rightsOf(now), before && rightsOf(before)]
  if (rightsNow && rightsBefore && rightsNow !== rightsBefore)
    view.rights = { before: rightsBefore, now: rightsNow }
  if ([now, before].some((one) => one && one.bytes.length > SHOWN_MOST)) return { ...view, untold: 'large' }
  if ([now, before].some((one) => one && !isText(one.bytes))) return { ...view, untold: 'binary' }
  const shownNow = textOf(fileIn(sides.now?.shown, path), clean)
  const shownBefore = textOf(fileIn(sides.before?.shown, path), clean)
  const text = now ? shownNow : shownBefore
  if (text !== undefined) view.text = text
  if (!now || !before || now.digest === before.digest) return view
  if (shownNow === undefined || shownNow === shownBefore) return { ...view, differsInSecrets: true }
  const last = { name: 'last success', text: shownBefore ?? '' }
  view.diff = lineDifference(
    last,
    { name: 'now', text: shownNow },
    { hide: (line) => line, secretsOf: 'now' },
  )
  return view
}

function changeOf(
  side: Side | undefined,
  now: WorkFile | undefined,
  before: WorkFile | undefined,
): FileView['change'] {
  if (side && !side.whole.ok) return 'unknown'
  if (!side) return 'unknown'
  if (!now) return 'gone'
  if (!before) return 'new'
  return now.digest === before.digest && rightsOf(now) === rightsOf(before) ? 'same' : 'changed'
}

function fileIn(rendered: Rendered | undefined, path: string): WorkFile | undefined {
  return rendered?.ok ? rendered.files.get(path) : undefined
}

function rightsOf({ mode, owner, group }: WorkFile): string {
  return `${mode} ${owner}:${group}`
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && isUtf8(bytes)
}

function textOf(file: WorkFile | undefined, clean: (text: string) => string): string | undefined {
  return file && clean(Buffer.from(file.bytes).toString())
}
