#!/bin/sh
# Puts the node's key and certificate into one file, so that they change together, and the authority beside it.
set -eu
umask 077
home=/etc/etcd/pki

fail() {
  echo "etcd-tls: $*" >&2
  exit 1
}

# put NAME: stdin becomes that file, in one step, unless it is so already.
put() {
  install -m 0640 -o root -g etcd /dev/null "$home/.new"
  cat >"$home/.new"
  if cmp -s "$home/.new" "$home/$1" && [ "$(stat -c %a:%U:%G "$home/$1")" = 640:root:etcd ]; then
    rm "$home/.new"
  else
    sync "$home/.new"
    mv "$home/.new" "$home/$1"
  fi
}
state() { ls -lLi "$home"/member.pem "$home"/ca.pem 2>/dev/null || :; }   # a file that was put in place is another file

before=$(state)
install -d -m 0755 /etc/etcd
install -d -m 0750 -o root -g etcd "$home"

of_certificate=$(printf '%s\n' "$ANNEAL_INPUT_CERTIFICATE" | openssl x509 -noout -pubkey) ||
  fail "the certificate for $ANNEAL_NODE is not one that openssl can read"
[ "$of_certificate" = "$(openssl pkey -in "$ANNEAL_INPUT_KEY_FILE" -pubout)" ] ||
  fail "the certificate for $ANNEAL_NODE is not for the key in $ANNEAL_INPUT_KEY_FILE: a new one has to be signed first"

trusted() { printf '%s\n' "$ANNEAL_INPUT_AUTHORITY" "$ANNEAL_INPUT_ALSO_TRUST"; }
authority=ca-$(trusted | sha256sum | cut -c 1-16).pem
trusted | put "$authority"
{ cat "$ANNEAL_INPUT_KEY_FILE" && printf '%s\n' "$ANNEAL_INPUT_CERTIFICATE"; } | put member.pem
if [ "$(readlink "$home/ca.pem")" != "$authority" ]; then
  ln -s -f "$authority" "$home/.ca.new"
  mv -T "$home/.ca.new" "$home/ca.pem"
fi

if [ "$(state)" = "$before" ]; then changed=false; else changed=true; fi
printf 'authority_file=%s\nchanged=%s\n' "$home/$authority" "$changed" >>"$ANNEAL_OUTPUTS"
