#!/bin/sh
# Puts our block into /etc/hosts, in one step; lines that are not ours stay as they are.
set -eu
new=/etc/hosts.anneal-new

cp -p /etc/hosts "$new"   # for its mode and owner
# The block comes where it stood before, or at the end. A begin without an end is a line like any other.
awk -v block=/etc/anneal/hosts '
  function put_block(  line) { if (!done) while ((getline line <block) > 0) print line; done = 1 }
  function let_go(  i) { for (i = 1; i <= held; i++) print hold[i]; held = 0 }
  $0 == "# anneal: begin" { let_go(); hold[held = 1] = $0; next }
  held && $0 == "# anneal: end" { held = 0; put_block(); next }
  held { hold[++held] = $0; next }
  { print }
  END { let_go(); put_block() }
' /etc/hosts >"$new"

if cmp -s "$new" /etc/hosts; then
  rm "$new"
  echo changed=false >>"$ANNEAL_OUTPUTS"
else
  sync "$new"
  mv "$new" /etc/hosts
  echo changed=true >>"$ANNEAL_OUTPUTS"
fi
