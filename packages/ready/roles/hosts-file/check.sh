#!/bin/sh
# Our block stands in /etc/hosts, once and as it should be.
sed -n '/^# anneal: begin$/,/^# anneal: end$/p' /etc/hosts | cmp -s - /etc/anneal/hosts
