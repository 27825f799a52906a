#!/bin/sh
# Gives the unit back, disabled. The packages stay: others may use them.
set -eu
SYSTEMCTL_SKIP_SYSV=1 systemctl --quiet disable etcd.service 2>/dev/null || :   # not installed, perhaps
rm -f /etc/systemd/system/etcd.service.d/anneal.conf /usr/local/lib/anneal/etcd.sh
rmdir /etc/systemd/system/etcd.service.d /usr/local/lib/anneal /etc/etcd 2>/dev/null || :   # unless others use them
systemctl daemon-reload
echo changed=true >>"$ANNEAL_OUTPUTS"
