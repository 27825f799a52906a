// What all tools are to bring about on a host, told once more and independently of their templates: what `verify` holds them to.
import { createHash } from 'node:crypto'

export interface DesiredFile {
  role: string
  path: string
  text: string
}

export const PACKAGE = 'curl'
export const MADE_ONCE = '/var/lib/cycle-id'
export const KEEPALIVE = 600
export const SERVICE = 'ssh'

/** All 0644 root:root. In the order in which a tool may write them. */
export function desiredFiles(host: string, text: string): DesiredFile[] {
  return [
    { role: 'motd', path: '/etc/motd', text: `This is ${host}.\n${text}\n` },
    { role: 'profile', path: '/etc/profile.d/cycle.sh', text: 'export EDITOR=vi\nexport TMOUT=900\n' },
    {
      role: 'limits',
      path: '/etc/security/limits.d/cycle.conf',
      text: '* soft nofile 65536\n* hard nofile 65536\n',
    },
    {
      role: 'apt-settings',
      path: '/etc/apt/apt.conf.d/60cycle',
      text: 'APT::Install-Recommends "false";\n',
    },
    { role: 'banner', path: '/etc/issue.net', text: `${host} belongs to nobody in particular.\n` },
    {
      role: 'kernel',
      path: '/etc/sysctl.d/60-cycle.conf',
      text: `net.ipv4.tcp_keepalive_time = ${KEEPALIVE}\n`,
    },
    {
      role: 'service-setting',
      path: '/etc/ssh/sshd_config.d/60-cycle.conf',
      text: 'MaxSessions 20\n',
    },
  ]
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
