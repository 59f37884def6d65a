# What is acquired and released, as long as a variable or a block lasts: the base of semaphores and mutexes.
#
# SPDX-License-Identifier: MIT
package Memwell::Hold;

use v5.26;
use warnings;

# A guard, which releases when it goes; false where the time was up.
sub hold {
    my ($self, @timeout) = @_;
    return $self->acquire(@timeout) ? Memwell::Guard->new($self) : undef;
}

# Run the code while holding it, and give what the code gives.
sub synchronize {
    my ($self, $code, @timeout) = @_;
    my $guard = $self->hold(@timeout) // Memwell::Error::raise_code('Timeout', 'ETIMEDOUT', 'synchronize: the time was up');
    my @results = wantarray ? $code->() : scalar $code->();
    $guard->release;
    return wantarray ? @results : $results[0];
}

package Memwell::Guard;

# A forked child's copy releases nothing: what its parent holds is the parent's.
sub new {
    my ($class, $held) = @_;
    return bless { held => $held, pid => $$ }, $class;
}

sub release {
    my ($self) = @_;
    my $held = delete $self->{held} or return;
    $held->release if $self->{pid} == $$;
    return;
}

sub DESTROY {
    my ($self) = @_;
    return if !$self->{held};
    local $@;
    eval { $self->release; 1 } or warn "(in cleanup) $@";
    return;
}

sub CLONE_SKIP { 1 }

1;
