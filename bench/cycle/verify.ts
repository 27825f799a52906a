// Looks whether a host is as it should be, and makes it as if no tool had ever been there; both past ssh and all tools.
import { desiredFiles, KEEPALIVE, MADE_ONCE, PACKAGE, SERVICE, sha256 } from './desired.ts'

/** Prints what is wrong, a line each; nothing where all is right. */
export function verifyScript(host: string, text: string): string {
  const files = desiredFiles(host, text)
  const paths = files.map(({ path }) => path).join(' ')
  return `
sha256sum -c --quiet --strict - 2>&1 <<'SUMS'
${files.map(({ path, text: content }) => `${sha256(content)}  ${path}`).join('\n')}
SUMS
stat -c '%a %U:%G %n' ${paths} 2>&1 | grep -v '^644 root:root /'
[ "$(dpkg-query -W -f '\${db:Status-Status}' ${PACKAGE} 2>&1)" = installed ] || echo ${PACKAGE} is not installed
[ -s ${MADE_ONCE} ] || echo ${MADE_ONCE} was not made
[ "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)" = ${KEEPALIVE} ] || echo the kernel has another keepalive
systemctl is-active -q ${SERVICE} || echo ${SERVICE} does not run
systemctl is-enabled -q ${SERVICE} || echo ${SERVICE} is not enabled
read_at=$(systemctl show -p ExecReload --value ${SERVICE} | sed -n 's/.*start_time=\\[\\([^]]*\\)\\].*/\\1/p' | tail -1)
[ "$(date -d "\${read_at:-1970-01-01}" +%s)" -ge "$(stat -c %Y ${paths.split(' ').at(-1)})" ] || echo ${SERVICE} has not read its setting
:`
}

export function resetScript(): string {
  const paths = desiredFiles('any', '').map(({ path }) => path)
  return `
rm -rf ${paths.join(' ')} ${MADE_ONCE} /run/anneal /root/.ansible /tmp/ansible* /tmp/.ansible*
echo 7200 >/proc/sys/net/ipv4/tcp_keepalive_time`
}
