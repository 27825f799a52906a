#!/bin/sh
# The service reads its setting anew where it changed.
[ -z "$ANNEAL_CHANGED_FILES" ] || systemctl reload ssh
