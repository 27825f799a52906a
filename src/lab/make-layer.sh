#!/bin/sh
# Makes a package layer: what installing Debian packages adds to the root, as one more read-only folder for hosts to stand on.
# usage: make-layer.sh ROOT UPPER WORK MERGED OVERLAY_OPTIONS [+]PACKAGE...        in mount and PID namespaces of its own
# Nothing that is installed starts by itself, neither now nor when a host boots: starting services is what Anneal is for.
# A package after a + is not installed; hosts find it in a folder that is their only apt source, so that apt works offline.
set -eu
PATH=$PATH:/usr/sbin:/sbin   # an ordinary user may lack these
umask 022
root=$1 upper=$2 work=$3 merged=$4 options=$5
shift 5
install='' offer=''
for package; do
  case $package in
    +*) offer="$offer ${package#+}" ;;
    *) install="$install $package" ;;
  esac
done
repository=/var/lib/lab-packages

in_root() { chroot "$merged" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
apt_install() { in_root apt-get -q -y --no-install-recommends install "$@"; }

# What `apt-get update` reads of a package: its control fields, where it is, and its sum.
index_packages() {
  for file in "$merged$repository"/*.deb; do
    in_root dpkg-deb --field "$repository/${file##*/}"
    echo "Filename: ./${file##*/}"
    echo "Size: $(stat -c %s "$file")"
    echo "SHA256: $(sha256sum "$file" | cut -d' ' -f1)"
    echo
  done >"$merged$repository/Packages"
}

mount -t overlay -o "${options}lowerdir=$root,upperdir=$upper,workdir=$work" layer "$merged"
mount -t proc proc "$merged/proc"
mount -t tmpfs tmpfs "$merged/run"
mount -t tmpfs tmpfs "$merged/tmp"
mount --rbind /dev "$merged/dev"
cp --dereference --remove-destination /etc/resolv.conf "$merged/etc/resolv.conf" 2>/dev/null || :
printf '#!/bin/sh\nexit 101\n' >"$merged/usr/sbin/policy-rc.d"
chmod 0755 "$merged/usr/sbin/policy-rc.d"

in_root apt-get -q update
[ -z "$install" ] || apt_install $install
in_root apt-get clean
if [ -n "$offer" ]; then
  apt_install --download-only $offer
  mkdir -p "$merged$repository"
  mv "$merged"/var/cache/apt/archives/*.deb "$merged$repository/"
  index_packages
  for source in "$merged/etc/apt/sources.list" "$merged"/etc/apt/sources.list.d/*; do : >"$source"; done
  echo "deb [trusted=yes] file:$repository ./" >"$merged/etc/apt/sources.list"
  rm -rf "$merged"/var/lib/apt/lists/*
  in_root apt-get -q update
fi
umount -l "$merged"

cd "$upper"
rm -f usr/sbin/policy-rc.d etc/resolv.conf var/cache/apt/*.bin
rm -rf run tmp var/log/apt
[ -n "$offer" ] || rm -rf var/lib/apt/lists
find etc/systemd/system -type l ! -lname /dev/null -delete 2>/dev/null || :
find etc/rc?.d -name 'S*' -delete 2>/dev/null || :
