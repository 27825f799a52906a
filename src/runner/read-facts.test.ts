// Facts from raw lines: a rack server, a small board, a lab host, and garbage.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { type FactShape, FACTS } from '../model/fact-shape.ts'
import { factsFrom } from './read-facts.ts'

describe('a rack server', () => {
  const facts = read(`
=arch x86_64
=cpu_model  AMD EPYC 9354 32-Core Processor
=cpu_count 64
=memory MemTotal:       263763348 kB
=bus eno1 /sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0
=bus ens10f0 /sys/devices/pci0000:80/0000:80:01.1/0000:81:00.0
=bus ens10f1 /sys/devices/pci0000:80/0000:80:01.1/0000:81:00.1
=bus ens2 /sys/devices/pci0000:00/0000:00:01.1/0000:01:00.0
=driver ens10f0 ixgbe
=firmware efi
=init systemd
=package_manager apt-get
=virtualization none
=localtime ../usr/share/zoneinfo/Europe/Berlin
/etc/os-release:ID=debian
/etc/os-release:VERSION_ID="12"
/etc/os-release:VERSION_CODENAME=bookworm
/etc/os-release:PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
/proc/sys/kernel/hostname:db1
/proc/sys/kernel/osrelease:6.1.0-28-amd64
/proc/net/route:Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
/proc/net/route:eno1	00000000	0100000A	0003	0	0	100	00000000	0	0	0
/proc/net/route:ens2	00000000	0101000A	0003	0	0	50	00000000	0	0	0
/sys/class/net/eno1/address:3c:ec:ef:00:00:10
/sys/class/net/eno1/speed:1000
/sys/class/net/ens10f0/address:3c:ec:ef:00:00:20
/sys/class/net/ens10f0/speed:10000
/sys/class/net/ens10f1/address:3c:ec:ef:00:00:21
/sys/class/net/ens10f1/speed:10000
/sys/class/net/ens10f1/dev_port:1
/sys/class/net/ens2/address:3c:ec:ef:00:00:02
/sys/class/net/ens2/speed:-1
/sys/class/net/lo/address:00:00:00:00:00:00
/sys/class/net/veth1a2b/address:9a:00:00:00:00:01
/sys/class/net/br0/address:9a:00:00:00:00:02
/sys/block/sda/size:3750748848
/sys/block/sda/queue/rotational:0
/sys/block/sda/device/model:SAMSUNG MZ7L3    
/sys/block/sdb/size:0
/sys/block/nvme10n1/size:100
/sys/block/nvme2n1/size:100
/sys/block/loop0/size:100
/sys/block/dm-0/size:100
/sys/block/sr0/size:2097151
/sys/block/sdc/size:100
/sys/block/sdc/removable:1
/sys/class/dmi/id/sys_vendor:Supermicro
/sys/class/dmi/id/product_name:AS -1115CS-TNR
/sys/class/dmi/id/bios_vendor:American Megatrends
/sys/class/dmi/id/bios_version:1.4
=ip 1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever
=ip 2: eno1    inet 10.0.0.11/24 brd 10.0.0.255 scope global eno1\\       valid_lft forever
=ip 2: eno1    inet6 fe80::1/64 scope link \\       valid_lft forever
=ip 3: ens2    inet 10.0.1.11/16 brd 10.0.255.255 scope global secondary dynamic ens2\\       valid_lft 100sec
=ip 3: ens2    inet6 2001:db8::5/64 scope global temporary dynamic \\       valid_lft 100sec
=ip 3: ens2    inet6 2001:db8::6/64 scope global dynamic mngtmpaddr \\       valid_lft 100sec
=ip 9: br0    inet 172.17.0.1/16 scope global br0\\       valid_lft forever
=ip 12: veth1a2b@if2    inet6 fe80::2/64 scope link \\       valid_lft forever
`)

  test('tells what it is', () => {
    expect(facts).toMatchObject({
      hostname: 'db1',
      os: { id: 'debian', version: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' },
      kernel: { release: '6.1.0-28-amd64', arch: 'x86_64' },
      cpu: { model: 'AMD EPYC 9354 32-Core Processor', count: 64 },
      memory: { total_bytes: 270093668352 },
      firmware: { kind: 'efi', vendor: 'American Megatrends', version: '1.4' },
      product: { vendor: 'Supermicro', name: 'AS -1115CS-TNR' },
      virtualization: 'none',
      init: 'systemd',
      package_manager: 'apt',
      timezone: 'Europe/Berlin',
    })
    expect(Object.keys(facts['product'] as object)).not.toContain('serial')
  })

  test('lists whole disks only, numbers taken as numbers', () => {
    expect(facts['disks']).toEqual([
      { name: 'nvme2n1', size_bytes: 51200 },
      { name: 'nvme10n1', size_bytes: 51200 },
      { name: 'sda', size_bytes: 1920383410176, rotational: false, model: 'SAMSUNG MZ7L3' },
    ])
  })

  test('lists interfaces by their place on the bus, counted by speed', () => {
    expect((facts['network'] as JsonObject)['interfaces']).toEqual([
      {
        name: 'ens2',
        id: 'pci-0000:01:00.0',
        mac: '3c:ec:ef:00:00:02',
        addresses: ['10.0.1.11/16', '2001:db8::6/64'],
      },
      {
        name: 'eno1',
        id: 'pci-0000:02:00.0',
        mac: '3c:ec:ef:00:00:10',
        speed_mbps: 1000,
        addresses: ['10.0.0.11/24'],
        by_speed: '1g0',
      },
      {
        name: 'ens10f0',
        id: 'pci-0000:81:00.0',
        mac: '3c:ec:ef:00:00:20',
        speed_mbps: 10000,
        driver: 'ixgbe',
        addresses: [],
        by_speed: '10g0',
      },
      {
        name: 'ens10f1',
        id: 'pci-0000:81:00.1-1',
        mac: '3c:ec:ef:00:00:21',
        speed_mbps: 10000,
        addresses: [],
        by_speed: '10g1',
      },
      { name: 'br0', id: 'virtual-br0', mac: '9a:00:00:00:00:02', addresses: ['172.17.0.1/16'] },
    ])
  })

  test('takes the default route of the lowest metric for the way out', () => {
    expect((facts['network'] as JsonObject)['primary']).toEqual({
      interface: 'ens2',
      address: '10.0.1.11',
      prefix: 16,
      gateway: '10.0.1.1',
      mac: '3c:ec:ef:00:00:02',
    })
  })
})

describe('less usual machines', () => {
  test('without a default route the first global address stands in, IPv6 where there is no IPv4', () => {
    const lab = read(`
/sys/class/net/eth0/address:02:00:00:00:00:01
=ip 2: eth0@if7    inet 10.77.0.11/16 scope global eth0\\ valid_lft forever
`)
    expect(lab['network']).toEqual({
      primary: { interface: 'eth0', address: '10.77.0.11', prefix: 16, mac: '02:00:00:00:00:01' },
      interfaces: [
        { name: 'eth0', id: 'virtual-eth0', mac: '02:00:00:00:00:01', addresses: ['10.77.0.11/16'] },
      ],
    })
    const six = read(`
/sys/class/net/eth0/address:00:16:3e:00:00:01
/proc/net/ipv6_route:00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
=ip 2: eth0    inet6 2001:db8::5/64 scope global \\ valid_lft forever
`)
    expect(six['network']).toMatchObject({
      primary: { interface: 'eth0', address: '2001:db8::5', prefix: 64, gateway: 'fe80::1' },
      interfaces: [{ id: 'mac-00:16:3e:00:00:01' }],
    })
  })

  test('without ip the kernel’s own tables do', () => {
    const small = read(`
/sys/class/net/eth0/address:00:16:3e:00:00:01
/proc/net/route:eth0	00000000	0100A8C0	0003	0	0	0	00000000	0	0	0
/proc/net/route:eth0	0000A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
/proc/net/fib_trie:Main:
/proc/net/fib_trie:        |-- 192.168.0.5
/proc/net/fib_trie:           /32 host LOCAL
/proc/net/fib_trie:        |-- 127.0.0.1
/proc/net/fib_trie:           /32 host LOCAL
/proc/net/if_inet6:20010db8000000000000000000000005 02 40 00 80     eth0
/proc/net/if_inet6:fe800000000000000000000000000001 02 40 20 80     eth0
`)
    expect(small['network']).toMatchObject({
      primary: { interface: 'eth0', address: '192.168.0.5', prefix: 24, gateway: '192.168.0.1' },
      interfaces: [{ addresses: ['192.168.0.5/24', '2001:db8::5/64'] }],
    })
  })

  test('a board with a device tree, and a machine that tells its hypervisor by its name only', () => {
    const board = read(
      '=firmware devicetree\n/sys/firmware/devicetree/base/model:Raspberry Pi 4 Model B\u0000\n/etc/timezone:Europe/Zurich\n/proc/1/comm:init',
    )
    expect(board).toMatchObject({
      firmware: { kind: 'devicetree' },
      product: { name: 'Raspberry Pi 4 Model B' },
      timezone: 'Europe/Zurich',
      init: 'sysvinit',
    })
    const guest = read(
      '/sys/class/dmi/id/sys_vendor:QEMU\n/sys/class/dmi/id/product_name:Standard PC\n/sys/class/dmi/id/bios_vendor:SeaBIOS',
    )
    expect(guest).toMatchObject({ virtualization: 'qemu', firmware: { kind: 'bios', vendor: 'SeaBIOS' } })
  })
})

describe('garbage', () => {
  test('that does not end as it should, or does not end, is refused', () => {
    expect(factsFrom(Buffer.from('=arch x86_64\n'))).toMatchObject({ ok: false })
    expect(factsFrom(Buffer.alloc(2_000_000, 'x'))).toMatchObject({ ok: false })
  })

  test('in a value leaves nothing that could do harm', () => {
    const odd = read(`
/proc/sys/kernel/hostname:\u001b[31mevil\u0007${'x'.repeat(1_000)}
=cpu_count -3
=cpu_count 99999999999999999999
=memory MemTotal: many kB
=virtualization <script>
=localtime /usr/share/zoneinfo/../../etc/passwd
/sys/class/net/__proto__/address:00:16:3e:00:00:01
=ip 2: __proto__    inet 10.0.0.1/24 scope global x
=ip 3: eth0    inet 999.999/99 scope
`)
    expect(odd['hostname']).toBe(`[31mevil${'x'.repeat(200)}`.slice(0, 200))
    expect(odd['cpu']).toEqual({})
    expect(odd['memory']).toEqual({})
    expect(odd['timezone']).toBe('UTC')
    expect(odd['virtualization']).toBeUndefined()
    expect((odd['network'] as JsonObject)['primary']).toMatchObject({
      interface: '__proto__',
      address: '10.0.0.1',
    })
  })

  test('of any kind gives facts or a refusal', () => {
    const word = fc.constantFrom(
      '=ip ',
      '/proc/net/route:',
      '/proc/net/if_inet6:',
      '/sys/class/net/',
      'eth0',
      '/address:',
      '=bus ',
      ' ',
      '\t',
      '00',
      ':',
      '/',
      'FFFFFFFF',
      '\n',
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 }),
        (words) => {
          expect(factsFrom(Buffer.from(`${words.join('')}\n=end\n`)).ok).toBe(true)
        },
      ),
    )
  })
})

function read(lines: string): JsonObject {
  const facts = factsFrom(Buffer.from(`${lines}\n=end\n`))
  if (!facts.ok) throw new Error(facts.message)
  expectInShape(facts.facts, FACTS)
  return facts.facts
}

/** What is told of nodes is what files may name. */
function expectInShape(facts: Json, shape: FactShape): void {
  if (Array.isArray(facts)) {
    for (const one of facts) expectInShape(one, Array.isArray(shape) ? shape[0] : {})
    return
  }
  if (!isObject(facts)) return expect(shape).toBe('leaf')
  expect(Object.keys(shape)).toEqual(expect.arrayContaining(Object.keys(facts)))
  for (const [key, value] of Object.entries(facts))
    expectInShape(value, (shape as { [key: string]: FactShape })[key] as FactShape)
}
