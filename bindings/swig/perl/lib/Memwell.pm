# Memory that Perl holds in common with Python, Lua, Java, Ruby and C.
#
# SPDX-License-Identifier: MIT
package Memwell;

use v5.26;
use warnings;

use Memwell::Error;
use Memwell::Native;
use Memwell::Region;
use Memwell::Semaphore;
use Memwell::View;
use Memwell::Well;

our $VERSION = Memwell::Native::version();

sub version   { Memwell::Native::version() }
sub page_size { Memwell::Native::page_size() }

1;
