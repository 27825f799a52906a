// Network facts: interfaces in an order that survives reboots, their addresses, and the one that leads out.
import { isIP } from 'node:net'
import type { JsonObject } from '../base/json.ts'
import { byNature, clean, type RawFacts, some, whole } from './raw-facts.ts'

interface Interface {
  name: string
  /** Empty where there is no device behind it. */
  bus: string
  mac: string | undefined
  facts: JsonObject
  addresses: Address[]
}

interface Address {
  address: string
  prefix: number
  family: 4 | 6
}

interface Placed {
  name: string
  address: Address
}

interface Route {
  name: string
  gateway: string | undefined
  metric: number
}

/**
 * Interfaces with a device behind them, and others that carry a global address: a bridge counts, the veth of a container that
 * comes and goes does not. Ordered by bus path, then MAC, then name, with numbers taken as numbers.
 */
export function networkFrom(raw: RawFacts): JsonObject {
  const addresses = addressesFrom(raw)
  const places = { buses: byFirstWord(raw.all('=bus')), drivers: byFirstWord(raw.all('=driver')) }
  const interfaces = raw
    .between('/sys/class/net/', '/address')
    .filter((name) => name !== 'lo')
    .map((name) => interfaceFrom(raw, name, addresses.get(name) ?? [], places))
    .filter(({ bus, addresses }) => bus !== '' || addresses.length > 0)
    .sort(
      (a, b) =>
        byNature(a.bus || '~', b.bus || '~') ||
        byNature(a.mac ?? '', b.mac ?? '') ||
        byNature(a.name, b.name),
    )
  numberBySpeed(interfaces)
  return some({ primary: primaryFrom(raw, interfaces), interfaces: interfaces.map(({ facts }) => facts) })
}

/** Of each name the first line, without the name. */
function byFirstWord(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of lines) {
    const space = line.indexOf(' ')
    const name = line.slice(0, space)
    if (space > 0 && !found.has(name)) found.set(name, line.slice(space + 1))
  }
  return found
}

interface Places {
  buses: Map<string, string>
  drivers: Map<string, string>
}

function interfaceFrom(
  raw: RawFacts,
  name: string,
  addresses: Address[],
  { buses, drivers }: Places,
): Interface {
  const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5,19}$/.exec(raw.one(`/sys/class/net/${name}/address`) ?? '')?.[0]
  const bus = clean(buses.get(name))?.replace(/^\/sys\/devices\//, '') ?? ''
  const port = whole(raw.one(`/sys/class/net/${name}/dev_port`)) ?? 0
  const speed = whole(raw.one(`/sys/class/net/${name}/speed`))
  const facts = some({
    name: clean(name),
    id: idOf(name, bus, port, mac),
    mac,
    speed_mbps: speed !== undefined && speed > 0 && speed < 4_000_000_000 ? speed : undefined,
    driver: clean(drivers.get(name)),
    addresses: addresses.map(({ address, prefix }) => `${address}/${prefix}`),
  })
  return { name, bus: bus === '' ? '' : `${bus}/${port}`, mac, facts, addresses }
}

