// Adds a login to a host that is not root: with sudo freely, with sudo by password, or without.
import { randomBytes } from 'node:crypto'
import { labExec } from './exec.ts'
import { LabFault } from './fault.ts'
import { ensureClientKey } from './keys.ts'
import type { Lab } from './lab.ts'

export type NewUser = { user: string; sudo: 'nopasswd' | 'password' | 'none'; rootLogin?: boolean }

/** The user gets in with the lab's key, and gets a password, which is given back. `rootLogin: false` bars root from ssh. */
export async function addUser(lab: Lab, name: string, wish: NewUser): Promise<{ password: string }> {
  const { user, sudo } = wish
  if (!/^[a-z][a-z0-9_-]{0,30}$/.test(user) || user === 'root') {
    throw new LabFault(
      'bad-name',
      `user name ${JSON.stringify(user)}: expected small letters, digits, - and _, not root`,
    )
  }
  const password = randomBytes(12).toString('base64url')
  const rules = {
    nopasswd: `${user} ALL=(ALL:ALL) NOPASSWD: ALL`,
    password: `${user} ALL=(ALL:ALL) ALL`,
    none: '',
  }
  const script = `set -eu
user=$1 rule=$2 root_login=$3
read -r password
read -r key
id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user"
printf '%s:%s\\n' "$user" "$password" | chpasswd
home=$(getent passwd "$user" | cut -d: -f6)
install -d -m 0700 -o "$user" -g "$user" "$home/.ssh"
printf '%s\\n' "$key" | install -m 0600 -o "$user" -g "$user" /dev/stdin "$home/.ssh/authorized_keys"
rm -f "/etc/sudoers.d/$user"
[ -z "$rule" ] || printf '%s\\n' "$rule" | install -m 0440 /dev/stdin "/etc/sudoers.d/$user"
[ "$root_login" = yes ] || { echo 'PermitRootLogin no' >/etc/ssh/sshd_config.d/no-root.conf; systemctl restart ssh; }`
  const input = `${password}\n${(await ensureClientKey(lab)).trim()}\n`
  const argv = ['sh', '-c', script, 'add-user', user, rules[sudo], wish.rootLogin === false ? 'no' : 'yes']
  const result = await labExec(lab, name, argv, { input })
  if (result.code !== 0)
    throw new LabFault('command-failed', `could not add ${user} to ${name}: ${result.stderr.trim()}`)
  return { password }
}
