#!/bin/sh
# Makes the node's key once and a request for it; both are kept, so that the same request is told each time.
set -eu
umask 077
home=/etc/anneal-pki
key=$home/node.key
request=$home/node.csr
changed=false

# What is made stands aside first and is renamed once it is on disk: a crash leaves the old file or the new one.
put_in_place() {
  sync "$1"
  mv "$1" "$2"
  sync "$home"
  changed=true
}

mkdir -p "$home"
chmod 0700 "$home"
rm -rf "$home"/.requesting.*
scratch=$(mktemp -d "$home/.requesting.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

if [ ! -s "$key" ]; then
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$scratch/node.key"
  put_in_place "$scratch/node.key" "$key"
fi
chmod 0600 "$key"

fits() {
  [ -s "$request" ] &&
    [ "$(openssl req -in "$request" -noout -subject -nameopt RFC2253 2>/dev/null)" = "subject=CN=$ANNEAL_NODE" ] &&
    [ "$(openssl req -in "$request" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ]
}
if ! fits; then
  printf '[req]\ndistinguished_name = subject\nprompt = no\n[subject]\nCN = %s\n' "$ANNEAL_NODE" >"$scratch/openssl.cnf"
  openssl req -new -config "$scratch/openssl.cnf" -key "$key" -sha256 -out "$scratch/node.csr"
  put_in_place "$scratch/node.csr" "$request"
fi

{ echo "request<<END" && cat "$request" && echo END && echo "changed=$changed"; } >>"$ANNEAL_OUTPUTS"
