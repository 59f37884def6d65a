#!/bin/sh
# Makes the gem that needs no SWIG where it is installed, in build/: from a copy of what git knows, with SWIG's wrapper added.
#
#   sh bindings/swig/ruby/release.sh
#
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../../.."

tree=build/ruby-gem
rm -rf "$tree" build/memwell-*.gem
mkdir -p "$tree"
git ls-files -z --cached --others --exclude-standard -- LICENSE memwell.gemspec core bindings/swig |
  xargs -0 cp --parents -t "$tree"
cd "$tree"
swig -ruby -initname native -Ibindings/swig -o bindings/swig/ruby/ext/memwell/memwell_wrap.c bindings/swig/memwell.i
gem build --silent memwell.gemspec
mv memwell-*.gem ..
cd ..
ls memwell-*.gem
