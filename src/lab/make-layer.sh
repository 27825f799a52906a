#!/bin/sh
# Makes a package layer: what installing Debian packages adds to the root, as one more read-only folder for hosts to stand on.
# usage: make-layer.sh ROOT UPPER WORK MERGED OVERLAY_OPTIONS PACKAGE...        in a mount namespace of its own
# Nothing that is installed starts by itself, neither now nor when a host boots: starting services is what Anneal is for.
set -eu
PATH=$PATH:/usr/sbin:/sbin   # an ordinary user may lack these
umask 022
root=$1 upper=$2 work=$3 merged=$4 options=$5
shift 5
mount -t overlay -o "${options}lowerdir=$root,upperdir=$upper,workdir=$work" layer "$merged"
mount -t proc proc "$merged/proc"
mount -t tmpfs tmpfs "$merged/run"
mount -t tmpfs tmpfs "$merged/tmp"
mount --rbind /dev "$merged/dev"
cp --dereference --remove-destination /etc/resolv.conf "$merged/etc/resolv.conf" 2>/dev/null || :
printf '#!/bin/sh\nexit 101\n' >"$merged/usr/sbin/policy-rc.d"
chmod 0755 "$merged/usr/sbin/policy-rc.d"
in_root() { chroot "$merged" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
in_root apt-get -q update
in_root apt-get -q -y --no-install-recommends install "$@"
in_root apt-get clean
umount -l "$merged"

cd "$upper"
rm -f usr/sbin/policy-rc.d etc/resolv.conf var/cache/apt/*.bin
rm -rf var/lib/apt/lists run tmp var/log/apt
find etc/systemd/system -type l ! -lname /dev/null -delete 2>/dev/null || :
find etc/rc?.d -name 'S*' -delete 2>/dev/null || :
