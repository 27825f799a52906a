#!/bin/sh
# Stops haproxy; the package stays.
set -eu
export SYSTEMCTL_SKIP_SYSV=1 # Debian ships init scripts, too
systemctl --quiet disable --now haproxy.service 2>/dev/null
rm -f /etc/haproxy/haproxy.cfg
