#!/bin/sh
# Makes this node a healthy, voting member that runs with today's settings, and never costs the cluster its quorum on the way.
set -eu
. /usr/local/lib/anneal/etcd.sh
peer=https://$ANNEAL_INPUT_HOST:2380
others=$(awk -v me="$ANNEAL_NODE" '$1 != me { print $2 }' /etc/etcd/members | paste -s -d , -)
said=/run/anneal-etcd.said
changed=false

main() {
  [ "$ANNEAL_INPUT_ELECTION_TIMEOUT_MS" -ge $((5 * ANNEAL_INPUT_HEARTBEAT_INTERVAL_MS)) ] ||
    fail "election_timeout_ms is $ANNEAL_INPUT_ELECTION_TIMEOUT_MS: etcd wants at least five times heartbeat_interval_ms"
  if has_data; then
    leave_stale_data_aside
  fi
  if has_data; then
    run_with_todays_settings
  else
    join
  fi
  become_voter
  expect_our_cluster
  rm -f "$first_start" /etc/etcd/leaving
  if ! systemctl --quiet is-enabled etcd.service 2>/dev/null; then
    systemctl --quiet enable etcd.service 2>&1
    changed=true
  fi
  drop_lost_members
  # The label of a version is what etcdctl prints first.
  version=$(at "$here" endpoint status | field 3)
  printf 'cluster_id=%s\nversion=%s\nchanged=%s\n' "$ANNEAL_INPUT_CLUSTER_ID" "$version" "$changed" >>"$ANNEAL_OUTPUTS"
}

# --- a node that has been a member ---

# Taken out while it was away, a member can not come back with its old data: the others would not know it.
leave_stale_data_aside() {
  [ "$(main_pid)" = 0 ] || ! is_healthy || return 0
  speaker=$(speaker_of_cluster) || return 0
  members=$(members_by "$speaker")
  [ -n "$members" ] || return 0
  [ -z "$(printf '%s\n' "$members" | where 3 "$ANNEAL_NODE")$(printf '%s\n' "$members" | where 4 "$peer")" ] || return 0
  systemctl stop etcd.service
  aside=$data.removed-$(date -u +%Y%m%dT%H%M%SZ)
  mv "$data" "$aside"
  say "the cluster has no member $ANNEAL_NODE any more: its old data now stands in $aside, and it joins anew"
  changed=true
}

run_with_todays_settings() {
  rm -f "$first_start"   # with data, nothing but these settings counts
  if [ "$(main_pid)" = 0 ]; then
    say "starting the member"
    start_member
  elif ! runs_with_todays_settings; then
    move_peer_address
    make_way
    say "restarting with new settings"
    soon restart
    changed=true
  fi
  until_started 60 is_up || {
    last_words
    fail "the member does not answer; its last words stand above, and the other members stay as they are"
  }
}

start_member() {
  [ "$(systemctl show --property=NeedDaemonReload --value etcd.service)" = no ] || systemctl daemon-reload
  start_unit
  changed=true
}

# What a process was started with is the one truth about it: files may have changed since, or been half read.
runs_with_todays_settings() {
  tr '\0' '\n' <"/proc/$(main_pid)/environ" 2>/dev/null | settings_of - >/run/anneal-etcd.running
  settings_of "$settings" | cmp -s - /run/anneal-etcd.running
}
settings_of() { grep '^ETCD_' "$1" | grep -v '^ETCD_INITIAL_' | LC_ALL=C sort; }

# As new as its settings, and serving; a voter is also heard by a quorum, which a learner can not be asked about.
is_up() {
  runs_with_todays_settings && is_serving || return 1
  case $(own_status 6) in
    true) ;;
    false) is_healthy ;;
    *) return 1 ;;
  esac
}
own_status() { at "$here" endpoint status 2>/dev/null | field "$1"; }

# Lets the others go on without this member: none of them may be missing, and another one leads.
make_way() {
  is_healthy || return 0   # it serves nobody now: a restart takes nothing away
  members=$(members_by "$here")
  voters=$(printf '%s\n' "$members" | where 6 false | wc -l)
  [ "$voters" -gt 1 ] || return 0
  healthy=$(healthy_among "$(printf '%s\n' "$members" | other_voters)")
  up=$(printf '%s\n' "$healthy" | grep -c . || :)
  # Of two members none can be missed; then the other one must at least be there when this one comes back.
  [ "$up" -gt $((voters / 2)) ] || [ "$up" = $((voters - 1)) ] ||
    fail "a restart would leave $up of $voters members, fewer than a quorum: first bring back those that do not answer"
  [ "$(own_status 5)" = true ] || return 0
  heir=$(printf '%s\n' "$members" | where 5 "$(printf '%s\n' "$healthy" | head -n 1)" | field 1)
  at "$here" move-leader "$heir" >&2 || say "leadership could not be handed over; the members will elect a leader"
}

# The cluster learns of a new address before the member listens there.
move_peer_address() {
  own=$(members_by "$here" | where 3 "$ANNEAL_NODE")
  [ -n "$own" ] && [ "$(printf '%s\n' "$own" | field 4)" != "$peer" ] || return 0
  at "$here" member update "$(printf '%s\n' "$own" | field 1)" --peer-urls="$peer" >&2
  changed=true
}

# --- a node that has not ---

