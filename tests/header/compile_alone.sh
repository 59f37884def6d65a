#!/bin/sh
# compile_alone.sh INCLUDE_DIR: every public header compiles alone and twice, as C11 and as C++17, with every compiler there is.
#
# SPDX-License-Identifier: MIT
set -eu
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiled=0

# try COMPILER LANGUAGE STANDARD: each header in a file of its own, and included a second time
try() {
  command -v "$1" >/dev/null || { echo "no $1 here: not tried"; return 0; }
  for header in memwell.h $(cd "$include" && echo memwell/*.h); do
    printf '#include "%s"\n#include "%s"\nint main(void) { return 0; }\n' "$header" "$header" >"$work/alone.c"
    "$1" -x "$2" "-std=$3" -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -I"$include" -fsyntax-only "$work/alone.c" || {
      echo "$header does not compile alone with $1 -std=$3"
      exit 1
    }
    compiled=$((compiled + 1))
  done
}

try gcc c c11
try clang c c11
try g++ c++ c++17
try clang++ c++ c++17
[ "$compiled" -gt 0 ] || { echo "no compiler found"; exit 1; }
echo "$compiled compilations"
