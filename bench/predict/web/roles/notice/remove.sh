#!/bin/sh
# An empty notice.
set -eu
: >/etc/motd