/** The same after a reboot and after a card was put in elsewhere: the place on the bus, else a burnt-in MAC, else the name. */
function idOf(name: string, bus: string, port: number, mac: string | undefined): string | undefined {
  const place = /([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])[^:]*$/.exec(bus)?.[1]
  const suffix = port > 0 ? `-${port}` : ''
  if (place !== undefined) return `pci-${place}${suffix}`
  if (bus !== '') return `bus-${bus.split('/').at(-1)}${suffix}`
  const isLocal = mac === undefined || (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0
  return isLocal ? clean(`virtual-${name}`) : `mac-${mac}`
}

/** `10g0`, `10g1`, ...: the n-th of its speed in that order. */
function numberBySpeed(interfaces: Interface[]): void {
  const counts = new Map<number, number>()
  for (const { facts } of interfaces) {
    const speed = facts['speed_mbps']
    if (typeof speed !== 'number') continue
    const n = counts.get(speed) ?? 0
    counts.set(speed, n + 1)
    facts['by_speed'] = `${speed % 1000 === 0 ? `${speed / 1000}g` : `${speed}m`}${n}`
  }
}

/** Where the default route leads; without one, the first with a global address. IPv4 before IPv6. */
function primaryFrom(raw: RawFacts, interfaces: Interface[]): JsonObject | undefined {
  const byName = new Map(interfaces.map((nic) => [nic.name, nic]))
  for (const family of [4, 6] as const) {
    const routes = (family === 4 ? defaultRoutes4(raw) : defaultRoutes6(raw)).sort(
      (a, b) => a.metric - b.metric,
    )
    const candidates = [
      ...routes.map((route) => ({
        nic: byName.get(route.name),
        gateway: route.gateway,
      })),
      ...interfaces.map((nic) => ({ nic, gateway: undefined })),
    ]
    for (const { nic, gateway } of candidates) {
      const address = nic?.addresses.find((candidate) => candidate.family === family)
      if (nic === undefined || address === undefined) continue
      return some({
        interface: clean(nic.name),
        address: address.address,
        prefix: address.prefix,
        gateway,
        mac: nic.mac,
      })
    }
  }
  return undefined
}

/** Of global scope, without those that come and go by themselves. */
function addressesFrom(raw: RawFacts): Map<string, Address[]> {
  const found = new Map<string, Address[]>()
  const add = (name: string, address: Address) => {
    const known = found.get(name)
    if (known === undefined) found.set(name, [address])
    else known.push(address)
  }
  for (const line of raw.all('=ip')) {
    const match =
      /^\d+:\s+([^\s@]+)(?:@\S+)?\s+(inet6?)\s+([0-9a-fA-F:.]+)(?: peer \S+?)?\/(\d{1,3})\s(.*)$/.exec(line)
    if (match === null) continue
    const [, name = '', family, address = '', prefix, rest = ''] = match
    if (isIP(address) === 0 || Number(prefix) > 128) continue
    if (!/\bscope global\b/.test(rest) || /\b(temporary|deprecated|tentative|dadfailed)\b/.test(rest))
      continue
    add(name, { address, prefix: Number(prefix), family: family === 'inet' ? 4 : 6 })
  }
  if (raw.all('=ip').length > 0) return found
  for (const { name, address } of addressesWithoutIp(raw)) add(name, address)
  return found
}

/** Where there is no `ip`: local addresses of the routing trie, each on the interface whose network it is in. */
function addressesWithoutIp(raw: RawFacts): Placed[] {
  const networks = routes4(raw).filter(({ mask }) => mask !== 0)
  const locals = new Set<string>()
  let last = ''
  for (const line of raw.all('/proc/net/fib_trie')) {
    last = /\|-- (\d+\.\d+\.\d+\.\d+)/.exec(line)?.[1] ?? last
    if (/\/32 host LOCAL/.test(line) && !last.startsWith('127.')) locals.add(last)
  }
  const found = [...locals].flatMap((address): Placed[] => {
    const bits = address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
    const network = networks.find(({ destination, mask }) => (bits & mask) >>> 0 === destination)
    const prefix = network === undefined ? Number.NaN : 32 - Math.log2(2 ** 32 - network.mask)
    if (network === undefined || isIP(address) !== 4 || !Number.isInteger(prefix)) return []
    return [{ name: network.name, address: { address, prefix, family: 4 } }]
  })
  for (const line of raw.all('/proc/net/if_inet6')) {
    const [hex = '', , prefix = '', scope, , name = ''] = line.trim().split(/\s+/)
    if (scope !== '00' || !/^[0-9a-f]{32}$/.test(hex) || !/^[0-9a-f]{2}$/.test(prefix)) continue
    found.push({ name, address: { address: ipv6(hex), prefix: Number.parseInt(prefix, 16), family: 6 } })
  }
  return found
}

function defaultRoutes4(raw: RawFacts): Route[] {
  return routes4(raw).filter(({ destination, mask }) => destination === 0 && mask === 0)
}

/** /proc/net/route has addresses in hex, in the byte order of the machine; all that matter here are little-endian. */
function routes4(raw: RawFacts): (Route & { destination: number; mask: number })[] {
  return raw.all('/proc/net/route').flatMap((line) => {
    const [name = '', destination = '', gateway = '', flags = '', , , metric = '0', mask = ''] = line
      .trim()
      .split(/\s+/)
    if (![destination, gateway, mask].every((word) => /^[0-9A-F]{8}$/.test(word))) return []
    if ((Number.parseInt(flags, 16) & 1) === 0) return []
    const swapped = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE()
    const dotted = [...Buffer.from(gateway, 'hex')].reverse().join('.')
    return [
      {
        name,
        gateway: gateway === '00000000' ? undefined : dotted,
        metric: Number(metric),
        destination: swapped(destination),
        mask: swapped(mask),
      },
    ]
  })
}

function defaultRoutes6(raw: RawFacts): Route[] {
  return raw.all('/proc/net/ipv6_route').flatMap((line) => {
    const [destination, prefix, , , gateway = '', metric = '', , , , name = ''] = line.trim().split(/\s+/)
    if (
      name === 'lo' ||
      prefix !== '00' ||
      !/^0{32}$/.test(destination ?? '') ||
      !/^[0-9a-f]{32}$/.test(gateway)
    )
      return []
    return [
      {
        name,
        gateway: /^0+$/.test(gateway) ? undefined : ipv6(gateway),
        metric: Number.parseInt(metric, 16),
      },
    ]
  })
}

/** As RFC 5952 writes it. */
function ipv6(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16))
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
