// Reads the nodes of a site: those in anneal.yaml and those of the inventory files that it names.
import { dirname, join, resolve } from 'node:path'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { RunnerLabels } from '../model/runner.ts'
import type { NodeSpec, TransportSpec, Values } from '../model/site.ts'
import { type Findings, wrongFile, wrongKey, wrongValue } from './findings.ts'
import { readSource } from './files.ts'
import { readDocument } from './read-document.ts'
import type { Schemas } from './schema.ts'
import { INVENTORY_FORMAT } from './site-format.ts'
import type { YamlDocument } from './yaml.ts'

export interface LoadedNode {
  spec: NodeSpec
  document: YamlDocument
}

export interface LoadedNodes {
  nodes: Map<string, LoadedNode>
  /** False when an inventory could not be read: then a name that is not here may be one of its. */
  complete: boolean
}

/** From a document that fits the site format. */
export async function readNodes(
  siteDir: string,
  document: YamlDocument,
  schemas: Schemas,
  findings: Findings,
): Promise<LoadedNodes> {
  const nodes = new Map<string, LoadedNode>()
  let complete = true
  const { from, ...own } = ((document.value as JsonObject)['nodes'] ?? {}) as JsonObject
  addNodes(nodes, own, document, siteDir, findings)
  for (const [index, file] of [from ?? []].flat().entries()) {
    const path = Array.isArray(from) ? ['nodes', 'from', String(index)] : ['nodes', 'from']
    const inventory = await readInventory(siteDir, file as string, { document, path }, schemas, findings)
    if (inventory === undefined) {
      complete = false
      continue
    }
    const inside = (inventory.value as JsonObject)['nodes'] as JsonObject
    addNodes(nodes, inside, inventory, dirname(resolve(siteDir, file as string)), findings)
  }
  return { nodes, complete }
}

async function readInventory(
  siteDir: string,
  file: string,
  named: { document: YamlDocument; path: string[] },
  schemas: Schemas,
  findings: Findings,
): Promise<YamlDocument | undefined> {
  const path = resolve(siteDir, file)
  const source = await readSource(path, file)
  if (!source.ok && source.complaint.code === 'fileNotThere') {
    wrongValue(findings, named.document, named.path, source.complaint)
    return undefined
  }
  if (!source.ok) {
    wrongFile(findings, file, source.complaint)
    return undefined
  }
  const read = await readDocument(path, file, INVENTORY_FORMAT, schemas, findings)
  return read?.fits === true ? read.document : undefined
}

function addNodes(
  nodes: Map<string, LoadedNode>,
  raw: JsonObject,
  document: YamlDocument,
  directory: string,
  findings: Findings,
): void {
  for (const [name, value] of Object.entries(raw)) {
    const first = nodes.get(name)
    const node = value as JsonObject
    if (first !== undefined) {
      wrongKey(findings, document, ['nodes', name], {
        code: 'twoNodes',
        message: `the node ${name} is in ${first.document.source.file} already`,
      })
      continue
    }
    if (node['ssh'] !== undefined && node['local'] !== undefined) {
      wrongKey(findings, document, ['nodes', name, 'local'], {
        code: 'twoTransports',
        message: 'a node is reached by ssh or is this machine (local), not both',
      })
    }
    const transport = transportOf(name, node, directory)
    if (transport === undefined) {
      wrongValue(findings, document, ['nodes', name, 'ssh'], {
        code: 'badAddress',
        message: `${JSON.stringify(node['ssh'])} is no user@host:port`,
        advice: 'an IPv6 address with a port stands in brackets: root@[fd00::1]:22',
      })
      continue
    }
    nodes.set(name, {
      document,
      spec: {
        transport,
        labels: (node['labels'] ?? {}) as JsonObject,
        hints: (node['hints'] ?? {}) as Values,
        available: node['available'] !== false,
        ...runnerOf(node['runner']),
      },
    })
  }
}

function runnerOf(said: Json | undefined): Pick<NodeSpec, 'runner'> {
  if (said === undefined) return {}
  return { runner: isObject(said) ? (said as RunnerLabels) : {} }
}

function transportOf(name: string, node: JsonObject, directory: string): TransportSpec | undefined {
  if (node['local'] === true) return { kind: 'local' }
  const ssh: Json = node['ssh'] ?? name
  if (typeof ssh === 'string') return parseAddress(ssh)
  if (!isObject(ssh)) return undefined
  const { config, options, ...rest } = ssh
  return {
    kind: 'ssh',
    ...(rest as { host: string; user?: string; port?: number }),
    ...(config === undefined ? {} : { config: resolve(directory, expandHome(config as string)) }),
    ...(options === undefined
      ? {}
      : {
          options: Object.fromEntries(
            Object.entries(options as JsonObject).map(([word, value]) => [
              word,
              String(value as string | number),
            ]),
          ),
        }),
  }
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? join(process.env['HOME'] ?? '~', path.slice(2)) : path
}

/** `user@host:port`; the user ends at the last @, and a bare IPv6 address has no port. */
function parseAddress(text: string): TransportSpec | undefined {
  const at = text.lastIndexOf('@')
  const user = at < 0 ? undefined : text.slice(0, at)
  const rest = text.slice(at + 1)
  const found =
    /^\[([^\]]+)\](?::(\d+))?$/.exec(rest) ??
    /^([^:]+)(?::(\d+))?$/.exec(rest) ??
    /^([0-9a-fA-F:]*:[0-9a-fA-F:.%\w]*)$/.exec(rest)
  const [, host, port] = found ?? []
  if (host === undefined || host.startsWith('-') || user === '' || user?.startsWith('-') === true)
    return undefined
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined
  return {
    kind: 'ssh',
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  }
}
