#!/bin/sh
# must_fail.sh REASON COMMAND...: pass if the command fails and its output has the reason in it.
#
# SPDX-License-Identifier: MIT
reason=$1
shift
if output=$("$@" 2>&1); then
  echo "$output"
  echo "must_fail: it passed: $*"
  exit 1
fi
case $output in
  *"$reason"*) exit 0 ;;
esac
echo "$output"
echo "must_fail: it failed without saying \"$reason\": $*"
exit 1
