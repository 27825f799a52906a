#!/bin/sh
# Both packages are installed, and systemd has read the unit as it stands on disk.
set -eu
for package in etcd-server etcd-client; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ]
done
[ "$(systemctl show --property=NeedDaemonReload --value etcd.service)" = no ]
printf 'version=%s\n' "$(dpkg-query -W -f '${Version}' etcd-server)" >>"$ANNEAL_OUTPUTS"
