#!/bin/sh
# Runs a command in all the namespaces of one host, as its root.
# usage: exec.sh LAB NAME COMMAND...        inside the lab's namespaces
lab=$1 name=$2
shift 2
{ read -r init <"$lab/run/$name/init"; } 2>/dev/null || { echo "anneal lab: $name is down" >&2; exit 125; }
. "$(dirname "$0")/dropped.sh"
# A host that has not yet left the machine's file system must not be taken for one that has: what is meant for the
# host would be done to the machine. /dev/.host is the sign of having left (test: exec never takes the machine for a host).
# The shell forks the command, not nsenter: that one would stop itself for good when a host that shuts down stops its processes.
exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd --no-fork \
  /bin/sh -c '[ "$(cat /dev/.host 2>/dev/null)" = "$0" ] || { echo "anneal lab: $0 is not up yet" >&2; exit 125; }; "$@"; exit $?' \
  "$name" setpriv --bounding-set="$dropped" \
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
