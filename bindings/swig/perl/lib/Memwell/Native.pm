# The C library, as SWIG wraps it: a function for each call, Region_create for Memwell::Region's create. For Memwell's own classes.
#
# SPDX-License-Identifier: MIT
package Memwell::Native;

use v5.26;
use warnings;

require XSLoader;
XSLoader::load();

# Give a class its methods: every function that begins with its noun, but for those that the class has defined itself.
sub methods {
    my ($class) = @_;
    my ($noun) = $class =~ /::(\w+)$/;
    no strict 'refs';
    for my $name (keys %Memwell::Native::) {
        my ($method) = $name =~ /^\Q$noun\E_(\w+)$/ or next;
        *{"${class}::$method"} = \&{"Memwell::Native::$name"} unless defined &{"${class}::$method"};
    }
    *{"${class}::CLONE_SKIP"} = sub { 1 };
    return;
}

1;
