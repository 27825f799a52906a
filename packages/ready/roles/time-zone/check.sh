#!/bin/sh
zone=$ANNEAL_INPUT_ZONE
[ -z "$zone" ] || { [ "$(readlink /etc/localtime)" = "/usr/share/zoneinfo/$zone" ] && [ "$(cat /etc/timezone)" = "$zone" ]; }
