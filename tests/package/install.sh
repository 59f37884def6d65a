#!/bin/sh
# install.sh BUILD_DIR HAS_LUA: install what was built into an empty folder, and use it from there as a stranger would: by
# find_package (shared and static), by pkg-config, by Lua's require. Nothing of the source tree is on any path.
#
# SPDX-License-Identifier: MIT
set -eu
build=$1
has_lua=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

step() { printf '== %s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

step "install"
cmake --install "$build" --prefix "$prefix" >"$work/log" || { cat "$work/log"; exit 1; }
libdir=$(dirname "$(find "$prefix" -name libmemwell.so)")

step "what the libraries show"
# Only mw_ names leave the shared library; the Lua module, which has a copy of the core in it, shows its entry and nothing else.
others=$(nm -D --defined-only "$libdir/libmemwell.so" | awk '{ print $3 }' | grep -v '^mw_[a-z]' || true)
[ -z "$others" ] || fail "libmemwell.so exports $others"
for header in "$prefix"/include/memwell/*.h; do
  sed -n 's/^MW_API .*[ *]\(mw_[a-z_0-9]*\)(.*/\1/p' "$header"
done | sort >"$work/declared"
nm -D --defined-only "$libdir/libmemwell.so" | awk '{ print $3 }' | sort >"$work/exported"
[ -s "$work/declared" ] || fail "the headers declare nothing"
diff "$work/declared" "$work/exported" || fail "headers and library differ"
readelf -d "$libdir/libmemwell.so" | grep -q 'SONAME.*libmemwell\.so\.[0-9]' || fail "no soname"
needed=$(readelf -d "$libdir/libmemwell.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
  grep -Ev '^(libc|libpthread|librt|ld-linux.*|libc\.musl.*)\.so' || true)
[ -z "$needed" ] || fail "libmemwell.so needs $needed"

step "find_package, shared and static"
cp -r "$here/consumer" "$work/consumer"
cmake -S "$work/consumer" -B "$work/consumer/build" -D CMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work/consumer/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/consumer/build/consumer_shared"
"$work/consumer/build/consumer_static"
ldd "$work/consumer/build/consumer_shared" | grep -q "$prefix" || fail "consumer_shared does not use the installed library"
if ldd "$work/consumer/build/consumer_static" | grep -q memwell; then fail "consumer_static uses the shared library"; fi

step "pkg-config, shared and static"
PKG_CONFIG_PATH=$libdir/pkgconfig
export PKG_CONFIG_PATH
cc=${CC:-cc}
# shellcheck disable=SC2046 # pkg-config's answer is several words
"$cc" "$work/consumer/consumer.c" -o "$work/by_pkg_config" $(pkg-config --cflags --libs memwell)
LD_LIBRARY_PATH=$libdir "$work/by_pkg_config"
static_flags=$(pkg-config --static --cflags --libs memwell | sed 's/-lmemwell/-l:libmemwell.a/')
# shellcheck disable=SC2086 # several words, too
"$cc" "$work/consumer/consumer.c" -o "$work/by_pkg_config_static" $static_flags
"$work/by_pkg_config_static"
[ "$(pkg-config --modversion memwell)" = "$("$work/by_pkg_config_static" --version)" ] || fail "pkg-config has another version"

if [ "$has_lua" = 1 ]; then
  step "require \"memwell\""
  module=$(find "$prefix" -path '*/lua/5.4/memwell.so')
  [ -n "$module" ] || fail "no Lua module was installed"
  others=$(nm -D --defined-only "$module" | awk '{ print $3 }' | grep -v '^luaopen_memwell$' || true)
  [ -z "$others" ] || fail "the Lua module exports $others"
  (cd / && LUA_CPATH="$prefix/lib/lua/5.4/?.so" lua5.4 "$here/consumer.lua")
  # Under the default prefix lua5.4 must find it with no help. Where we may mount, /usr/local is our folder for a moment, in a
  # namespace that nobody else sees; elsewhere lua5.4's own path must have the place.
  unset LUA_CPATH LUA_CPATH_5_4 LUA_INIT
  if unshare -m true 2>/dev/null; then
    DESTDIR=$work/root cmake --install "$build" --prefix /usr/local >"$work/log"
    unshare -m sh -c "mount --bind '$work/root/usr/local' /usr/local && cd / && lua5.4 -e 'require \"memwell\"'"
  else
    (cd / && lua5.4 -e 'print(package.cpath)') | grep -q '/usr/local/lib/lua/5.4/?.so' || fail "lua5.4 does not look in /usr/local"
  fi
fi
echo "install.sh: all of it works"
