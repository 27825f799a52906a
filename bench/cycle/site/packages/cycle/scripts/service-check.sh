#!/bin/sh
# It runs, and will after the next boot.
systemctl is-active -q "$ANNEAL_INPUT_NAME" && systemctl is-enabled -q "$ANNEAL_INPUT_NAME"
