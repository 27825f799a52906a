#!/bin/sh
# Installs it where it is not.
set -eu
[ "$(dpkg-query -W -f '${db:Status-Status}' "$ANNEAL_INPUT_NAME" 2>/dev/null)" = installed ] ||
  DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "$ANNEAL_INPUT_NAME" >&2
