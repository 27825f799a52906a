// The ten roles as bare shell for one persistent sh per host: the same bytes, checked and written whole, and nothing besides.
import { desiredFiles, type DesiredFile, KEEPALIVE, MADE_ONCE, PACKAGE, SERVICE, sha256 } from './desired.ts'

/** One a role; each is one request. */
export function applySteps(host: string, text: string): string[] {
  const files = new Map(desiredFiles(host, text).map((file) => [file.role, file]))
  const file = (role: string, changed = ':'): string => fileStep(files.get(role) as DesiredFile, changed)
  return [
    file('motd'),
    file('profile'),
    file('limits'),
    file('apt-settings'),
    file('banner'),
    `${file('kernel')}; [ "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)" = ${KEEPALIVE} ] || sysctl -q -p /etc/sysctl.d/60-cycle.conf`,
    isInstalled,
    `[ -s ${MADE_ONCE} ] || cat /proc/sys/kernel/random/uuid >${MADE_ONCE}`,
    isRunning,
    file('service-setting', `systemctl reload ${SERVICE}`),
  ]
}

export function motdStep(host: string, text: string): string {
  return fileStep(desiredFiles(host, text)[0] as DesiredFile, ':')
}

/** All ten in one request. */
export function checkStep(host: string, text: string): string {
  const files = desiredFiles(host, text)
  return `printf '%s\\n' ${files.map(({ path, text: of }) => `'${sha256(of)}  ${path}'`).join(' ')} | sha256sum -c --quiet - &&
case $(stat -c %a%U%G ${files.map(({ path }) => path).join(' ')} | uniq) in 644rootroot) ;; *) false ;; esac &&
${isInstalled} && [ -s ${MADE_ONCE} ] && [ "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)" = ${KEEPALIVE} ] && ${isRunning}`
}

const isInstalled = `[ "$(dpkg-query -W -f '\${db:Status-Status}' ${PACKAGE})" = installed ]`
const isRunning = `systemctl is-active -q ${SERVICE} && systemctl is-enabled -q ${SERVICE}`

function fileStep({ path, text }: DesiredFile, changed: string): string {
  return `s=$(sha256sum ${path} 2>/dev/null); m=$(stat -c %a%U%G ${path} 2>/dev/null)
[ "\${s%% *}$m" = ${sha256(text)}644rootroot ] || {
printf %s '${text.replaceAll("'", `'\\''`)}' >${path}.new && sync -d ${path}.new && mv ${path}.new ${path} && ${changed}; }`
}
