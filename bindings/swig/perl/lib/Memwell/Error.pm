# What memwell dies with: an object of a subclass of Memwell::Error, one for each kind of failure.
#
# SPDX-License-Identifier: MIT
package Memwell::Error;

use v5.26;
use warnings;

use overload '""' => \&_text, bool => sub { 1 }, fallback => 1;

# The stems of mws_error_kind, in bindings/swig/src/errors.c.
my @KINDS = qw(
    InvalidArgument NotFound Exists Permission Memory NoSpace System Interrupted Timeout NotReady Overflow Range Busy
    NotSupported Closed Format Fault ReadOnly Kind Full OwnerDied NotOwner Deadlock Broken
);

for my $kind (@KINDS) {
    no strict 'refs';
    @{"Memwell::Error::${kind}::ISA"} = ('Memwell::Error');
}

# An argument of a wrong type, or a wrong number of them.
@Memwell::Error::Type::ISA = ('Memwell::Error::InvalidArgument');

sub code    { $_[0]{code} }
sub errno   { $_[0]{errno} }
sub message { $_[0]{message} }
sub file    { $_[0]{file} }
sub line    { $_[0]{line} }

# As of Perl's own messages, the end says where.
sub _text {
    my ($self) = @_;
    return "$self->{message} at $self->{file} line $self->{line}.\n";
}

# The innermost line of the program that is not memwell's own.
sub _place {
    my $depth = 0;
    my @frame;
    do { @frame = caller $depth++ } while @frame && $frame[0] =~ /^Memwell\b/;
    return @frame ? @frame[1, 2] : ('-', 0);
}

sub _die {
    my ($class, $code, $errno, $message) = @_;
    my ($file, $line) = _place();
    die bless { code => $code, errno => $errno, message => $message, file => $file, line => $line }, $class;
}

# With the errno that the code is named after.
sub raise_code {
    my ($kind, $code, $message) = @_;
    require Errno;
    _die("Memwell::Error::$kind", $code, Errno->can($code)->(), $message);
}

# Both are called by the C layer.
sub raise {
    my ($kind, $code, $errno, $message) = @_;
    _die("Memwell::Error::$kind", $code, $errno, $message);
}

sub raise_type {
    my ($message) = @_;
    $message =~ s/^Usage: (\w+?)_(\w+)\(([^)]*)\);$/"$1.$2: it takes (" . _arguments($3) . ')'/e;
    raise_code('Type', 'EINVAL', $message);
}

# Of SWIG's list of them, which has the object and mw_error too.
sub _arguments {
    my ($list) = @_;
    return join ', ', grep { !/^(?:self|error)$/ } split /,/, $list;
}

1;
