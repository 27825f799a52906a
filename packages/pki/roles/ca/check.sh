#!/bin/sh
# The key and the certificate are there, belong together, and the certificate is not in its last third.
set -eu
days=$ANNEAL_INPUT_VALIDITY_DAYS
home=/etc/anneal-pki/ca
[ "$(stat -c %a:%U "$home/ca.key")" = 600:root ]
openssl x509 -in "$home/ca.pem" -noout -checkend $((days * 86400 / 3)) >/dev/null
[ "$(openssl x509 -in "$home/ca.pem" -noout -pubkey)" = "$(openssl pkey -in "$home/ca.key" -pubout)" ]
{ echo "certificate<<END" && cat "$home/ca.pem" && echo END; } >>"$ANNEAL_OUTPUTS"
