#!/bin/sh
# The member runs with today's settings, has a vote, is heard by a quorum, belongs to our cluster, and starts at boot.
set -eu
. /usr/local/lib/anneal/etcd.sh
systemctl --quiet is-enabled etcd.service
[ ! -e "$first_start" ]
settings_of() { grep '^ETCD_' "$1" | grep -v '^ETCD_INITIAL_' | LC_ALL=C sort; }
[ "$(tr '\0' '\n' <"/proc/$(main_pid)/environ" | settings_of -)" = "$(settings_of "$settings")" ]
is_healthy   # never true of a learner
[ "$(cluster_id_by "$here")" = "$ANNEAL_INPUT_CLUSTER_ID" ]
# Nobody who was taken away is left behind in the cluster.
while read -r name; do
  grep -q "^$name " /etc/etcd/members || [ -z "$(members_by "$here" | where 3 "$name")" ]
done <"$known"
version=$(at "$here" endpoint status | field 3)
printf 'cluster_id=%s\nversion=%s\n' "$ANNEAL_INPUT_CLUSTER_ID" "$version" >>"$ANNEAL_OUTPUTS"
