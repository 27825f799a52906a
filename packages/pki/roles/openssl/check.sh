#!/bin/sh
# Whether openssl is there.
set -eu
printf 'version=%s\n' "$(openssl version)" >>"$ANNEAL_OUTPUTS"
