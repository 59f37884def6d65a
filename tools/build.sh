#!/bin/sh
# Builds memwell where the examples look for it: the C programs and the Lua module under build/, the Python package into .venv.
# What has not changed is not built again.
#
#   sh tools/build.sh         everything, the C tests as well
#   sh tools/build.sh demo    what tools/demo.sh needs: the watcher, the Lua module and the Python package
#   sh tools/build.sh ruby    the Ruby module alone; perl and java likewise
#   sh tools/build.sh swig    these three; a language that is not installed is left out with a word
#
# tools/setup.sh must have run.
#
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

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

# The languages of SWIG ------------------------------------------------------------------------------------------------------

root=$(pwd)

build_ruby() {
  mkdir -p build/ruby
  (cd build/ruby && quietly ruby "$root/bindings/swig/ruby/ext/memwell/extconf.rb")
  quietly make -C build/ruby -j 2
  quietly make -C build/ruby install sitearchdir=lib
}

build_perl() {
  mkdir -p build/perl
  (cd build/perl && quietly perl "$root/bindings/swig/perl/Makefile.PL")
  quietly make -C build/perl -j 2
}

# Maven asks nobody for what it has had before: releases do not change.
build_java() {
  quietly mvn --batch-mode --no-transfer-progress --file bindings/swig/java/pom.xml package -DskipTests
}

# build_language NAME TOOL...: the package of one, in build/NAME, unless a tool is missing.
build_language() {
  name=$1
  shift
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || {
      echo "build: no $tool, so no $name package"
      return 0
    }
  done
  echo "build: the $name package, in build/$name"
  "build_$name"
}

case ${1:-all} in
  ruby | perl | java)
    "build_$1"
    exit
    ;;
  swig)
    build_language ruby ruby make swig
    build_language perl perl make swig
    build_language java javac mvn make swig
    exit
    ;;
  all) options="-DMEMWELL_TESTS=ON -DMEMWELL_EXAMPLES=ON" targets=all ;;
  demo) options="-DMEMWELL_TESTS=OFF -DMEMWELL_EXAMPLES=ON" targets="memwell_lua example_watch" ;;
  *)
    echo "usage: sh tools/build.sh [all|demo|swig|ruby|perl|java]" >&2
    exit 2
    ;;
esac

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