# Joins as a learner, which has no vote: should it never come up, the others are as well off as before.
join() {
  systemctl stop etcd.service
  speaker=$(speaker_of_cluster) || fail "none of the other members answers: there is nobody to join through"
  [ "$(cluster_id_by "$speaker")" = "$ANNEAL_INPUT_CLUSTER_ID" ] ||
    fail "the members that answer are of cluster $(cluster_id_by "$speaker"), and not of $ANNEAL_INPUT_CLUSTER_ID"
  own=$(own_entry "$(members_by "$speaker")")
  if [ -n "$own" ] && { [ "$(printf '%s\n' "$own" | field 2)" != unstarted ] || [ "$(printf '%s\n' "$own" | field 4)" != "$peer" ]; }; then
    say "the cluster knows a member $ANNEAL_NODE whose data is gone: it is taken out, and joins anew"
    printf '%s\n' "$own" | field 1 | while read -r id; do at "$speaker" member remove "$id" >&2; done
    own=
  fi
  if [ -z "$own" ]; then
    make_room_for_a_learner
    # etcd takes nobody in until each member has been connected for five seconds: right after another one joined, it says no.
    until_true 30 added || fail "the members do not take this one in: $(tail -n 1 "$said")"
  fi
  members=$(members_by "$speaker")
  [ -n "$members" ] || fail "the members answer no more"
  # A member that was added and has not started has no name yet; etcd goes by its address.
  cluster=$(printf '%s\n' "$members" | awk -F ', ' -v me="$ANNEAL_NODE" -v peer="$peer" '
    { count = split($4, urls, ","); name = $4 == peer ? me : $3 == "" ? "unstarted-" $1 : $3 }
    { for (i = 1; i <= count; i++) print name "=" urls[i] }' | paste -s -d , -)
  rm -rf "$data"   # no log of writes in it: what a broken start left
  put "$first_start" <<END
ETCD_INITIAL_CLUSTER=$cluster
ETCD_INITIAL_CLUSTER_STATE=existing
END
  say "joining as a learner"
  start_member
  until_started 60 is_up || {
    last_words
    fail "the new member does not come up; its last words stand above, and the other members are not touched by it"
  }
}

added() {
  at "$speaker" member add "$ANNEAL_NODE" --learner --peer-urls="$peer" >"$said" 2>&1 ||
    [ -n "$(own_entry "$(members_by "$speaker")")" ]   # the answer was lost, not the question
}

# Lines by members_by that are ours, by name or by address.
own_entry() {
  printf '%s\n' "$1" | PEER=$peer NAME=$ANNEAL_NODE awk -F ', ' '$3 == ENVIRON["NAME"] || $4 == ENVIRON["PEER"]'
}

# etcd takes one learner at a time. One that another node's broken run left behind is brought to its end, or out.
make_room_for_a_learner() {
  members_by "$speaker" | where 6 true | while IFS=, read -r id state rest; do
    at "$speaker" member promote "$id" >/dev/null 2>&1 && continue
    [ "$state" = " unstarted" ] ||
      fail "another member ($id,$rest) is still learning: only one can at a time"
    say "taking out $id, which was added and never started"
    at "$speaker" member remove "$id" >&2
  done
}

# --- both ---

speaker_of_cluster() { [ -n "$others" ] && speaker_among "$others"; }

become_voter() {
  [ "$(own_status 6)" = true ] || return 0
  speaker=$(speaker_of_cluster) || fail "the member is a learner, and no other member answers to give it its vote"
  own=$(own_entry "$(members_by "$speaker")" | field 1)
  until_true 120 promoted "$own" || fail "the member does not catch up with the others: it stays a learner"
  until_started 30 is_up || fail "the member has a vote now, and does not answer"
  changed=true
}
promoted() {
  at "$speaker" member promote "$1" >/dev/null 2>&1 || [ "$(own_status 6)" = false ]
}

expect_our_cluster() {
  id=$(cluster_id_by "$here")
  [ "$id" = "$ANNEAL_INPUT_CLUSTER_ID" ] ||
    fail "this member belongs to cluster $id, and not to $ANNEAL_INPUT_CLUSTER_ID: its data is of another cluster"
}

# A node that was lost or forgotten is a member still, and counts against the quorum. Those who stay take it out: when it
# once was among the nodes, is not now, and does not answer. One that answers is left to go by itself, and looked at again.
drop_lost_members() {
  cut -d ' ' -f 1 /etc/etcd/members | LC_ALL=C sort >/run/anneal-etcd.listed
  touch "$known"
  lost=$(LC_ALL=C comm -23 "$known" /run/anneal-etcd.listed)
  for name in $lost; do
    entry=$(members_by "$here" | where 3 "$name")
    [ -n "$entry" ] || continue
    if [ -n "$(healthy_among "$(printf '%s\n' "$entry" | field 5 | cut -d , -f 1)")" ]; then
      echo "$name" >>/run/anneal-etcd.listed
    else
      say "taking out $name: it is no longer one of the nodes, and does not answer"
      at "$here" member remove "$(printf '%s\n' "$entry" | field 1)" >&2
      changed=true
    fi
  done
  LC_ALL=C sort -u -o /run/anneal-etcd.listed /run/anneal-etcd.listed
  cmp -s /run/anneal-etcd.listed "$known" || put "$known" </run/anneal-etcd.listed
}

main
