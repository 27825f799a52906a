#!/bin/sh
# The running kernel has the value.
[ "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)" = "$ANNEAL_INPUT_KEEPALIVE" ]
