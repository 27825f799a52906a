#!/bin/sh
# Connects a host's port to the lab's bridge, or leaves it dangling when the host is cut off.
# usage: plug.sh LAB NAME PORT         inside the lab's namespaces; reads the marks that `cut` and `slow` leave
set -eu
lab=$1 name=$2 port=$3
host=$lab/hosts/$name

ip link set "$port" up
if [ -e "$host/cut" ]; then ip link set "$port" nomaster; else ip link set "$port" master br0; fi
