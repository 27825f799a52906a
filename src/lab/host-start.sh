#!/bin/sh
# Sets a host going under a supervisor that outlives us. The arguments are host-run.sh's.
set -eu
run=$1/run/$2
mkdir -p "$run"
rm -f "$run/ended"
exec setsid --fork sh "$(dirname "$0")/host-run.sh" "$@"
