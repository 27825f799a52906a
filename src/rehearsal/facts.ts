// Facts of machines that are made up: those of a node that is known, with its name and its addresses made its own.
import { canonical } from '../base/canonical.ts'
import { isObject, type Json, type JsonObject, objectFrom } from '../base/json.ts'
import type { NodeSpec } from '../model/site.ts'
import type { World } from '../annealer/world.ts'
import type { Assumption } from '../model/rehearsal.ts'
import type { Copies } from './multiply.ts'

export class Facts {
  readonly #known = new Map<string, JsonObject>()
  readonly #byLabels = new Map<string, string>()
  readonly #copies: Copies
  readonly #numbers = new Map<string, number>()
  /** By the node that others are like, and whether their labels are the same. */
  readonly #like = new Map<string, { like: string; sameLabels: boolean; nodes: Set<string> }>()
  readonly #plain = new Set<string>()

  constructor(past: World, copies: Copies, nodes: Readonly<Record<string, NodeSpec>>) {
    this.#copies = copies
    for (const name of Object.keys(nodes)) this.#numbers.set(name, this.#numbers.size + 1)
    const known = [...past.nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const { name, spec, facts } of known) {
      if (!facts) continue
      this.#known.set(name, facts)
      const labels = canonical(spec.labels)
      if (!this.#byLabels.has(labels)) this.#byLabels.set(labels, name)
    }
  }

  /** What a look at this node would bring. */
  of(node: string, { labels }: NodeSpec): JsonObject {
    const original = this.#copies.get(node) ?? node
    const own = this.#known.get(original)
    if (own) return node === original ? own : this.#own(own, original, node)
    const alike = this.#byLabels.get(canonical(labels))
    const [first] = this.#known.keys()
    const like = alike ?? first
    if (like === undefined) {
      this.#plain.add(node)
      return this.#own(ORDINARY, 'machine', node)
    }
    this.#noteLike(node, like, alike !== undefined)
    return this.#own(this.#known.get(like) as JsonObject, like, node)
  }

  get assumptions(): Assumption[] {
    const like = [...this.#like.values()].map(
      ({ nodes, ...told }): Assumption => ({ kind: 'factsOf', nodes: nodes.size, ...told }),
    )
    return this.#plain.size === 0 ? like : [...like, { kind: 'factsMadeUp', nodes: this.#plain.size }]
  }

  #noteLike(node: string, like: string, sameLabels: boolean): void {
    const key = `${like} ${sameLabels}`
    const known = this.#like.get(key) ?? { like, sameLabels, nodes: new Set() }
    known.nodes.add(node)
    this.#like.set(key, known)
  }

  #own(facts: JsonObject, like: string, node: string): JsonObject {
    return madeOwn(facts, like, node, this.#numbers.get(node) ?? 0) as JsonObject
  }
}

/** Name, addresses and serial numbers differ from machine to machine; all else is as it is on the one that it is like. */
function madeOwn(facts: Json, like: string, node: string, number: number): Json {
  const addresses = new Map<string, string>()
  const owned = (value: Json, key: string): Json => {
    if (Array.isArray(value)) return value.map((item) => owned(item, key))
    if (isObject(value))
      return objectFrom(Object.entries(value).map(([inner, item]) => [inner, owned(item, inner)]))
    if (typeof value !== 'string') return value
    if (ADDRESS_KEYS.has(key)) return value.replace(/^[0-9.]+(?=$|\/)/, ownAddress)
    if (key === 'mac') return ownMac(value)
    if (key === 'serial') return `${value}-${number}`
    if (key === 'id' && value.startsWith('mac-')) return `mac-${ownMac(value.slice('mac-'.length))}`
    return value === like ? node : value
  }
  return owned(facts, '')

  /** Within one machine the same address stays the same. */
  function ownAddress(address: string): string {
    const known = addresses.get(address)
    if (known !== undefined) return known
    const own = `10.${128 + (addresses.size % 64)}.${(number >>> 8) & 255}.${number & 255}`
    addresses.set(address, own)
    return own
  }

  function ownMac(mac: string): string {
    const end = [number >>> 16, number >>> 8, number].map((byte) =>
      (byte & 255).toString(16).padStart(2, '0'),
    )
    return [...mac.split(':').slice(0, 3), ...end].join(':')
  }
}

const ADDRESS_KEYS = new Set(['address', 'addresses'])

/** Of a machine as there are many, where no node was ever reached. */
const ORDINARY: JsonObject = {
  hostname: 'machine',
  os: { id: 'debian', version: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' },
  kernel: { release: '6.1.0-28-amd64', arch: 'x86_64' },
  cpu: { model: 'Common KVM processor', count: 4 },
  memory: { total_bytes: 8_589_934_592 },
  disks: [{ name: 'vda', size_bytes: 68_719_476_736, rotational: false, model: 'virtual' }],
  network: {
    primary: {
      interface: 'eth0',
      address: '10.0.0.1',
      prefix: 16,
      gateway: '10.0.0.254',
      mac: '52:54:00:00:00:01',
    },
    interfaces: [
      {
        name: 'eth0',
        id: 'pci-0000:00:03.0',
        mac: '52:54:00:00:00:01',
        driver: 'virtio_net',
        addresses: ['10.0.0.1/16'],
      },
    ],
  },
  firmware: { kind: 'bios', vendor: 'SeaBIOS' },
  virtualization: 'kvm',
  init: 'systemd',
  package_manager: 'apt',
  timezone: 'UTC',
}
