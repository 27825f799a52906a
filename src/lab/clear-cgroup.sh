#!/bin/sh
# Removes a lab's cgroups once it is down, after ending whatever should still be in them.
# usage: clear-cgroup.sh CGROUP        in a mount namespace of its own
set -eu
PATH=$PATH:/usr/sbin:/sbin   # an ordinary user may lack these
mount -t cgroup2 cgroup2 /mnt
cd /mnt
lab=.$1
[ -d "$lab" ] || exit 0
echo 1 >"$lab/cgroup.kill" 2>/dev/null || :
tries=0
until find "$lab" -depth -type d -exec rmdir {} + 2>/dev/null; do
  tries=$((tries + 1))
  [ $tries -lt 200 ] || { echo "cgroup $1 still holds processes" >&2; exit 1; }
  sleep 0.05
done
