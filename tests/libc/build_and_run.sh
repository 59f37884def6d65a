#!/bin/sh
# build_and_run.sh SOURCE_DIR COMPILER [RUNNER]: the core, compiled for another C library or processor and linked statically, used
# beside that library's own calls. RUNNER runs the program where this processor cannot.
#
# cmocka is built for this machine's libc alone, so strangers.c needs nothing.
#
# SPDX-License-Identifier: MIT
set -eu
source=$1
compiler=$2
runner=${3:-}
for program in "$compiler" $runner; do
  command -v "$program" >/dev/null || { echo "no $program here: not tried"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"
# shellcheck disable=SC2046  # one word for each source
"$compiler" -std=c11 -O2 -Wall -Wextra -Wconversion -Wshadow=local -Werror -Icore/include -Icore/src -static \
  $(grep -v '^#' core/sources.txt) tests/libc/strangers.c -o "$work/strangers"
$runner "$work/strangers"
