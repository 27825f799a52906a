#!/bin/sh
# The part of the setup that is root's: installs the Debian packages that it is given, and lets none of them start a service.
# usage: install-packages.sh PACKAGE...
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
policy=/usr/sbin/policy-rc.d

# Programs are wanted, not daemons: Debian starts what it installs unless this file says no. One that somebody else put there
# stays; one of ours that a killed run left behind goes, too.
note='# Put here by the setup of Anneal for as long as it installs packages.'
if [ ! -e "$policy" ] || grep -qxF "$note" "$policy"; then
  # The traps run when apt-get has ended.
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n%s\nexit 101\n' "$note" >"$policy"
  chmod 0755 "$policy"
fi

apt-get -q update
# Out of reach of Ctrl-C: half-installed packages would be left for somebody to mend.
setsid --wait apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 install "$@"
