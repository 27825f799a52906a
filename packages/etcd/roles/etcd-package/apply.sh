#!/bin/sh
# Installs what is missing, and stops the member of its own that Debian's package starts, unless somebody uses it.
set -eu
changed=false
[ -z "${ANNEAL_CHANGED_FILES:-}" ] || changed=true

fail() {
  echo "etcd-package: $*" >&2
  exit 1
}

missing=
for package in etcd-server etcd-client; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  dpkg --configure -a >&2
  # shellcheck disable=SC2086 # the two names above, separated
  install_missing() { apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install $missing >&2; }
  install_missing || {
    apt-get -q -o DPkg::Lock::Timeout=120 update >&2
    install_missing
  }
  changed=true
fi

[ "$(systemctl show --property=NeedDaemonReload --value etcd.service)" = no ] || systemctl daemon-reload

pid=$(systemctl show --property=MainPID --value etcd.service)
if [ "$pid" != 0 ] && tr '\0' '\n' <"/proc/$pid/environ" | grep -qx 'ETCD_DATA_DIR=/var/lib/etcd/default'; then
  foreign="this node runs an etcd that is not Anneal's, with its data in /var/lib/etcd/default"
  [ -z "$(dpkg-query -W -f '${Conffiles}\n' etcd-server | awk '$1 == "/etc/default/etcd" { print $2, $1 }' | md5sum --check --quiet 2>&1)" ] ||
    fail "$foreign, and /etc/default/etcd has been edited: take its data out and stop it first"
  keys=$(ETCDCTL_API=3 timeout 10 etcdctl --endpoints=http://127.0.0.1:2379 get '' --from-key --keys-only --limit=1) ||
    fail "$foreign, and it does not say whether it holds keys: stop it first if it may go"
  [ -z "$keys" ] || fail "$foreign, and it holds keys: take them out and stop it first"
  systemctl stop etcd.service
  echo "etcd-package: stopped the empty etcd that the package's installation had started" >&2
  changed=true
fi

printf 'version=%s\nchanged=%s\n' "$(dpkg-query -W -f '${Version}' etcd-server)" "$changed" >>"$ANNEAL_OUTPUTS"
