#!/bin/sh
# Connects a host's port to the lab's bridge: straight, through a slow line, or not at all, as the marks in its folder say.
# usage: plug.sh LAB NAME PORT [out]         inside the lab's namespaces; `out` takes the port away
# Marks: `cut` is empty (from everybody) or holds the addresses to cut it from; `slow` holds relay.pl's arguments.
set -eu
PATH=$PATH:/usr/sbin:/sbin   # an ordinary user may lack these
lab=$1 name=$2 port=$3 out=${4-}
host=$lab/hosts/$name
run=$lab/run/$name
far=s${port#v} near=b${port#v}   # the other end of the slow line, and its peer on the bridge

exec 8>"$run/plug.lock"
flock 8
if [ -s "$run/relay" ]; then
  relay=$(cat "$run/relay")
  ! grep -qs relay.pl "/proc/$relay/cmdline" || kill "$relay"
  rm -f "$run/relay"
fi
ip link del "$far" 2>/dev/null || :
if [ "$out" = out ]; then
  ip link del "$port" 2>/dev/null || :
  exit 0
fi

# The lab's own network stack must not answer on these links: it would be a way round the bridge.
quiet_up() { ip link set "$1" arp off addrgenmode none up; }
quiet_up "$port"
socket=$port
if [ -s "$host/slow" ]; then
  ip link set "$port" nomaster
  ip link add "$far" type veth peer name "$near"
  quiet_up "$far"
  quiet_up "$near"
  setsid perl "$(dirname "$0")/relay.pl" "$port" "$far" $(cat "$host/slow") </dev/null >>"$host/console.log" 2>&1 8>&- &
  echo $! >"$run/relay"
  socket=$near
fi

in_host() { nsenter --net="$run/net" ip "$@"; }
in_host route flush type blackhole
if [ -e "$host/cut" ] && [ ! -s "$host/cut" ]; then
  ip link set "$socket" nomaster
else
  ip link set "$socket" master br0
  [ ! -e "$host/cut" ] || while read -r address; do in_host route add blackhole "$address"; done <"$host/cut"
fi
