#!/bin/sh
# Restarts nginx where its settings changed, and waits until it answers.
set -eu
export SYSTEMCTL_SKIP_SYSV=1 # Debian ships init scripts, too
rm -f /etc/nginx/sites-enabled/default
nginx -q -t
systemctl --quiet enable nginx.service 2>/dev/null
case ${ANNEAL_CHANGED_FILES:-} in *page.conf*) systemctl restart nginx.service ;; *) systemctl start nginx.service ;; esac
curl --silent --fail --retry 20 --retry-delay 0 --retry-connrefused --output /dev/null "http://$ANNEAL_INPUT_ADDRESS:$ANNEAL_INPUT_PORT/"
