#!/bin/sh
# Forgets the requests; what was issued stays with the authority, as its record.
set -eu
rm -f /etc/anneal-pki/ca/requests
