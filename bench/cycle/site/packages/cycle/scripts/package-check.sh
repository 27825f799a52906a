#!/bin/sh
# It is installed.
[ "$(dpkg-query -W -f '${db:Status-Status}' "$ANNEAL_INPUT_NAME" 2>/dev/null)" = installed ]
