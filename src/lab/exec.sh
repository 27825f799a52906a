#!/bin/sh
# Runs a command in all the namespaces of one host, as its root.
# usage: exec.sh LAB NAME COMMAND...        inside the lab's namespaces
lab=$1 name=$2
shift 2
{ read -r init <"$lab/run/$name/init"; } 2>/dev/null || { echo "anneal lab: $name is down" >&2; exit 125; }
exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd=/ \
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
