#!/bin/sh
# The highest of its own number and of all that it has heard.
set -eu
highest=$ANNEAL_INPUT_OWN
for number in $(printf '%s' "$ANNEAL_INPUT_HEARD" | sed 's/[^0-9:]*:\([0-9]*\)/ \1/g; s/[^0-9 ]//g'); do
  [ "$number" -le "$highest" ] || highest=$number
done
echo "$ANNEAL_NODE has heard $ANNEAL_INPUT_HEARD and says $highest"
echo changed=false >>"$ANNEAL_OUTPUTS"
echo "highest=$highest" >>"$ANNEAL_OUTPUTS"
