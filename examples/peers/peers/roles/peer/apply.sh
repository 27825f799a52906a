#!/bin/sh
# Makes the key and certificate of this generation, and starts the service when there is somebody to let in.
set -eu
umask 077
home=/etc/peer
changed=false

if [ "$(cat "$home/generation" 2>/dev/null)" != "$ANNEAL_INPUT_GENERATION" ] || [ ! -s "$home/own.pem" ]; then
  scratch=$(mktemp -d "$home/.making.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 -subj "/CN=$ANNEAL_NODE" \
    -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
    -keyout "$scratch/own.key" -out "$scratch/own.pem" 2>/dev/null
  mv "$scratch/own.key" "$scratch/own.pem" "$home/"
  echo "$ANNEAL_INPUT_GENERATION" >"$home/generation"
  changed=true
fi
[ -z "$ANNEAL_CHANGED_FILES" ] || changed=true

fingerprint() { openssl x509 -noout -fingerprint -sha256 | sed 's/.*=//'; }

trusts=
for name in $(sed -n 's/^# //p' "$home/trusted.pem"); do
  print=$(sed -n "/^# $name\$/,/END CERTIFICATE/p" "$home/trusted.pem" | fingerprint)
  trusts="$trusts${trusts:+,}\"$name\":\"$print\""
done

systemctl daemon-reload
if [ -z "$trusts" ]; then
  echo "nobody is known yet"
  systemctl disable --now peer.service 2>/dev/null || :
elif [ "$changed" = true ] || ! systemctl is-active --quiet peer.service; then
  systemctl enable peer.service 2>/dev/null
  systemctl restart peer.service
  changed=true
fi

certificate=$(awk '{ printf "%s\\n", $0 }' "$home/own.pem")
own=$(fingerprint <"$home/own.pem")
{
  printf '{"identity":{"name":"%s","fingerprint":"%s","certificate":"%s"}}\n' "$ANNEAL_NODE" "$own" "$certificate"
  printf '{"trusts":{%s}}\n' "$trusts"
  echo "changed=$changed"
} >>"$ANNEAL_OUTPUTS"
