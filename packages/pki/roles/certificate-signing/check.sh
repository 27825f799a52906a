#!/bin/sh
# Each request has its certificate or was refused, on today's grounds, and no certificate is in its last third.
set -eu
days=$ANNEAL_INPUT_VALIDITY_DAYS
home=/etc/anneal-pki/ca
certificates=
refused=
[ -e "$home/ca.key" ]
authority=$(openssl x509 -in "$home/ca.pem" -noout -pubkey)
while read -r node names request; do
  grounds=$(printf '%s\n' "$node" "$names" "$request" "$days" "$authority" | sha256sum)
  certificate=$home/issued/$node.pem
  if grep -qxF "refused $grounds" "$home/issued/$node.refused" 2>/dev/null; then
    refused="$refused,\"$node\":\"$(sed -n 2p "$home/issued/$node.refused")\""
  elif ! grep -qxF "grounds $grounds" "$certificate" 2>/dev/null ||
    ! openssl x509 -in "$certificate" -noout -checkend $((days * 86400 / 3)) >/dev/null; then
    echo "certificate-signing: $node is without a certificate that fits its request and does not end soon" >&2
    exit 1
  fi
  [ ! -e "$certificate" ] ||
    certificates="$certificates,\"$node\":\"$(sed -n '/^-----BEGIN/,$p' "$certificate" | awk '{ printf "%s\\n", $0 }')\""
done <"$home/requests"
printf '{"certificates":{%s},"refused":{%s}}\n' "${certificates#,}" "${refused#,}" >>"$ANNEAL_OUTPUTS"
