#!/bin/sh
# The kernel has each value.
set -eu
while IFS= read -r line; do
  case $line in '#'* | '') continue ;; esac
  name=${line%% = *} value=${line#* = }
  case $name in
    */*) file=/proc/sys/$name ;;
    *) file=/proc/sys/$(echo "$name" | tr . /) ;;
  esac
  [ "$(tr -s ' \t' '  ' <"$file" | sed 's/ $//')" = "$value" ] || {
    echo "sysctl: $name is not $value" >&2
    exit 1
  }
done </etc/sysctl.d/60-anneal.conf
