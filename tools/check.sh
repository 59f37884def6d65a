#!/bin/sh
# Sets up, builds, and runs every test; ends with one line, "total: N passed, 0 failed", and a status of 0 only if that is so.
#
#   sh tools/check.sh            everything
#   sh tools/check.sh NAME...    some steps
#   sh tools/check.sh --list     the steps
#
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh check
exec .venv/bin/python tools/check.py "$@"
