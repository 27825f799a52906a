// What an expression reads: the paths from its variables, found in its syntax tree.
import type { ASTNode } from '@marcbachmann/cel-js'

/** All names that an expression may begin with, wherever it stands. */
export const ROOTS = ['inputs', 'node', 'deployment', 'value', 'outputs']

export interface Read {
  path: string[]
  /** Where in the expression the path stands. */
  start: number
  end: number
}

/** The longest paths of constants from each variable: what is indexed by a value is read as a whole. */
export function readsOf(root: ASTNode): Read[] {
  const reads = new Map<string, Read>()
  visit(root, [])
  return [...reads.values()]

  function visit(node: ASTNode, local: readonly string[]): void {
    const read = pathOf(node, local)
    if (read !== undefined) {
      reads.set(JSON.stringify(read.path), read)
      // The index that ends the path may read too.
      for (let here = node; here.op !== 'id'; here = (here.args as [ASTNode])[0]) {
        if (here.op === '[]' || here.op === '[?]') visit(here.args[1], local)
      }
      return
    }
    const bound = boundBy(node)
    for (const part of partsOf(node))
      visit(part, bound === undefined || part === bound.over ? local : [...local, bound.name])
  }
}

/** By a list of its own: the depth of the stack is what is in question. */
export function isDeeperThan(most: number, root: ASTNode): boolean {
  let level = [root]
  for (let depth = 0; depth < most && level.length > 0; depth++) level = level.flatMap(partsOf)
  return level.length > 0
}

function pathOf(node: ASTNode, local: readonly string[]): Read | undefined {
  const words: (string | undefined)[] = []
  let here = node
  while (here.op === '.' || here.op === '.?' || here.op === '[]' || here.op === '[?]') {
    const [left, key] = here.args as [ASTNode, ASTNode | string]
    if (typeof key === 'string') words.unshift(key)
    else words.unshift(key.op === 'value' && typeof key.args === 'string' ? key.args : undefined)
    here = left
  }
  if (here.op !== 'id' || local.includes(here.args) || !ROOTS.includes(here.args)) return undefined
  const end = words.indexOf(undefined)
  const path = [here.args, ...words.slice(0, end < 0 ? undefined : end)] as string[]
  return { path, start: here.start, end: node.end }
}

const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter']

/** The variable that a loop or `cel.bind` brings, and the part in which it is not known yet. */
function boundBy(node: ASTNode): { name: string; over: ASTNode } | undefined {
  if (node.op !== 'rcall') return undefined
  const [name, receiver, args] = node.args
  const [first, second] = args
  if (first?.op !== 'id' || args.length < 2) return undefined
  if (LOOPS.includes(name)) return { name: first.args, over: receiver }
  return name === 'bind' && receiver.op === 'id' && receiver.args === 'cel'
    ? { name: first.args, over: second as ASTNode }
    : undefined
}

function partsOf(node: ASTNode): ASTNode[] {
  return [node.args].flat(3).filter((part): part is ASTNode => isNode(part))
}

function isNode(value: unknown): value is ASTNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { evaluate?: unknown }).evaluate === 'function'
  )
}
