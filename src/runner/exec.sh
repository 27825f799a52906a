#!/bin/sh
# Runs the command whose words stand in the environment, as they are.
set --
i=0
while [ "$i" -lt "$ANNEAL_EXEC_WORDS" ]; do
  eval "set -- \"\$@\" \"\$ANNEAL_EXEC_WORD_$i\""
  unset "ANNEAL_EXEC_WORD_$i"
  i=$((i + 1))
done
unset ANNEAL_EXEC_WORDS i
exec "$@"
