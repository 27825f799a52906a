#!/bin/sh
# The way into a lab for one connection: joins the lab's network and pipes stdin and stdout to HOST:PORT.
# usage: connect.sh LAB HOST PORT [fdpass]      with fdpass the socket itself goes to ssh (ProxyUseFdpass) and nothing stays behind
# Plain sh and no Node, because this runs once per connection.
lab=$1 host=$2 port=$3
no_lab() { echo "anneal lab: the lab in $lab is not up" >&2; exit 1; }
{ read -r pid start mode <"$lab/holder"; } 2>/dev/null || no_lab
{ read -r stat <"/proc/$pid/stat"; } 2>/dev/null || no_lab
fdpass=${4:+-F}
set -- ${stat##*) }
[ "${20}" = "$start" ] || no_lab
[ "$mode" = user ] && user='--user --preserve-credentials' || user=
in_lab() { nsenter --target "$pid" $user --net "$@"; }
if [ -z "$fdpass" ]; then
  in_lab nc -n "$host" "$port" && exit 0
  echo "anneal lab: the connection to $host:$port failed" >&2
  exit 1
fi
# nc is silent about failures unless it may also praise itself. ssh waits for the socket for ever, whatever its ConnectTimeout.
{ words=$(in_lab nc -n -v -w 5 -F "$host" "$port" 2>&1 >&3) && exit 0; } 3>&1
echo "anneal lab: $words" >&2
exit 1
