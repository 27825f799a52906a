#!/bin/sh
# Tells the running kernel, where it has another value.
set -eu
[ "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)" = "$ANNEAL_INPUT_KEEPALIVE" ] || sysctl -q -p /etc/sysctl.d/60-cycle.conf
