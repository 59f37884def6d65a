# Semaphores of POSIX and of System V. See Memwell.
#
# SPDX-License-Identifier: MIT
package Memwell::Semaphore;

use v5.26;
use warnings;

use Memwell::Call;
use Memwell::Hold;

our @ISA = ('Memwell::Hold');

Memwell::Call::maker(__PACKAGE__, @$_) for (['create', 1, 0], ['attach', 1], ['open', 1, 0], ['sysv', 1, 0]);

sub at {
    my ($class, @arguments) = @_;
    return Memwell::Call::rebless(Memwell::Native::Semaphore_at(@arguments), $class);
}

sub unlink {
    my ($class, @arguments) = @_;
    return Memwell::Call::removing(\@arguments, \&Memwell::Native::Semaphore_unlink);
}

# Of a key, or of a semaphore.
sub sysv_remove {
    my ($class, @arguments) = @_;
    return $class->sysv_unlink if ref $class;
    return Memwell::Call::removing(\@arguments, sub {
        ref $_[0] ? Memwell::Native::Semaphore_sysv_unlink(@_) : Memwell::Native::Semaphore_sysv_remove(@_);
    });
}

Memwell::Native::methods(__PACKAGE__);

1;
