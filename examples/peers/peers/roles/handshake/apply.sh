#!/bin/sh
# Calls each of the others with this peer's certificate, and takes no other answer than from the one certificate pinned for it.
set -eu
home=/etc/peer
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

verified=
while read -r name endpoint print; do
  [ "$print" = "$ANNEAL_INPUT_FINGERPRINT" ] || {
    echo "$name does not trust this peer's certificate" >&2
    exit 1
  }
  sed -n "/^# $name\$/,/END CERTIFICATE/p" "$home/trusted.pem" >"$scratch/$name.pem"
  printf 'GET / HTTP/1.0\r\n\r\n' |
    timeout 20 openssl s_client -quiet -connect "$endpoint" -cert "$home/own.pem" -key "$home/own.key" \
      -CAfile "$scratch/$name.pem" -verify_return_error >"$scratch/answer" 2>"$scratch/said" || :
  grep -q '^HTTP/1.0 200' "$scratch/answer" || {
    echo "$name at $endpoint did not let this peer in:" >&2
    cat "$scratch/said" >&2
    exit 1
  }
  echo "$name at $endpoint: verified"
  verified="$verified${verified:+,}\"$name\""
done <"$home/others"

printf '{"verified":[%s]}\nchanged=false\n' "$verified" >>"$ANNEAL_OUTPUTS"
