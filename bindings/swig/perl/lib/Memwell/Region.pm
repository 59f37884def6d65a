# Memory that is mapped: a file, named memory, a memfd, System V's, or without a name. See Memwell.
#
# SPDX-License-Identifier: MIT
package Memwell::Region;

use v5.26;
use warnings;

use Memwell::Call;
use Memwell::View;

# Class, arguments by position, and what stands for one more where it is left out.
Memwell::Call::maker(__PACKAGE__, @$_) for (
    ['file', 1, 'r'], ['create', 2], ['attach', 1], ['open', 2], ['anonymous', 1], ['memfd', 1], ['from_fd', 1],
    ['receive', 1, undef],
);

# Size is an option of the C layer's.
sub sysv {
    my ($class, $key, @rest) = @_;
    unshift @rest, 'size' if @rest % 2;
    return Memwell::Call::rebless(Memwell::Native::Region_sysv($key, {@rest}), $class);
}

sub unlink {
    my ($class, @arguments) = @_;
    return Memwell::Call::removing(\@arguments, \&Memwell::Native::Region_unlink);
}

# Of a key, or of a region.
sub sysv_remove {
    my ($class, @arguments) = @_;
    return $class->sysv_unlink if ref $class;
    return Memwell::Call::removing(\@arguments, sub {
        ref $_[0] ? Memwell::Native::Region_sysv_unlink(@_) : Memwell::Native::Region_sysv_remove(@_);
    });
}

sub ftok {
    my ($class, @arguments) = @_;
    return Memwell::Native::Region_ftok(@arguments);
}

sub private { goto &Memwell::Native::Region_is_private }

# $region->view('int32', [2, 3], offset => 8); without a shape all that is there.
sub view {
    my ($self, @arguments) = @_;
    my %named = Memwell::Call::take_named(\@arguments, qw(dtype shape offset));
    push @arguments, $named{dtype} // 'uint8' if !@arguments;
    push @arguments, $named{shape} if @arguments == 1;
    return Memwell::Native::Region_view($self, @arguments, $named{offset} // ());
}

sub flush {
    my ($self, @arguments) = @_;
    my %named = Memwell::Call::take_named(\@arguments, qw(offset size wait));
    push @arguments, $named{offset} // 0 if !@arguments;
    push @arguments, $named{size} if @arguments == 1;
    return Memwell::Native::Region_flush($self, @arguments, exists $named{wait} ? $named{wait} : ());
}

sub protect {
    my ($self, @arguments) = @_;
    my %named = Memwell::Call::take_named(\@arguments, 'readonly');
    return Memwell::Native::Region_protect($self, @arguments, exists $named{readonly} ? $named{readonly} : ());
}

sub seal {
    my ($self, @names) = @_;
    return Memwell::Native::Region_seal($self, \@names);
}

sub seals {
    my ($self) = @_;
    return @{ Memwell::Native::Region_seals($self) };
}

sub send {
    my ($self, $socket, @arguments) = @_;
    my %named = Memwell::Call::take_named(\@arguments, 'timeout');
    return Memwell::Native::Region_send($self, $socket, @arguments, exists $named{timeout} ? $named{timeout} : ());
}

# The lines from an offset on, without their ends.
sub lines {
    my ($self, $start) = @_;
    return _spans($self, $start, \&Memwell::Native::Region_line);
}

# The longest runs of the bytes of a string, such as the words of a text.
sub runs {
    my ($self, $members, $start) = @_;
    return _spans($self, $start, sub { Memwell::Native::Region_run($_[0], $members, $_[1]) });
}

sub _spans {
    my ($self, $start, $next) = @_;
    my @found;
    $start //= 0;
    while (my $span = $next->($self, $start)) {
        (my ($from, $to), $start) = @$span;
        push @found, $self->read($from, $to - $from);
    }
    return @found;
}

Memwell::Native::methods(__PACKAGE__);

1;
