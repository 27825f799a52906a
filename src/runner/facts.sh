#!/bin/sh
# Gathers raw material for facts in one go: what /proc, /sys and a few tools say, as lines for facts.ts to read.
# Few processes, no root needed: what cannot be read is left out. Nothing that changes by itself (uptime, free memory).
# `path:text` is a line of that file (grep prints it so); `=word text` is anything else.
LC_ALL=C
export LC_ALL
exec >>"$ANNEAL_OUTPUTS" 2>/dev/null

echo "=arch $(uname -m)"

n=0
while [ "$n" -lt 60 ] && IFS= read -r line; do
  n=$((n + 1))
  case $line in 'model name'* | 'cpu model'* | 'Model'*) echo "=cpu_model ${line#*:}"; break ;; esac
done </proc/cpuinfo
n=0
for d in /sys/devices/system/cpu/cpu[0-9]*; do n=$((n + 1)); done
echo "=cpu_count $n"

read -r line </proc/meminfo && echo "=memory $line"

for d in /sys/class/net/*; do
  [ -e "$d/device" ] || continue
  cd -P "$d/device" && echo "=bus ${d##*/} $PWD"
  cd -P "$d/device/driver" && echo "=driver ${d##*/} ${PWD##*/}"
done
cd /

[ ! -d /sys/firmware/efi ] || echo "=firmware efi"
[ ! -d /sys/firmware/devicetree ] || echo "=firmware devicetree"
[ ! -d /run/systemd/system ] || echo "=init systemd"
[ ! -d /run/openrc ] || echo "=init openrc"
for d in apt-get dnf yum zypper apk pacman emerge xbps-install nix-env opkg; do
  if command -v "$d" >/dev/null; then echo "=package_manager $d"; break; fi
done
if command -v systemd-detect-virt >/dev/null; then echo "=virtualization $(systemd-detect-virt)"; fi
[ ! -e /.dockerenv ] || echo "=container docker"
[ ! -e /run/.containerenv ] || echo "=container podman"
[ ! -L /etc/localtime ] || echo "=localtime $(readlink /etc/localtime)"

grep -s '' /dev/null /etc/os-release /usr/lib/os-release /etc/timezone /proc/1/comm \
  /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/net/route /proc/net/ipv6_route /proc/net/if_inet6 \
  /sys/class/net/*/address /sys/class/net/*/speed /sys/class/net/*/dev_port \
  /sys/block/*/size /sys/block/*/queue/rotational /sys/block/*/device/model /sys/block/*/removable \
  /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/class/dmi/id/product_serial \
  /sys/class/dmi/id/bios_vendor /sys/class/dmi/id/bios_version /sys/firmware/devicetree/base/model /sys/hypervisor/type

if command -v ip >/dev/null; then ip -o addr show | while IFS= read -r line; do echo "=ip $line"; done
else grep -s '' /dev/null /proc/net/fib_trie | while IFS= read -r line; do echo "$line"; n=$((n + 1)); [ "$n" -lt 5000 ] || break; done
fi
echo "=end"
