#!/bin/sh
# Makes accounts and groups what they should be, gives keys and sudo, and locks out who is no longer listed.
set -eu
list=/etc/anneal/users
known=/etc/anneal/users.known   # whom we have let in; who is here and not in the list is locked out
changed=false

fail() {
  echo "users: $*" >&2
  exit 1
}
account() { getent passwd "$1" | cut -d : -f "$2"; }

main() {
  touch "$known"
  lock_out_the_unlisted
  grep '^user|' "$list" | while IFS='|' read -r _ name uid shell groups sudo full_name; do
    ensure_account
    grep -qxF "$name" "$known" || echo "$name" >>"$known"
    ensure_groups
    ensure_keys "$name"
    ensure_sudo
  done
  [ ! -e "$list.changed" ] || changed=true
  rm -f "$list.changed"
  echo "changed=$changed" >>"$ANNEAL_OUTPUTS"
}

# The loops are pipelines, whose variables are lost with them; and a run that is broken off leaves word to the next one.
note_change() { : >"$list.changed"; }

ensure_account() {
  if [ -z "$(account "$name" 1)" ]; then
    useradd --create-home --user-group --shell "$shell" --comment "$full_name" ${uid:+--uid "$uid"} "$name"
    note_change
  fi
  [ -z "$uid" ] || [ "$(account "$name" 3)" = "$uid" ] ||
    fail "$name has the uid $(account "$name" 3) and shall have $uid: its files would belong to nobody. Change it by hand, or the value"
  if [ "$(account "$name" 7)" != "$shell" ] && [ "$name" != root ]; then
    [ -x "$shell" ] || fail "$name shall have the shell $shell, which is not on this machine"
    usermod --shell "$shell" "$name"
    note_change
  fi
  if [ "$(chage --list "$name" | LC_ALL=C sed -n 's/^Account expires[^:]*: //p')" != never ]; then
    usermod --expiredate '' "$name"
    note_change
  fi
}

ensure_groups() {
  has=" $(id -nG "$name") "
  for group in $(echo "$groups" | tr , ' '); do
    case $has in *" $group "*) continue ;; esac
    getent group "$group" >/dev/null || fail "$name shall be in the group $group, which is not on this machine"
    usermod --append --groups "$group" "$name"
    note_change
  done
}

# Our block in authorized_keys; keys that stand outside of it are somebody else's. Written as the user: root that writes
# into a folder of a user can be led anywhere by a link.
ensure_keys() {
  keys=$(sed -n "s/^key|$1|//p" "$list")
  runuser -u "$1" -- sh -c '
    set -eu
    umask 077
    cd
    [ -n "$1" ] || [ -e .ssh/authorized_keys ] || exit 0
    mkdir -p .ssh
    [ -e .ssh/authorized_keys ] || : >.ssh/authorized_keys
    # A begin without an end is a line like any other.
    awk "
      function let_go(  i) { for (i = 1; i <= held; i++) print hold[i]; held = 0 }
      \$0 == \"# anneal: begin\" { let_go(); hold[held = 1] = \$0; next }
      held && \$0 == \"# anneal: end\" { held = 0; next }
      held { hold[++held] = \$0; next }
      { print }
      END { let_go() }" .ssh/authorized_keys >.ssh/.anneal-new
    [ -z "$1" ] || printf "# anneal: begin\n%s\n# anneal: end\n" "$1" >>.ssh/.anneal-new
    if cmp -s .ssh/.anneal-new .ssh/authorized_keys; then
      rm .ssh/.anneal-new
    else
      mv .ssh/.anneal-new .ssh/authorized_keys
      exit 10
    fi' keys "$keys" </dev/null && code=0 || code=$?
  case $code in
    0) ;;
    10) note_change ;;
    *) fail "the keys of $1 could not be written" ;;
  esac
}

ensure_sudo() {
  file=/etc/sudoers.d/anneal-$name
  if [ -z "$sudo" ]; then
    [ ! -e "$file" ] || { rm "$file" && note_change; }
    return
  fi
  command -v visudo >/dev/null || fail "$name shall have sudo, which is not installed: name it in apt-packages"
  install -m 0440 /dev/null /etc/sudoers.d/.anneal-new   # sudo skips names with a dot
  printf '%s ALL=(ALL:ALL) NOPASSWD: ALL\n' "$name" >/etc/sudoers.d/.anneal-new
  if cmp -s /etc/sudoers.d/.anneal-new "$file"; then
    rm /etc/sudoers.d/.anneal-new
  else
    visudo -cqf /etc/sudoers.d/.anneal-new
    mv /etc/sudoers.d/.anneal-new "$file"
    note_change
  fi
}

lock_out_the_unlisted() {
  while read -r name; do
    ! grep -q "^user|$name|" "$list" || continue
    if [ -n "$(account "$name" 1)" ]; then
      [ "$name" = root ] || usermod --expiredate 1 "$name"
      ensure_keys "$name"
      rm -f "/etc/sudoers.d/anneal-$name"
      note_change
      echo "users: $name is no longer listed: the account is locked, its files stay" >&2
    fi
    sed -i "/^$name\$/d" "$known"
  done <<END
$(cat "$known")
END
}

main
