#!/bin/sh
# The packages stay: something else may use them by now.
set -eu
rm -f /etc/anneal/packages
rmdir /etc/anneal 2>/dev/null || :   # other roles keep their lists there
