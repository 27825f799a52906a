#!/bin/sh
# Makes a host hang as it is, or go on: all its processes at once, by its cgroup.
# usage: host-freeze.sh LAB NAME 1|0        inside the lab's namespaces
set -eu
cgroup=$1/run/.hosts-cgroup/$2
echo "$3" >"$cgroup/cgroup.freeze"
tries=0
until grep -q "^frozen $3" "$cgroup/cgroup.events"; do
  tries=$((tries + 1))
  [ $tries -lt 500 ] || { echo "$2 does not change over" >&2; exit 1; }
  sleep 0.01
done
