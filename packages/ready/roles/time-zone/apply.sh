#!/bin/sh
# Points /etc/localtime at the zone, in one step.
set -eu
zone=$ANNEAL_INPUT_ZONE
file=/usr/share/zoneinfo/$zone
if [ -z "$zone" ] || { [ "$(readlink /etc/localtime)" = "$file" ] && [ "$(cat /etc/timezone 2>/dev/null)" = "$zone" ]; }; then
  echo changed=false >>"$ANNEAL_OUTPUTS"
  exit 0
fi
[ -f "$file" ] || {
  echo "time-zone: there is no zone $zone on this machine: $file is missing (is the package tzdata installed?)" >&2
  exit 1
}
ln -sfn "$file" /etc/localtime.anneal-new
mv -T /etc/localtime.anneal-new /etc/localtime
echo "$zone" >/etc/timezone.anneal-new
mv /etc/timezone.anneal-new /etc/timezone
echo changed=true >>"$ANNEAL_OUTPUTS"
