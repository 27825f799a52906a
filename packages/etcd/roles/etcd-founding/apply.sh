#!/bin/sh
# Starts a cluster of one, unless there is a cluster already; tells which cluster it is.
set -eu
changed=false
tell() {
  printf 'cluster_id=%s\nchanged=%s\n' "$1" "$changed" >>"$ANNEAL_OUTPUTS"
  exit 0
}
[ -z "$ANNEAL_INPUT_KNOWN" ] || tell "$ANNEAL_INPUT_KNOWN"

. /usr/local/lib/anneal/etcd.sh

# Settings that matter come with the role etcd; a cluster of one need not wait long to elect itself.
# A first attempt that was broken off is carried on: data, where there is any, is what the member goes by.
if ! has_data; then
  # etcd makes the cluster's ID of this token and the first member's address: without a word of chance in it, a cluster founded
  # where another one was could take in what is left of that one.
  token=$ANNEAL_INPUT_CLUSTER_NAME-$(openssl rand -hex 8)
  put "$first_start" <<END
ETCD_NAME=$ANNEAL_NODE
ETCD_DATA_DIR=$data
ETCD_INITIAL_CLUSTER=$ANNEAL_NODE=https://$ANNEAL_INPUT_HOST:2380
ETCD_INITIAL_CLUSTER_STATE=new
ETCD_INITIAL_CLUSTER_TOKEN=$token
ETCD_INITIAL_ADVERTISE_PEER_URLS=https://$ANNEAL_INPUT_HOST:2380
ETCD_ADVERTISE_CLIENT_URLS=https://$ANNEAL_INPUT_HOST:2379
ETCD_LISTEN_PEER_URLS=https://$ANNEAL_INPUT_HOST:2380
ETCD_LISTEN_CLIENT_URLS=https://$ANNEAL_INPUT_HOST:2379,$here
ETCD_CERT_FILE=/etc/etcd/pki/member.pem
ETCD_KEY_FILE=/etc/etcd/pki/member.pem
ETCD_TRUSTED_CA_FILE=$ANNEAL_INPUT_AUTHORITY_FILE
ETCD_CLIENT_CERT_AUTH=true
ETCD_PEER_CERT_FILE=/etc/etcd/pki/member.pem
ETCD_PEER_KEY_FILE=/etc/etcd/pki/member.pem
ETCD_PEER_TRUSTED_CA_FILE=$ANNEAL_INPUT_AUTHORITY_FILE
ETCD_PEER_CLIENT_CERT_AUTH=true
ETCD_HEARTBEAT_INTERVAL=20
ETCD_ELECTION_TIMEOUT=200
END
  changed=true
fi
if [ "$(main_pid)" = 0 ]; then
  start_unit
  changed=true
fi
leads() { is_serving && is_healthy; }
until_started 60 leads || {
  last_words
  fail "the first member does not answer; its last words stand above"
}
tell "$(cluster_id_by "$here")"
