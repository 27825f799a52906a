#!/bin/sh
# The time and the number of this process: never twice the same.
set -eu
echo changed=false >>"$ANNEAL_OUTPUTS"
echo "roll=$(date +%s)-$$" >>"$ANNEAL_OUTPUTS"
echo "sides=$ANNEAL_INPUT_SIDES" >>"$ANNEAL_OUTPUTS"
