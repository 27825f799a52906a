#!/bin/sh
# Stops nginx; the package stays.
set -eu
export SYSTEMCTL_SKIP_SYSV=1 # Debian ships init scripts, too
systemctl --quiet disable --now nginx.service 2>/dev/null
rm -rf /etc/nginx/conf.d/page.conf /srv/page
