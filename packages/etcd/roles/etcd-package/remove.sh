#!/bin/sh
# Gives the unit back. The packages stay: others may use them, and Debian's unit stays disabled.
set -eu
rm -f /etc/systemd/system/etcd.service.d/anneal.conf /usr/local/lib/anneal/etcd.sh
rmdir /etc/systemd/system/etcd.service.d /usr/local/lib/anneal /etc/etcd 2>/dev/null || :   # unless others use them
systemctl daemon-reload
echo changed=true >>"$ANNEAL_OUTPUTS"
