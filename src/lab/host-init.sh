#!/bin/sh
# Becomes a host: mounts its file system, leaves the machine's behind, and turns into systemd.
# usage: host-init.sh LAB NAME LOWER OVERLAY_OPTIONS STORE        first process of the host's own namespaces
set -eu
lab=$1 name=$2 lower=$3 options=$4 store=$5
host=$lab/hosts/$name
run=$lab/run/$name
. "$(dirname "$0")/dropped.sh"

read -r stat </proc/self/stat   # still the lab's /proc: the pid by which the lab knows this host
echo "${stat%% *}" >"$run/init.new"
mv "$run/init.new" "$run/init"
echo 0 >"$lab/run/.hosts-cgroup/$name/cgroup.procs"
hostname "$name"

mount -t overlay -o "${options}lowerdir=$lower,upperdir=$store/upper,workdir=$store/work" "root-of-$name" "$host/root"
cd "$host/root"

if [ ! -e "$store/seeded" ]; then
  cp "$host/seed/hostname" "$host/seed/hosts" etc/
  cp "$host"/seed/ssh_host_* etc/ssh/
  chmod 0600 etc/ssh/ssh_host_*_key
  mkdir -p -m 0700 root/.ssh
  cp "$host/seed/authorized_keys" root/.ssh/
  chmod 0600 root/.ssh/authorized_keys
  tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
  chown -R 0:0 etc/ssh root/.ssh etc/hostname etc/hosts etc/machine-id
  : >"$store/seeded"
fi

# The machine's own settings stay out of reach: only what belongs to this network namespace may be written.
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys/net proc/sys/net
cat /proc/sys/kernel/random/uuid >"$run/boot_id"   # else all hosts had the machine's, and a reboot would not show
mount --bind "$run/boot_id" proc/sys/kernel/random/boot_id
mount --rbind proc/sys proc/sys
mount -o remount,bind,ro,nosuid,nodev,noexec proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys

mount -t tmpfs -o mode=0755,nosuid dev dev
for device in null zero full random urandom tty; do
  : >dev/$device
  mount --bind /dev/$device dev/$device
done
echo "$name" >dev/.host   # exec.sh goes by it
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mkdir dev/pts dev/shm dev/.machine
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm

pivot_root . dev/.machine
cd /
umount -l /dev/.machine
rmdir /dev/.machine
mount --make-rshared /

exec env -i container=anneal-lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin dropped="$dropped" \
  unshare --cgroup sh -c 'mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup &&
    exec env -u dropped setpriv --bounding-set="$dropped" /lib/systemd/systemd'
