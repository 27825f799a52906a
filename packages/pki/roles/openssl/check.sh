#!/bin/sh
# Whether openssl is there.
command -v openssl >/dev/null
