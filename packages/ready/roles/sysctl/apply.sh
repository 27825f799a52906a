#!/bin/sh
# Writes to the kernel what differs, and reads it back: not everything that is asked for is taken.
set -eu
changed=false
[ -z "$ANNEAL_CHANGED_FILES" ] || changed=true

# The kernel separates several numbers by tabs.
shown() { tr -s ' \t' '  ' <"$1" | sed 's/ $//'; }

# Dots separate, as slashes do; in a name with slashes a dot is a dot, as in net/ipv4/conf/eth0.1/forwarding.
file_of() {
  case $1 in
    */*) echo "/proc/sys/$1" ;;
    *) echo "/proc/sys/$1" | tr . / ;;
  esac
}

while IFS= read -r line; do
  case $line in '#'* | '') continue ;; esac
  name=${line%% = *} value=${line#* = }
  file=$(file_of "$name")
  [ -f "$file" ] || {
    echo "sysctl: this kernel has no setting $name" >&2
    exit 1
  }
  [ "$(shown "$file")" != "$value" ] || continue
  printf '%s\n' "$value" >"$file" || {
    echo "sysctl: $name may not be set to $value on this machine" >&2
    exit 1
  }
  [ "$(shown "$file")" = "$value" ] || {
    echo "sysctl: $name was set to $value, and the kernel made $(shown "$file") of it" >&2
    exit 1
  }
  changed=true
done </etc/sysctl.d/60-anneal.conf
echo "changed=$changed" >>"$ANNEAL_OUTPUTS"
