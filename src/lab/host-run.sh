#!/bin/sh
# Runs one host for as long as it is wanted: plugs its network in, boots it, and boots it again when it asks for a reboot.
# usage: host-run.sh LAB NAME ADDRESS GATEWAY BITS LOWER OVERLAY_OPTIONS DISK_MIB       inside the lab's namespaces
# TERM pulls the plug. The lock is held as long as the host runs: who waits for its end waits for the lock.
set -eu
PATH=$PATH:/usr/sbin:/sbin   # an ordinary user may lack these
umask 022

# All in functions: a shell reads its script as it goes, and this file may be replaced while a host runs for days.
main() {
  lab=$1 name=$2 address=$3 gateway=$4 bits=$5 lower=$6 options=$7 disk=$8
  here=$(dirname "$0")
  host=$lab/hosts/$name
  run=$lab/run/$name
  port=v${address##*.}

  exec 9>"$run/lock"
  flock --nonblock 9 || exit 0
  wanted=yes boot=
  trap 'echo $? >"$run/ended"' EXIT
  trap pull_plug TERM
  echo $$ >"$run/supervisor"
  make_store 9>&-
  while [ $wanted = yes ]; do
    rm -f "$run/init"
    echo 0 >"$lab/run/.hosts-cgroup/$name/cgroup.freeze"   # it may have been killed while frozen
    plug_in 9>&-
    boot_once
    [ $code = 129 ] || wanted=no   # a host that reboots ends by SIGHUP: reboot(2) on PID namespaces
  done
  unplug 9>&-
  rm -f "$run/init" "$run/supervisor"
  exit $code
}

make_store() {
  store=$host
  if [ "$disk" != 0 ]; then
    store=$run/disk
    mkdir -p "$store"
    mountpoint -q "$store" || mount -t tmpfs -o "mode=0755,size=${disk}m" "disk-of-$name" "$store"
  fi
  mkdir -p "$store/upper" "$store/work" "$host/root" "$lab/run/.hosts-cgroup/$name"
}

plug_in() {
  unplug
  : >"$run/net"
  unshare --net="$run/net" true
  mac=$(printf '02:00:%02x:%02x:%02x:%02x' $(echo "$address" | tr . ' '))
  ip link add "$port" type veth peer name eth0 address "$mac" netns "$run/net"
  nsenter --net="$run/net" ip -batch - <<END
link set lo up
addr add $address/$bits dev eth0
link set eth0 up
route add default via $gateway
END
  sh "$here/plug.sh" "$lab" "$name" "$port"
}

unplug() {
  sh "$here/plug.sh" "$lab" "$name" "$port" out
  umount "$run/net" 2>/dev/null || :
}

boot_once() {
  nsenter --net="$run/net" setpriv --pdeathsig KILL \
    unshare --mount --pid --uts --ipc --fork --kill-child \
    sh "$here/host-init.sh" "$lab" "$name" "$lower" "$options" "$store" \
    </dev/null >>"$host/console.log" 2>&1 9>&- &
  boot=$!
  [ $wanted = yes ] || pull_plug
  code=0
  while :; do
    wait $boot && code=0 || code=$?
    kill -0 $boot 2>/dev/null || break   # else a signal came, and the host still runs
  done
}

# The host's own first process is killed, not the one that waits for it here: the wait ends when all of the host is gone.
pull_plug() {
  wanted=no
  kill -KILL "$(cat "$run/init" 2>/dev/null || echo $boot)" 2>/dev/null || :
}

main "$@"
