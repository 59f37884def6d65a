#!/bin/sh
# Shows what memwell is for: sets up what is missing, builds, and counts the words of real files with workers in Python and Lua
# and a watcher in C on the same memory. Arguments go to examples/pipeline/pipeline.py.
#
#   sh tools/demo.sh
#   sh tools/demo.sh --workers python=1,lua=3 --check ~/texts
#   sh tools/build.sh swig && sh tools/demo.sh --workers python=1,lua=1,java=1,ruby=1,perl=1
#
# SPDX-License-Identifier: MIT
set -eu
tools=$(cd "$(dirname "$0")" && pwd)
sh "$tools/setup.sh" demo
sh "$tools/build.sh" demo
exec "$tools/../.venv/bin/python" "$tools/../examples/pipeline/pipeline.py" "$@"
