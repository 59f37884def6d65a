#!/bin/sh
# build_and_run.sh SOURCE_DIR: the core, compiled and linked with musl instead of glibc, and used beside musl's own calls.
#
# cmocka is built for glibc, so strangers.c stands alone.
#
# SPDX-License-Identifier: MIT
set -eu
source=$1
command -v musl-gcc >/dev/null || { echo "no musl-gcc here: not tried"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"
# shellcheck disable=SC2046  # one word for each source
musl-gcc -std=c11 -O2 -Wall -Wextra -Wconversion -Wshadow -Werror -Icore/include -Icore/src -static \
  $(grep -v '^#' core/sources.txt) tests/musl/strangers.c -o "$work/strangers"
"$work/strangers"
