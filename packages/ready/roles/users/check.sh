#!/bin/sh
# Each user has account, groups, keys and sudo as listed, and nobody who was taken from the list is still let in.
set -eu
list=/etc/anneal/users
no() {
  echo "users: $*" >&2
  exit 1
}
while read -r name; do
  [ -n "$name" ] || continue
  grep -q "^user|$name|" "$list" || no "$name is no longer listed and not yet locked out"
done <<END
$(cat /etc/anneal/users.known 2>/dev/null || :)
END
while IFS='|' read -r kind name uid shell groups sudo _; do
  [ "$kind" = user ] || continue
  entry=$(getent passwd "$name") || no "$name has no account"
  [ -z "$uid" ] || [ "$(echo "$entry" | cut -d : -f 3)" = "$uid" ] || no "$name has another uid"
  [ "$name" = root ] || [ "$(echo "$entry" | cut -d : -f 7)" = "$shell" ] || no "$name has another shell"
  for group in $(echo "$groups" | tr , ' '); do
    case " $(id -nG "$name") " in *" $group "*) ;; *) no "$name is not in the group $group" ;; esac
  done
  home=$(echo "$entry" | cut -d : -f 6)
  keys=$(sed -n "s/^key|$name|//p" "$list")
  has=$(sed -n '/^# anneal: begin$/,/^# anneal: end$/p' "$home/.ssh/authorized_keys" 2>/dev/null | sed '1d;$d')
  [ "$has" = "$keys" ] || no "$name has other keys"
  if [ -n "$sudo" ]; then
    [ -e "/etc/sudoers.d/anneal-$name" ] || no "$name may not become root"
  else
    [ ! -e "/etc/sudoers.d/anneal-$name" ] || no "$name may become root"
  fi
done <"$list"
