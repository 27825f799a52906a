#!/bin/sh
# Stops haproxy; the package stays.
set -eu
systemctl --quiet disable --now haproxy.service 2>/dev/null
rm -f /etc/haproxy/haproxy.cfg
