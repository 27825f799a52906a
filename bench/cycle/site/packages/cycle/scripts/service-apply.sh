#!/bin/sh
# Enables it and starts it, where it is not.
set -eu
systemctl is-enabled -q "$ANNEAL_INPUT_NAME" || systemctl enable -q "$ANNEAL_INPUT_NAME"
systemctl is-active -q "$ANNEAL_INPUT_NAME" || systemctl start "$ANNEAL_INPUT_NAME"
