#!/bin/sh
# Takes this member out of the cluster while it still answers, then stops it and puts its data away.
set -eu
. /usr/local/lib/anneal/etcd.sh
leaving=/etc/etcd/leaving
changed=false

main() {
  if has_data && [ ! -e "$leaving" ]; then
    leave
  fi
  if [ "$(main_pid)" != 0 ] || systemctl --quiet is-enabled etcd.service 2>/dev/null; then
    systemctl --quiet disable etcd.service 2>&1
    systemctl stop etcd.service
    changed=true
  fi
  if [ -e "$data" ]; then
    put_data_away
    changed=true
  fi
  rm -f "$settings" "$first_start" /etc/etcd/etcdctl.env /etc/etcd/members "$known" "$leaving"
  rmdir /etc/etcd 2>/dev/null || :   # the certificates live there, too
  echo "changed=$changed" >>"$ANNEAL_OUTPUTS"
}

leave() {
  if [ "$(main_pid)" = 0 ]; then start_unit; fi
  endpoints=$({ echo "$here" && awk -v me="$ANNEAL_NODE" '$1 != me { print $2 }' /etc/etcd/members; } | paste -s -d , -)
  until_true 20 quorum_answers || {
    last_words
    fail "no quorum of the cluster answers, so nobody can take this member out of it: bring back the members that are down." \
      "If the cluster is to be given up, stop etcd on all its nodes, delete $data there, and try again"
  }
  members=$(members_by "$speaker")
  own=$(printf '%s\n' "$members" | where 3 "$ANNEAL_NODE")
  if [ -z "$own" ]; then
    echo removed | put "$leaving"
  elif [ "$(printf '%s\n' "$members" | where 6 false | field 3)" = "$ANNEAL_NODE" ]; then
    say "this is the last member: the cluster ends here"
    echo last | put "$leaving"
  else
    hand_over
    # etcd says no until the others have been connected for five seconds, for example after a restart.
    id=$(printf '%s\n' "$own" | field 1)
    until_true 15 let_go || fail "the other members do not let it go: with it gone, too few of those that are left would answer"
    say "left the cluster"
    echo removed | put "$leaving"
  fi
  changed=true
}

# One of the others, who stay when this one goes, or else this one.
quorum_answers() {
  speaker=$(speaker_among "$endpoints") || { is_healthy && speaker=$here; }
}

hand_over() {
  [ "$(at "$here" endpoint status 2>/dev/null | field 5)" = true ] || return 0
  heir=$(printf '%s\n' "$members" | where 5 "$speaker" | field 1)
  [ -z "$heir" ] || at "$here" move-leader "$heir" >&2 || :   # without it, the others elect a leader
}

let_go() {
  at "$speaker" member remove "$id" >/dev/null 2>&1 && return
  stay=$(members_by "$speaker")   # perhaps only the answer was lost
  [ -n "$stay" ] && [ -z "$(printf '%s\n' "$stay" | where 1 "$id")" ]
}

# Where others hold the same data it is deleted; the last copy is not.
put_data_away() {
  if [ "$(cat "$leaving" 2>/dev/null)" = last ]; then
    aside=$data.last-$(date -u +%Y%m%dT%H%M%SZ)
    mv "$data" "$aside"
    say "the cluster's only copy of its data now stands in $aside; delete it when nobody needs it"
  else
    rm -rf "$data"
  fi
}

main
