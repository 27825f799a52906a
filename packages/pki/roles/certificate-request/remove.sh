#!/bin/sh
# Deletes the node's key and request: without the key, certificates that were issued for it are of no use to anybody.
set -eu
home=/etc/anneal-pki
[ -e "$home/node.key" ] || [ -e "$home/node.csr" ] || exit 0
rm -rf "$home/node.key" "$home/node.csr" "$home"/.requesting.*
rmdir "$home" 2>/dev/null || :   # unless something else lives there
echo changed=true >>"$ANNEAL_OUTPUTS"
