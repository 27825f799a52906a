#!/bin/sh
# Makes the authority's key and certificate once; renews the certificate, by the same key, in its last third.
set -eu
umask 077
name=$ANNEAL_INPUT_NAME
days=$ANNEAL_INPUT_VALIDITY_DAYS
home=/etc/anneal-pki/ca
key=$home/ca.key
certificate=$home/ca.pem
changed=false

fail() {
  echo "ca: $*" >&2
  exit 1
}

# What is made stands aside first and is renamed once it is on disk: a crash leaves the old file or the new one.
put_in_place() {
  sync "$1"
  mv "$1" "$2"
  sync "$home"
  changed=true
}

mkdir -p "$home"
chmod 0700 "$home"
rm -rf "$home"/.making.*
scratch=$(mktemp -d "$home/.making.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

if [ ! -e "$key" ]; then
  [ ! -e "$certificate" ] || fail "$certificate is there and its key $key is not: nothing can be issued any more." \
    "Put the key back from a backup, or move $home away to begin with a new authority"
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$scratch/ca.key"
  put_in_place "$scratch/ca.key" "$key"
fi
chmod 0600 "$key"

if [ -e "$certificate" ]; then
  subject=$(openssl x509 -in "$certificate" -noout -subject -nameopt RFC2253)
  [ "$subject" = "subject=CN=$name" ] || fail "the authority here is '${subject#subject=CN=}' and can not become '$name':" \
    "certificates name their issuer. Set its name back, or move $home away to begin with a new authority"
  [ "$(openssl x509 -in "$certificate" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ] ||
    fail "$certificate was not made with $key: put back the two that belong together"
fi

if [ ! -e "$certificate" ] || ! openssl x509 -in "$certificate" -noout -checkend $((days * 86400 / 3)) >/dev/null; then
  cat >"$scratch/openssl.cnf" <<'END'
[req]
distinguished_name = subject
x509_extensions = authority
[subject]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
END
  openssl req -new -x509 -config "$scratch/openssl.cnf" -key "$key" -sha256 -days "$days" -subj "/CN=$name" \
    -set_serial "0x$(openssl rand -hex 16)" -out "$scratch/ca.pem"
  put_in_place "$scratch/ca.pem" "$certificate"
fi

{ echo "certificate<<END" && cat "$certificate" && echo END && echo "changed=$changed"; } >>"$ANNEAL_OUTPUTS"
