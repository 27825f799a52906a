#!/bin/sh
# Says of each host of a lab that ever ran what it is doing now: `NAME up|frozen|down`.
# usage: state.sh LAB        inside the lab's namespaces
lab=$1
for run in "$lab"/run/*/; do
  [ -e "$run/lock" ] || continue
  name=${run%/}
  name=${name##*/}
  state=up
  if flock --nonblock --shared "$run/lock" true; then state=down
  elif grep -qs '^frozen 1' "$lab/run/.hosts-cgroup/$name/cgroup.events"; then state=frozen
  fi
  echo "$name $state"
done
