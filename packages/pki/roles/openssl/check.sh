#!/bin/sh
command -v openssl >/dev/null
