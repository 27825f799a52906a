// The shape of facts: all that is looked for on a node, as docs/guide/facts.md lists it; any of it may be absent.

/** A mapping by its keys, a list by the one shape of its elements, `leaf` where nothing is below. */
export type FactShape = 'leaf' | [FactShape] | { [key: string]: FactShape }

const NETWORK: FactShape = {
  primary: { interface: 'leaf', address: 'leaf', prefix: 'leaf', gateway: 'leaf', mac: 'leaf' },
  interfaces: [
    {
      name: 'leaf',
      id: 'leaf',
      mac: 'leaf',
      speed_mbps: 'leaf',
      by_speed: 'leaf',
      driver: 'leaf',
      addresses: ['leaf'],
    },
  ],
}

export const FACTS: FactShape = {
  hostname: 'leaf',
  os: { id: 'leaf', version: 'leaf', codename: 'leaf', name: 'leaf' },
  kernel: { release: 'leaf', arch: 'leaf' },
  cpu: { model: 'leaf', count: 'leaf' },
  memory: { total_bytes: 'leaf' },
  disks: [{ name: 'leaf', size_bytes: 'leaf', rotational: 'leaf', model: 'leaf' }],
  network: NETWORK,
  firmware: { kind: 'leaf', vendor: 'leaf', version: 'leaf' },
  product: { vendor: 'leaf', name: 'leaf', serial: 'leaf' },
  virtualization: 'leaf',
  init: 'leaf',
  package_manager: 'leaf',
  timezone: 'leaf',
}
