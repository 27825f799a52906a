#!/bin/sh
# Makes it where it is not there.
set -eu
[ -f "$ANNEAL_INPUT_CREATES" ] || cat /proc/sys/kernel/random/uuid >"$ANNEAL_INPUT_CREATES"
