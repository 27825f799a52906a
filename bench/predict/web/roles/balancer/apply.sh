#!/bin/sh
# Takes its settings over without losing a visitor, and waits until each server was asked once.
set -eu
export SYSTEMCTL_SKIP_SYSV=1 # Debian ships init scripts, too
haproxy -c -q -f /etc/haproxy/haproxy.cfg
systemctl --quiet enable haproxy.service 2>/dev/null
if systemctl --quiet is-active haproxy.service; then systemctl reload haproxy.service; else systemctl start haproxy.service; fi
for server in $(sed -n 's/^  server \([^ ]*\) .*/\1/p' /etc/haproxy/haproxy.cfg); do
  curl --silent --fail --retry 20 --retry-delay 0 --retry-connrefused --output /dev/null "http://127.0.0.1/?$server"
done
