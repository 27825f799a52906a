#!/bin/sh
# The file is all there is to it.
set -eu
test -s /etc/motd
