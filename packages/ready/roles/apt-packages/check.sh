#!/bin/sh
# Each package is installed.
while read -r package; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || {
    echo "apt-packages: $package is not installed" >&2
    exit 1
  }
done </etc/anneal/packages
