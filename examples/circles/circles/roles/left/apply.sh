#!/bin/sh
# The contrary of what it hears.
set -eu
case $ANNEAL_INPUT_HEARD in
  day) says=night ;;
  *) says=day ;;
esac
echo changed=false >>"$ANNEAL_OUTPUTS"
echo "says=$says" >>"$ANNEAL_OUTPUTS"
