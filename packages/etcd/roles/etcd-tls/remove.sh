#!/bin/sh
# Takes key, certificate and authority of the member off the node.
set -eu
[ -e /etc/etcd/pki ] || exit 0
rm -rf /etc/etcd/pki
echo changed=true >>"$ANNEAL_OUTPUTS"
