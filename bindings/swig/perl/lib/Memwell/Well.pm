# A named place for arrays, locks and events, and who is attached to it. See Memwell.
#
# SPDX-License-Identifier: MIT
package Memwell::Well;

use v5.26;
use warnings;

use Memwell::Call;
use Memwell::Hold;
use Memwell::View;

Memwell::Call::maker(__PACKAGE__, @$_) for (['create', 2], ['attach', 1], ['open', 2], ['file', 1, 0]);

sub unlink {
    my ($class, @arguments) = @_;
    return Memwell::Call::removing(\@arguments, \&Memwell::Native::Well_unlink);
}

# None of an observer.
sub slot {
    my ($self) = @_;
    return $self->readonly ? undef : Memwell::Native::Well_slot($self);
}

sub mutex {
    my ($self, @arguments) = @_;
    return Memwell::Native::Well_mutex($self, Memwell::Call::split_options(1, @arguments));
}

sub event {
    my ($self, @arguments) = @_;
    return Memwell::Native::Well_event($self, Memwell::Call::split_options(1, @arguments));
}

sub semaphore {
    my ($self, @arguments) = @_;
    my ($name, @rest) = Memwell::Call::split_options(1, @arguments);
    unshift @rest, 0 if @rest && ref $rest[0] eq 'HASH';
    return Memwell::Native::Well_semaphore($self, $name, @rest);
}

sub objects      { @{ Memwell::Native::Well_objects(@_) } }
sub held         { @{ Memwell::Native::Well_held(@_) } }
sub participants { @{ Memwell::Native::Well_participants(@_) } }
sub free         { goto &Memwell::Native::Well_available }

Memwell::Native::methods(__PACKAGE__);

package Memwell::Mutex;

our @ISA = ('Memwell::Hold');

# Nobody is undef.
sub owner {
    my $slot = Memwell::Native::Mutex_owner(@_);
    return $slot < 0 ? undef : $slot;
}

# Whoever holds it.
sub locked { defined $_[0]->owner }

# Hold it even where its owner died, and run the code then, and only then; where that dies, the mutex stays inconsistent. Gives a
# guard; undef where the time was up.
sub recover {
    my ($self, $mend, @timeout) = @_;
    my $begun = Memwell::Native::Mutex_recover_begin($self, @timeout);
    return if $begun < 0;
    if ($begun) {
        if (!eval { $mend->(); 1 }) {
            my $problem = $@;
            $self->recover_end(0);
            die $problem;
        }
        $self->recover_end(1);
    }
    return Memwell::Guard->new($self);
}

Memwell::Native::methods(__PACKAGE__);

package Memwell::RobustSemaphore;

our @ISA = ('Memwell::Hold');

Memwell::Native::methods(__PACKAGE__);

package Memwell::Event;

Memwell::Native::methods(__PACKAGE__);

# What objects and participants give: hashes, and a method for each key.
for my $info (
    [ObjectInfo => qw(name kind offset size owner inconsistent waiters capacity held dtype shape)],
    [ParticipantInfo => qw(slot pid own condition)],
) {
    my ($class, @keys) = @$info;
    no strict 'refs';
    for my $key (@keys) {
        *{"Memwell::${class}::$key"} = sub { $_[0]{$key} };
    }
}

1;
