#!/bin/sh
# There is a cluster: its members have told so, or this node is one of them.
set -eu
id=$ANNEAL_INPUT_KNOWN
if [ -z "$id" ]; then
  . /usr/local/lib/anneal/etcd.sh
  has_data
  is_healthy
  id=$(cluster_id_by "$here")
fi
printf 'cluster_id=%s\n' "$id" >>"$ANNEAL_OUTPUTS"
