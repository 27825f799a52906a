#!/bin/sh
# Anneal lets go: accounts, keys and sudo stay as they are, now in the operator's own hands.
set -eu
rm -f /etc/anneal/users /etc/anneal/users.known /etc/anneal/users.changed
rmdir /etc/anneal 2>/dev/null || :   # other roles keep their lists there
