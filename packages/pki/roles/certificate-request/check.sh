#!/bin/sh
# The key is there, for root alone, and the request is for it and for this node.
set -eu
home=/etc/anneal-pki
[ "$(stat -c %a:%U "$home/node.key")" = 600:root ]
[ "$(openssl req -in "$home/node.csr" -noout -subject -nameopt RFC2253)" = "subject=CN=$ANNEAL_NODE" ]
[ "$(openssl req -in "$home/node.csr" -noout -pubkey)" = "$(openssl pkey -in "$home/node.key" -pubout)" ]
{ echo "request<<END" && cat "$home/node.csr" && echo END; } >>"$ANNEAL_OUTPUTS"
