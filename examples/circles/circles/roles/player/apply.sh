#!/bin/sh
# Moves on.
set -eu
echo changed=false >>"$ANNEAL_OUTPUTS"
echo moved=true >>"$ANNEAL_OUTPUTS"
