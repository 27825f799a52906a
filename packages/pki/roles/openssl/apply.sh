#!/bin/sh
# Installs openssl where it is missing; where it is there, nothing is asked of apt.
set -eu
changed=false
if ! command -v openssl >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  dpkg --configure -a >&2
  install_openssl() { apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install openssl >&2; }
  install_openssl || {
    apt-get -q -o DPkg::Lock::Timeout=120 update >&2
    install_openssl
  }
  changed=true
fi
printf 'version=%s\nchanged=%s\n' "$(openssl version)" "$changed" >>"$ANNEAL_OUTPUTS"
