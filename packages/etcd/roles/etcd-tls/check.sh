#!/bin/sh
# Key, certificate and authority stand where etcd looks for them, as they were bound, and nobody else may read the key.
set -eu
home=/etc/etcd/pki
[ "$(stat -c %a:%U:%G "$home/member.pem")" = 640:root:etcd ]
{ cat "$ANNEAL_INPUT_KEY_FILE" && printf '%s\n' "$ANNEAL_INPUT_CERTIFICATE"; } | cmp -s - "$home/member.pem"
printf '%s\n' "$ANNEAL_INPUT_AUTHORITY" "$ANNEAL_INPUT_ALSO_TRUST" | cmp -s - "$home/ca.pem"
printf 'authority_file=%s\n' "$home/$(readlink "$home/ca.pem")" >>"$ANNEAL_OUTPUTS"
