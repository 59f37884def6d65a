#!/bin/sh
# run_tests.sh SOURCE_DIR PLATFORM COMPILER [RUNNER]: the core and its tests, compiled for another C library or processor and linked
# statically. RUNNER runs the programs where this processor cannot. What does not hold there is in left_out.txt.
#
# cmocka is built for this machine's libc alone; cmocka.h here has what the tests use of it.
#
# SPDX-License-Identifier: MIT
set -eu
cd "$1"
platform=$2
compiler=$3
runner=${4:-}
for program in "$compiler" $runner; do
  command -v "$program" >/dev/null || { echo "no $program here: not tried"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options="-std=c11 -O1 -D_GNU_SOURCE -DKINDS_DIRECTORY=\"$PWD/tests/kinds\""
options="$options -Itests/libc -Itests/harness -Itests/kinds -Icore/include -Icore/src"
[ -z "$runner" ] || options="$options -DHARNESS_ON_X86_64"
sources="$(grep -v '^#' core/sources.txt) tests/harness/harness.c tests/harness/leaks.c"
sources="$sources tests/kinds/kinds.c tests/kinds/locks.c tests/libc/cmocka.c"
# shellcheck disable=SC2086  # several words each
for source in $sources; do
  "$compiler" $options -c "$source" -o "$work/$(echo "$source" | tr / _).o"
done

is_left_out() { grep -Eq "^$platform +$1 +($2|\*) " tests/libc/left_out.txt; }

count=0 failed=0
nouns="status deadline dtype name region file named anonymous memfd from_fd sysv fork search view elements atomic pages guard fault"
nouns="$nouns handover semaphore semaphore_at semaphore_sysv"
for noun in $nouns well lock_kinds mutex robust_semaphore event watch participant; do
  is_left_out "$noun" '\*' && continue
  "$compiler" $options -static "tests/core/test_$noun.c" "$work"/*.o -o "$work/$noun" -pthread -lm
  for test in $($runner "$work/$noun" --list); do
    is_left_out "$noun" "$test" && continue
    count=$((count + 1))
    HARNESS_TIME_FACTOR=4 $runner "$work/$noun" "$test" >"$work/said" 2>&1 || [ $? = 77 ] || {
      failed=$((failed + 1))
      echo "$platform: $noun.$test failed"
      cat "$work/said"
    }
  done
done
echo "$platform: $count tests, $failed failed"
[ $failed = 0 ]
