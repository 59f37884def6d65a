#!/bin/sh
# Builds memwell where the examples look for it: the C programs and the Lua module under build/, the Python package into .venv.
# What has not changed is not built again.
#
#   sh tools/build.sh         everything, the C tests as well
#   sh tools/build.sh demo    what tools/demo.sh needs: the watcher, the Lua module and the Python package
#
# tools/setup.sh must have run.
#
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

case ${1:-all} in
  all) options="-DMEMWELL_TESTS=ON -DMEMWELL_EXAMPLES=ON" targets=all ;;
  demo) options="-DMEMWELL_TESTS=OFF -DMEMWELL_EXAMPLES=ON" targets="memwell_lua example_watch" ;;
  *)
    echo "usage: sh tools/build.sh [all|demo]" >&2
    exit 2
    ;;
esac

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# quietly COMMAND...: run it, and show what it printed only if it fails.
quietly() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    echo "build: failed: $*" >&2
    exit 1
  }
}

echo "build: the C programs and the Lua module, in build/"
# Options and targets are words without blanks; they are meant to be split.
# shellcheck disable=SC2086
quietly cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DMEMWELL_LUA=ON $options
# shellcheck disable=SC2086
quietly cmake --build build --target $targets

stamp=.venv/.memwell-built
parts="core bindings/python setup.py pyproject.toml"
# shellcheck disable=SC2086
sources=$(git ls-files --cached --others --exclude-standard -- $parts | xargs cat | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$sources" ] || ! .venv/bin/python -c 'import memwell' 2>/dev/null; then
  echo "build: the Python package, into .venv"
  quietly env PIP_USER=0 .venv/bin/python -m pip install --disable-pip-version-check \
    --no-build-isolation --no-deps --force-reinstall .
  echo "$sources" >"$stamp"
fi
