#!/bin/sh
# Installs what memwell's commands need on a machine that has git, Python 3.11 or later, and apt: Debian packages, and Python
# packages in the virtual environment .venv of this tree, never in the user's or the system's site-packages. What is there
# already is left alone, so a second run takes a moment.
#
#   sh tools/setup.sh         everything that tools/check.sh needs
#   sh tools/setup.sh demo    what tools/demo.sh needs, a part of it
#   sh tools/setup.sh bench   everything, and what `make bench` compares memwell with
#
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

set_name=${1:-check}
case $set_name in
  demo) requirements=tools/requirements-demo.txt ;;
  check) requirements=tools/requirements.txt ;;
  bench) requirements=tools/requirements-bench.txt ;;
  *)
    echo "usage: sh tools/setup.sh [demo|check|bench]" >&2
    exit 2
    ;;
esac

say() { echo "setup: $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}

# Python --------------------------------------------------------------------------------------------------------------------

# The first interpreter that works and is 3.11 or later: $PYTHON, or one on PATH. A version manager's stub does not work.
find_python() {
  for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python3.12 python3.13; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
}

python=$(find_python)
[ -n "$python" ] || fail "no Python 3.11 or later on PATH; install one, or name it: PYTHON=... sh tools/setup.sh"

has_python_header() {
  "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
}
has_python_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

# Debian packages -----------------------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }
has_lua_header() { pkg-config --exists lua5.4 2>/dev/null || pkg-config --exists lua-5.4 2>/dev/null; }
has_cmocka() { pkg-config --exists cmocka 2>/dev/null; }
has_luaposix() { luajit -e 'require "posix.fcntl"' >/dev/null 2>&1; }
has_luaunit() { lua5.4 -e 'require "luaunit"' >/dev/null 2>&1; }
has_ruby_header() { ruby -e 'exit File.exist?(RbConfig::CONFIG["rubyhdrdir"] + "/ruby/io/buffer.h")' 2>/dev/null; }
has_whole_perl() { perl -MTest::More -MJSON::PP -MExtUtils::MakeMaker -e 1 2>/dev/null; }
has_perl_header() { perl -MConfig -e 'exit !-e "$Config{archlibexp}/CORE/perl.h"' 2>/dev/null; }
has_minitest() { ruby -e 'require "minitest"' >/dev/null 2>&1; }
has_clang_runtime() { has clang && [ -e "$(clang -print-file-name="libclang_rt.asan-$(uname -m).so")" ]; }
has_arm64_libc() { [ -e /usr/aarch64-linux-gnu/lib/libc.a ]; }
has_libc_headers() { [ -e /usr/include/stdlib.h ]; }

# need PACKAGE WHY TEST...: put the package on the list if the test says that what it brings is not there.
missing=
need() {
  package=$1
  why=$2
  shift 2
  "$@" && return
  missing="$missing $package"
  say "missing $package: $why"
}

python_package=$("$python" -c 'import sys; print("python3.%d" % sys.version_info[1])')
need gcc "compiles the core" has gcc
need libc6-dev "the C library's headers" has_libc_headers
need cmake "builds the library, the Lua module and the watcher" has cmake
need ninja-build "runs those builds" has ninja
need pkg-config "finds Lua, and proves that memwell can be found" has pkg-config
need lua5.4 "runs the Lua workers" has lua5.4
need liblua5.4-dev "headers for the Lua module" has_lua_header
need "$python_package-dev" "headers for the Python module" has_python_header
need "$python_package-venv" "makes .venv" has_python_venv
if [ "$set_name" != demo ]; then
  need g++ "compiles the public headers as C++" has g++
  need make "the Makefile's shortcuts" has make
  need luarocks "builds the rock" has luarocks
  need libcmocka-dev "runs the C tests" has_cmocka
  need lua-unit "runs the Lua tests" has_luaunit
  need swig "wraps the core for Ruby, Perl and Java" has swig
  need ruby "runs what is wrapped for Ruby" has ruby
  need ruby-dev "headers for the Ruby module" has_ruby_header
  need ruby-minitest "runs the Ruby tests" has_minitest
  need clang "compiles everything a second time" has clang
  need clang-format "checks the form of C files" has clang-format
  need clang-tidy "looks for bugs in C files" has clang-tidy
  need libclang-rt-dev "clang's address sanitizer" has_clang_runtime
  need llvm "turns sanitizer addresses into lines" has llvm-symbolizer
  need strace "shows the system calls of the quick ways" has strace
  need valgrind "looks for memory errors in the C tests" has valgrind
  need spin "searches the models of the locks" has spin
  need lua-check "looks for bugs in Lua files" has luacheck
  need perl "runs what is wrapped for Perl" has_whole_perl
  need libperl-dev "headers for the Perl module" has_perl_header
  need default-jdk-headless "compiles and runs Java" has javac
  need maven "builds the Java package" has mvn
  need musl-tools "compiles the core for the other libc" has musl-gcc
  if [ "$(uname -m)" = x86_64 ]; then
    need gcc-aarch64-linux-gnu "compiles the core for the other processor" has aarch64-linux-gnu-gcc
    need libc6-dev-arm64-cross "is that one's C library" has_arm64_libc
    need qemu-user "runs what was compiled for it" has qemu-aarch64
  fi
fi

# Boost for C++ whose mutex notices that its holder died, which Debian 12 has besides its older one.
if [ "$set_name" = bench ]; then
  case $(. /etc/os-release && echo "${VERSION_CODENAME:-}") in
    bookworm) boost_package=libboost1.81-dev ;;
    *) boost_package=libboost-dev ;;
  esac
  need $boost_package "is compared with" [ -e /usr/include/boost/version.hpp ]
  need luajit "is compared with" has luajit
  need lua-posix "is compared with" has_luaposix
fi

install_packages() {
  has apt-get || fail "this machine has no apt-get; install what these Debian packages bring, then run this again:$missing"
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || fail "neither root nor sudo; run as root: apt-get install$missing"
    as_root="sudo"
  fi
  say "apt-get install$missing"
  log=$(mktemp)
  # The names are words without blanks; they are meant to be split.
  # shellcheck disable=SC2086
  if $as_root apt-get update -qq >"$log" 2>&1 &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    fail "apt-get could not install:$missing"
  fi
}
[ -z "$missing" ] || install_packages

# The virtual environment ---------------------------------------------------------------------------------------------------

# Each set leaves a stamp with the requirements that it met; a set that holds another leaves the other's stamp too.
stamp() { echo ".venv/.setup-$1"; }
wanted=$(cat tools/requirements*.txt | sha256sum)
is_stamped() { [ "$(cat "$(stamp "$1")" 2>/dev/null)" = "$wanted" ]; }

if ! .venv/bin/python -c '' 2>/dev/null; then
  say "making .venv with $python"
  rm -rf .venv
  "$python" -m venv .venv
fi
if ! is_stamped "$set_name"; then
  say "pip install -r $requirements into .venv"
  PIP_USER=0 .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements" ||
    fail "pip could not install $requirements; is there a network?"
  case $set_name in
    demo) met="demo" ;;
    check) met="demo check" ;;
    bench) met="demo check bench" ;;
  esac
  for name in $met; do
    echo "$wanted" >"$(stamp "$name")"
  done
fi
say "ready ($set_name)"
