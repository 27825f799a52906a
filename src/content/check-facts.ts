// Holds paths into facts against what is looked for on nodes: warned of with the nearest right one, as an older Anneal may read a newer site.
import { nearest } from '../base/nearest.ts'
import { FACTS, type FactShape } from '../model/fact-shape.ts'
import { parseExpression } from './expression.ts'
import { type Findings, warn, warnInside } from './findings.ts'
import type { Complaint } from './source.ts'
import type { YamlDocument } from './yaml.ts'

/** Of an input that takes a fact; `path` is where its `fact:` stands. */
export function checkFact(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  fact: readonly string[],
): void {
  const complaint = unknownFact(fact)
  if (complaint) warn(findings, document, path, complaint)
}

/** Of all that an expression reads of `node.facts`, where its syntax is sound. */
export function checkFactsRead(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  expression: string,
): void {
  if (!expression.includes('facts')) return
  const parsed = parseExpression(expression)
  if (!parsed.ok) return
  for (const { path: read, start, end } of parsed.reads) {
    const complaint = read[0] === 'node' && read[1] === 'facts' ? unknownFact(read.slice(2)) : undefined
    if (complaint) warnInside(findings, document, path, { start, end }, complaint)
  }
}

function unknownFact(fact: readonly string[]): Complaint | undefined {
  let here = FACTS
  for (const [index, word] of fact.entries()) {
    const below = stepInto(here, word)
    if (below === undefined) return { code: 'unknownFact', ...adviceFor(fact, index, here) }
    here = below
  }
  return undefined
}

function stepInto(shape: FactShape, word: string): FactShape | undefined {
  if (shape === 'leaf') return undefined
  if (Array.isArray(shape)) return /^\d+$/.test(word) ? shape[0] : undefined
  return Object.hasOwn(shape, word) ? shape[word] : undefined
}

/** `here`: what is above the word that is not known. */
function adviceFor(
  fact: readonly string[],
  index: number,
  here: FactShape,
): Pick<Complaint, 'message' | 'advice'> {
  const above = fact.slice(0, index)
  const message = `no fact ${fact.join('.')} is looked for on a node`
  if (here === 'leaf') return { message, advice: `${above.join('.')} has no parts` }
  if (Array.isArray(here))
    return { message, advice: `${above.join('.')} is a list: ${[...above, '0'].join('.')} is its first` }
  const near = nearest(fact[index] ?? '', Object.keys(here))
  if (near !== undefined)
    return { message, advice: `did you mean ${[...above, near, ...fact.slice(index + 1)].join('.')}?` }
  return {
    message,
    advice: `known${above.length === 0 ? '' : ` of ${above.join('.')}`}: ${Object.keys(here).join(', ')}`,
  }
}
