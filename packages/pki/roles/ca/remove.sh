#!/bin/sh
# Puts the authority aside instead of deleting it: a key that is gone can not be had again, and certificates by it live on.
set -eu
home=/etc/anneal-pki/ca
[ -e "$home" ] || exit 0
aside=$home.removed-$(date -u +%Y%m%dT%H%M%SZ)
mv -T "$home" "$aside"
echo "ca: the authority's key and certificate now stand in $aside; delete them when no certificate by it is in use" >&2
echo changed=true >>"$ANNEAL_OUTPUTS"
