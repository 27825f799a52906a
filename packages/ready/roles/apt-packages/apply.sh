#!/bin/sh
# Installs what is missing; when nothing is, apt is not asked at all.
set -eu
missing() {
  while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done </etc/anneal/packages
}

wanted=$(missing)
if [ -z "$wanted" ]; then
  echo changed=false >>"$ANNEAL_OUTPUTS"
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@" >&2; }
dpkg --configure -a >&2   # what an installation left that was broken off
# shellcheck disable=SC2086 # names without blanks, one a line
apt install --no-install-recommends $wanted || {
  apt update
  apt install --no-install-recommends $wanted
}
left=$(missing)
[ -z "$left" ] || {
  echo "apt-packages: apt said yes and did not install" $left >&2
  exit 1
}
echo changed=true >>"$ANNEAL_OUTPUTS"
