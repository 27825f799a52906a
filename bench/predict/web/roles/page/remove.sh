#!/bin/sh
# Stops nginx; the package stays.
set -eu
systemctl --quiet disable --now nginx.service 2>/dev/null
rm -rf /etc/nginx/conf.d/page.conf /srv/page
