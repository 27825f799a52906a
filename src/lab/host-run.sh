#!/bin/sh
# Runs one host for as long as it is wanted: plugs its network in, boots it, and boots it again when it asks for a reboot.
# usage: host-run.sh LAB NAME ADDRESS GATEWAY BITS LOWER OVERLAY_OPTIONS DISK_MIB       inside the lab's namespaces
# TERM pulls the plug. The lock is held as long as the host runs: who waits for its end waits for the lock.
set -eu
umask 022
lab=$1 name=$2 address=$3 gateway=$4 bits=$5 lower=$6 options=$7 disk=$8
here=$(dirname "$0")
host=$lab/hosts/$name
run=$lab/run/$name
number=${address##*.}
port=v$number

mkdir -p "$run"
exec 9>"$run/lock"
flock --nonblock 9 || exit 0
echo $$ >"$run/supervisor"
store=$host
if [ "$disk" != 0 ]; then
  store=$run/disk
  mkdir -p "$store"
  mountpoint -q "$store" || mount -t tmpfs -o "mode=0755,size=${disk}m" "disk-of-$name" "$store" 9>&-
fi
mkdir -p "$store/upper" "$store/work" "$host/root" "$run/../.hosts-cgroup/$name"

plug_in() {
  umount "$run/net" 2>/dev/null || :
  : >"$run/net"
  unshare --net="$run/net" true
  ip link del "$port" 2>/dev/null || :
  ip link add "$port" type veth peer name eth0 address "$(printf '02:00:%02x:%02x:%02x:%02x' $(echo "$address" | tr . ' '))" netns "$run/net"
  nsenter --net="$run/net" ip -batch - <<END
link set lo up
addr add $address/$bits dev eth0
link set eth0 up
route add default via $gateway
END
  sh "$here/plug.sh" "$lab" "$name" "$port"
}

# The host's first process is killed, not its parent here: so the wait below ends only when all of the host is gone.
pull_plug() {
  wanted=no
  if [ -s "$run/init" ]; then kill -KILL "$(cat "$run/init")" 2>/dev/null || :; else kill -KILL "$boot" 2>/dev/null || :; fi
}

wanted=yes boot=
trap pull_plug TERM
while [ $wanted = yes ]; do
  rm -f "$run/init"
  plug_in 9>&-
  nsenter --net="$run/net" setpriv --pdeathsig KILL \
    unshare --mount --pid --uts --ipc --fork --kill-child \
    sh "$here/host-init.sh" "$lab" "$name" "$lower" "$options" "$store" \
    </dev/null >>"$host/console.log" 2>&1 9>&- &
  boot=$!
  code=0
  while :; do
    wait $boot && code=0 || code=$?
    kill -0 $boot 2>/dev/null || break
  done
  [ $code = 129 ] || wanted=no   # a host that reboots ends by SIGHUP, see reboot(2) on PID namespaces
done
ip link del "$port" 2>/dev/null || :
umount "$run/net" 2>/dev/null || :
rm -f "$run/init" "$run/supervisor"
