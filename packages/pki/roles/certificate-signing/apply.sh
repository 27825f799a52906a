#!/bin/sh
# Issues a certificate for each request that has none which still fits; a request that is not in order is refused by itself.
set -eu
umask 077
days=$ANNEAL_INPUT_VALIDITY_DAYS
home=/etc/anneal-pki/ca
issued=$home/issued
changed=false
certificates=
refused=

mkdir -p "$issued"
rm -rf "$home"/.signing.*
scratch=$(mktemp -d "$home/.signing.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# The authority's own word: subject and names come from Anneal, the public key alone from the request.
# The database is thrown away; what has been issued stands in files of its own.
cat >"$scratch/openssl.cnf" <<END
[ca]
default_ca = authority
[authority]
private_key = $home/ca.key
certificate = $home/ca.pem
database = $scratch/index
new_certs_dir = $scratch
rand_serial = yes
unique_subject = no
default_md = sha256
policy = names
copy_extensions = none
email_in_dn = no
x509_extensions = certificate
[names]
commonName = supplied
END

# Why a request is not in order; nothing when it is.
complaint_about() {
  openssl req -in "$scratch/request" -noout -verify >/dev/null 2>&1 || {
    echo "it is not signed by the key that it brings"
    return
  }
  subject=$(openssl req -in "$scratch/request" -noout -subject -nameopt RFC2253)
  [ "$subject" = "subject=CN=$node" ] || {
    echo "it asks for another name than the node's own"
    return
  }
  wishes=$(openssl req -in "$scratch/request" -noout -text -reqopt no_pubkey,no_sigdump | sed -n '/Attributes:/{n;s/ //g;p;q}')
  size=$(openssl req -in "$scratch/request" -noout -pubkey | openssl pkey -pubin -noout -text_pub | sed -n 's/.*Public-Key: (\([0-9]*\) bit)$/\1/p')
  if [ "$wishes" != "(none)" ]; then
    echo "it asks for extensions, which are not a node's to choose"
  else
    case $size in
      256 | 384 | 521 | 2048 | 3072 | 4096) ;;
      *) echo "its key is of a kind or size that is not accepted" ;;
    esac
  fi
}

issue() {
  cp "$scratch/openssl.cnf" "$scratch/this.cnf"
  cat >>"$scratch/this.cnf" <<END
[certificate]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = $names
END
  : >"$scratch/index"
  # Valid from an hour ago, for nodes whose clocks are behind.
  openssl ca -batch -notext -config "$scratch/this.cnf" -in "$scratch/request" -subj "/CN=$node" \
    -startdate "$(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$days days" +%Y%m%d%H%M%SZ)" \
    -out "$scratch/certificate" 2>"$scratch/talk" || {
    cat "$scratch/talk" >&2
    return 1
  }
  { printf 'grounds %s\n' "$grounds" && cat "$scratch/certificate"; } >"$scratch/issued"
  sync "$scratch/issued"
  mv "$scratch/issued" "$issued/$node.pem"
  changed=true
  echo "certificate-signing: issued a certificate to $node for $names, valid for $days days" >&2
}

authority=$(openssl x509 -in "$home/ca.pem" -noout -pubkey)
while read -r node names request; do
  grounds=$(printf '%s\n' "$node" "$names" "$request" "$days" "$authority" | sha256sum)
  if ! grep -qxF "grounds $grounds" "$issued/$node.pem" 2>/dev/null ||
    ! openssl x509 -in "$issued/$node.pem" -noout -checkend $((days * 86400 / 3)) >/dev/null; then
    printf '%s' "$request" | tr '|' '\n' >"$scratch/request"
    complaint=$(complaint_about)
    if [ -z "$complaint" ]; then
      rm -f "$issued/$node.refused"
      issue
    else
      printf 'refused %s\n%s\n' "$grounds" "$complaint" >"$issued/$node.refused"
      echo "certificate-signing: the request of $node is refused: $complaint" >&2
      refused="$refused,\"$node\":\"$complaint\""
    fi
  fi
  # A refusal takes nothing away: what was issued on good grounds before goes on to be told.
  [ ! -e "$issued/$node.pem" ] ||
    certificates="$certificates,\"$node\":\"$(sed -n '/^-----BEGIN/,$p' "$issued/$node.pem" | awk '{ printf "%s\\n", $0 }')\""
done <"$home/requests"

printf '{"certificates":{%s},"refused":{%s}}\nchanged=%s\n' "${certificates#,}" "${refused#,}" "$changed" >>"$ANNEAL_OUTPUTS"
