#!/bin/sh
# What it hears.
set -eu
echo changed=false >>"$ANNEAL_OUTPUTS"
echo "says=$ANNEAL_INPUT_HEARD" >>"$ANNEAL_OUTPUTS"
