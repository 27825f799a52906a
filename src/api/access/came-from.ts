// Where a request came from: who connected, or, where that is a proxy that is trusted, whom the proxies say it is for.
import { BlockList, isIP } from 'node:net'

export type CameFrom = (connected: string, forwarded: string | null) => string

/**
 * `proxies`: addresses and networks (`10.0.0.0/8`) whose word is taken. Each proxy adds to `X-Forwarded-For` who came to it, so it
 * is read from its end: the last address that is not a proxy of ours is the one that nobody could make up.
 */
export function cameFrom(proxies: readonly string[]): CameFrom {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits), family)
  }
  const isTrusted = (address: string): boolean =>
    trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return (connected, forwarded) => {
    let from = plain(connected)
    if (forwarded === null || proxies.length === 0) return from
    for (const said of forwarded.split(',').reverse()) {
      const address = plain(said.trim())
      if (!isTrusted(from) || isIP(address) === 0) break
      from = address
    }
    return from
  }
}

/** A socket for both families tells addresses of version 4 as such of version 6. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
