#!/bin/sh
# Whether both places that keep the zone have the wanted one.
zone=$ANNEAL_INPUT_ZONE
[ -z "$zone" ] || { [ "$(readlink /etc/localtime)" = "/usr/share/zoneinfo/$zone" ] && [ "$(cat /etc/timezone)" = "$zone" ]; }
