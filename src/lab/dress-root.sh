#!/bin/sh
# Turns a fresh Debian root into one that many hosts share: nothing of one machine in it, nothing that a namespace cannot run.
# usage: dress-root.sh ROOT        run by mmdebstrap as its last hook
set -eu
umask 022
root=$1
rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/machine-id "$root"/var/lib/dbus/machine-id "$root"/etc/hostname
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/*.log "$root"/var/log/apt
: >"$root/etc/machine-id"
echo '# no name servers: hosts of a lab know each other by address or by /etc/hosts' >"$root/etc/resolv.conf"

# Hardware, consoles, kernel file systems and periodic work are the machine's, not a host's.
for unit in \
  systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service \
  systemd-udev-settle.service systemd-hwdb-update.service systemd-modules-load.service systemd-random-seed.service \
  systemd-pstore.service systemd-timesyncd.service systemd-networkd-wait-online.service \
  getty.target getty@tty1.service console-getty.service systemd-ask-password-console.path systemd-ask-password-wall.path \
  dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  motd-news.timer systemd-tmpfiles-clean.timer ldconfig.service systemd-journal-catalog-update.service \
  systemd-update-done.service systemd-firstboot.service remote-fs.target
do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
printf '[Manager]\nDefaultTimeoutStopSec=10s\n' >"$root/etc/systemd/system.conf.d/lab.conf"
