#!/bin/sh
# Ends a host: by its own shutdown (poweroff), or at once as by a pulled plug (kill). Comes back when it is gone.
# usage: host-stop.sh LAB NAME kill|poweroff WAIT_S        inside the lab's namespaces
set -eu
lab=$1 name=$2 how=$3 wait=$4
run=$lab/run/$name
[ -e "$run/lock" ] || exit 0
flock --nonblock --shared "$run/lock" true && exit 0
if [ "$how" = poweroff ]; then
  sh "$(dirname "$0")/exec.sh" "$lab" "$name" systemctl --no-block poweroff
else
  kill -TERM "$(cat "$run/supervisor")"
fi
flock --shared --wait "$wait" "$run/lock" true || { echo "$name still runs after $wait s" >&2; exit 1; }
