#!/bin/sh
# Each request has its certificate or was refused, on today's grounds, and no certificate is in its last third.
set -eu
days=$ANNEAL_INPUT_VALIDITY_DAYS
home=/etc/anneal-pki/ca
[ -e "$home/ca.key" ]
authority=$(openssl x509 -in "$home/ca.pem" -noout -pubkey)
while read -r node names request; do
  grounds=$(printf '%s\n' "$node" "$names" "$request" "$days" "$authority" | sha256sum)
  ! grep -qxF "refused $grounds" "$home/issued/$node.refused" 2>/dev/null || continue
  grep -qxF "grounds $grounds" "$home/issued/$node.pem" 2>/dev/null &&
    openssl x509 -in "$home/issued/$node.pem" -noout -checkend $((days * 86400 / 3)) >/dev/null || {
    echo "certificate-signing: $node is without a certificate that fits its request and does not end soon" >&2
    exit 1
  }
done <"$home/requests"
