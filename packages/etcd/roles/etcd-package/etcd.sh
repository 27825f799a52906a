# What the scripts of the etcd roles have in common. To be sourced.
data=/var/lib/etcd/data
settings=/etc/etcd/etcd.env
first_start=/etc/etcd/first-start.env
known=/etc/etcd/members.known   # names of the nodes that were members as far as Anneal knows, until they are gone
here=https://127.0.0.1:2379

export ETCDCTL_API=3 ETCDCTL_CACERT=/etc/etcd/pki/ca.pem ETCDCTL_CERT=/etc/etcd/pki/member.pem \
  ETCDCTL_KEY=/etc/etcd/pki/member.pem ETCDCTL_DIAL_TIMEOUT=3s ETCDCTL_COMMAND_TIMEOUT=8s

# Debian ships an init script beside the unit; only the unit counts here.
export SYSTEMCTL_SKIP_SYSV=1

say() { echo "$ANNEAL_ROLE: $*" >&2; }
fail() {
  say "$@"
  exit 1
}

# Whether this node has been a member: etcd makes its log of writes in one step, and then takes it over everything else.
has_data() { ls "$data"/member/wal/*.wal >/dev/null 2>&1; }

# at ENDPOINTS COMMAND...: etcdctl against these endpoints.
at() (
  export ETCDCTL_ENDPOINTS="$1"
  shift
  timeout 30 etcdctl "$@"
)

# Those of the given endpoints that can commit a proposal, one a line; never a learner.
healthy_among() { at "$1" endpoint health 2>&1 | sed -n 's/^\(https:[^ ]*\) is healthy:.*/\1/p'; }
is_healthy() { [ -n "$(healthy_among "$here")" ]; }
# The unit is active once etcd says that it serves; to ask etcdctl before that is to wait for its time-outs.
is_serving() { [ "$(systemctl is-active etcd.service)" = active ]; }

# One line per member: ID, state, name, peer URLs, client URLs, whether it is a learner; empty when nobody answers.
members_by() { at "$1" member list 2>/dev/null; }
cluster_id_by() { at "$1" member list --write-out=json 2>/dev/null | sed -n 's/^{"header":{"cluster_id":\([0-9]\{1,\}\).*/\1/p'; }

# field NUMBER: that field of lines by members_by.
field() { awk -F ', ' -v number="$1" '{ print $number }'; }
# where NUMBER VALUE: the lines by members_by with this value in that field.
where() { VALUE=$2 awk -F ', ' -v number="$1" '$number == ENVIRON["VALUE"]'; }

# The endpoints, separated by commas, of the voting members but this one in lines by members_by.
other_voters() {
  awk -F ', ' -v me="$ANNEAL_NODE" '$6 == "false" && $3 != me && $5 != "" { split($5, urls, ","); print urls[1] }' | paste -s -d , -
}

# speaker_among ENDPOINTS: the endpoint of a member, other than this one, that has a quorum behind it. Any of the given
# endpoints tells who the members are; they may be of nodes that are no members yet, for which nobody should have to wait.
speaker_among() {
  voters=$(members_by "$1" | other_voters)
  [ -n "$voters" ] || return 1
  found=$(ETCDCTL_COMMAND_TIMEOUT=2s && healthy_among "$voters" | head -n 1)
  [ -n "$found" ] || found=$(healthy_among "$voters" | head -n 1)
  [ -n "$found" ] && echo "$found"
}

main_pid() { systemctl show --property=MainPID --value etcd.service; }

# Writes stdin to a file that etcd may read, in one step.
put() {
  install -m 0640 -o root -g etcd /dev/null "$1.new"
  cat >"$1.new"
  sync "$1.new"
  mv "$1.new" "$1"
}

start_unit() {
  systemctl reset-failed etcd.service 2>/dev/null || :
  soon start
}

# soon ACTION: starts or restarts the unit. systemd hears at once when it is ready, so a moment is given to it; it may be long
# until a quorum is found, and who wants to know asks for that himself.
soon() { timeout 5 systemctl "$1" etcd.service 2>/dev/null || :; }

# until_true SECONDS COMMAND...: repeats the command five times a second until it succeeds.
until_true() {
  deadline=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}

# until_started SECONDS COMMAND...: the same, but does not wait for a unit that systemd has given up.
until_started() {
  seconds=$1
  shift
  until_true "$seconds" started_or_given_up "$@" && ! systemctl --quiet is-failed etcd.service
}
started_or_given_up() { "$@" || systemctl --quiet is-failed etcd.service; }

last_words() { journalctl --unit=etcd.service --lines=12 --no-pager --output=cat >&2 || :; }
