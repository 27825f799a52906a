#!/bin/sh
# The first process of a lab: makes the lab's own network, runtime folder and cgroup, then holds them all until it is killed.
# usage: lab-init.sh LAB GATEWAY/BITS CGROUP MODE        says `ready`, `taken`, or fails with a message on stderr
# Killing this process ends every process, mount and network device of the lab: the kernel does the cleaning.
set -eu
PATH=$PATH:/usr/sbin:/sbin   # an ordinary user may lack these
umask 022
lab=$1 gateway=$2 cgroup=$3 mode=$4

# Still the machine's /proc: our pid and start time as the machine sees them, fields 1 and 22 of proc_pid_stat(5).
read -r stat </proc/self/stat
pid=${stat%% *}
set -- ${stat##*) }
start=${20}

exec 9>"$lab/holder.lock"
flock --nonblock 9 || { echo taken; exit 0; }

mount -t proc -o nosuid,nodev,noexec proc /proc
mkdir -p "$lab/run"
mount -t tmpfs -o mode=0755 anneal-lab "$lab/run"
ip -batch - <<END
link set lo up
link add br0 type bridge
addr add $gateway dev br0
link set br0 up
END

mkdir "$lab/run/.cgroup"
mount -t cgroup2 cgroup2 "$lab/run/.cgroup" && mkdir -p "$lab/run/.cgroup$cgroup" || {
  echo "the systemd of a host needs a cgroup, and this user may not make one here (cgroup $(sed -n s/^0:://p /proc/self/cgroup))." >&2
  [ "$mode" = root ] || echo "Use a login session of systemd, or let root give this cgroup to you." >&2
  exit 1
}
ln -s ".cgroup$cgroup" "$lab/run/.hosts-cgroup"

echo "$pid $start $mode" >"$lab/holder.new"
mv "$lab/holder.new" "$lab/holder"
echo ready || :   # whoever wanted to know may have died; the lab goes on
exec </dev/null >/dev/null 2>&1
while :; do
  sleep 86400 &
  wait $!   # reaps whatever the lab's processes left behind, too
done
