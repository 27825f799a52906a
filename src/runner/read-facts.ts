// Reads the raw lines of facts.sh, untrusted, into facts of a fixed shape; docs/guide/facts.md describes it.
import type { Json, JsonObject } from '../base/json.ts'
import { byNature, clean, type RawFacts, rawFacts, some, whole } from './raw-facts.ts'
import { networkFrom } from './read-network.ts'

export type FactsRead = { ok: true; facts: JsonObject } | { ok: false; message: string }

const MOST_BYTES = 1024 * 1024

export function factsFrom(bytes: Uint8Array): FactsRead {
  if (bytes.length > MOST_BYTES) return { ok: false, message: `more than ${MOST_BYTES} bytes came` }
  const text = Buffer.from(bytes).toString()
  if (!text.endsWith('=end\n')) return { ok: false, message: 'the last line did not come' }
  const raw = rawFacts(text)
  return {
    ok: true,
    facts: some({
      hostname: raw.one('/proc/sys/kernel/hostname'),
      os: osFrom(raw),
      kernel: some({ release: raw.one('/proc/sys/kernel/osrelease'), arch: raw.one('=arch') }),
      cpu: some({ model: raw.one('=cpu_model'), count: whole(raw.one('=cpu_count')) }),
      memory: some({ total_bytes: memoryFrom(raw) }),
      disks: disksFrom(raw),
      network: networkFrom(raw),
      firmware: firmwareFrom(raw),
      product: some({
        vendor: raw.one('/sys/class/dmi/id/sys_vendor'),
        name: raw.one('/sys/class/dmi/id/product_name') ?? raw.one('/sys/firmware/devicetree/base/model'),
        serial: raw.one('/sys/class/dmi/id/product_serial'),
      }),
      virtualization: virtualizationFrom(raw),
      init: initFrom(raw),
      package_manager: packageManagerFrom(raw),
      timezone: timezoneFrom(raw),
    }),
  }
}

/** os-release is KEY=value with shell quotes. */
function osFrom(raw: RawFacts): JsonObject {
  const lines =
    raw.all('/etc/os-release').length > 0 ? raw.all('/etc/os-release') : raw.all('/usr/lib/os-release')
  const of = (key: string) => {
    const line = lines
      .find((candidate) => candidate.startsWith(`${key}=`))
      ?.slice(key.length + 1)
      .trim()
    return clean(line?.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["$`\\])/g, '$1'))
  }
  return some({
    id: of('ID'),
    version: of('VERSION_ID'),
    codename: of('VERSION_CODENAME'),
    name: of('PRETTY_NAME') ?? of('NAME'),
  })
}

function memoryFrom(raw: RawFacts): number | undefined {
  const kilobytes = whole(/^MemTotal:\s+(\d+) kB$/.exec(raw.one('=memory') ?? '')?.[1])
  return kilobytes === undefined ? undefined : kilobytes * 1024
}

/** Whole disks with a device behind them; not loops, memory disks, mapped or assembled ones, drives for removable media. */
function disksFrom(raw: RawFacts): Json[] {
  return raw
    .between('/sys/block/', '/size')
    .filter(
      (name) =>
        !/^(loop|ram|zram|dm-|md|sr|fd|nbd)/.test(name) && raw.one(`/sys/block/${name}/removable`) !== '1',
    )
    .sort(byNature)
    .flatMap((name) => {
      const sectors = whole(raw.one(`/sys/block/${name}/size`)) ?? 0
      if (sectors === 0) return []
      const rotational = raw.one(`/sys/block/${name}/queue/rotational`)
      return some({
        name: clean(name),
        size_bytes: sectors * 512,
        rotational: rotational === undefined ? undefined : rotational === '1',
        model: raw.one(`/sys/block/${name}/device/model`),
      })
    })
}

function firmwareFrom(raw: RawFacts): JsonObject {
  const vendor = raw.one('/sys/class/dmi/id/bios_vendor')
  const told = raw.one('=firmware')
  const kind = told === 'efi' || told === 'devicetree' ? told : vendor === undefined ? undefined : 'bios'
  return some({ kind, vendor, version: raw.one('/sys/class/dmi/id/bios_version') })
}

/** The words of systemd-detect-virt; without it, from what the machine says of itself. */
function virtualizationFrom(raw: RawFacts): string | undefined {
  const told = raw.one('=virtualization')
  if (told !== undefined && /^[a-z0-9-]{1,40}$/.test(told)) return told
  const container = raw.one('=container')
  if (container !== undefined) return container
  if (raw.one('/sys/hypervisor/type') === 'xen') return 'xen'
  const machine = `${raw.one('/sys/class/dmi/id/sys_vendor') ?? ''} ${raw.one('/sys/class/dmi/id/product_name') ?? ''}`
  return (
    HYPERVISORS.find(([pattern]) => pattern.test(machine))?.[1] ??
    (machine.trim() === '' ? undefined : 'none')
  )
}

const HYPERVISORS: [RegExp, string][] = [
  [/\bKVM\b/i, 'kvm'],
  [/QEMU/i, 'qemu'],
  [/VMware/i, 'vmware'],
  [/VirtualBox|innotek/i, 'oracle'],
  [/Xen/i, 'xen'],
  [/Microsoft.*Virtual/i, 'microsoft'],
  [/Amazon EC2|Google Compute|OpenStack|DigitalOcean|Hetzner/i, 'kvm'],
]

function initFrom(raw: RawFacts): string | undefined {
  const told = raw.one('=init')
  if (told === 'systemd' || told === 'openrc') return told
  const first = raw.one('/proc/1/comm')
  return first === 's6-svscan' ? 's6' : first === 'init' ? 'sysvinit' : first
}

function packageManagerFrom(raw: RawFacts): string | undefined {
  const told = raw.one('=package_manager')
  if (told === 'apt-get') return 'apt'
  return told === 'xbps-install' ? 'xbps' : told === 'nix-env' ? 'nix' : told === 'emerge' ? 'portage' : told
}

function timezoneFrom(raw: RawFacts): string {
  const linked = /\/zoneinfo\/(?:posix\/)?([A-Za-z0-9_+/-]+)$/.exec(raw.one('=localtime') ?? '')?.[1]
  const written = raw.one('/etc/timezone')
  return linked ?? (written !== undefined && /^[A-Za-z0-9_+/-]+$/.test(written) ? written : 'UTC')
}
