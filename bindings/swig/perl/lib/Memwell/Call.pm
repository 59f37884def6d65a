# How Perl's calls name their arguments: options are a list of pairs at the end, which the C layer wants as a hash.
#
# SPDX-License-Identifier: MIT
package Memwell::Call;

use v5.26;
use warnings;

use Memwell::Error;
use Memwell::Native;

# Of a call's arguments: those by position, which are $required and perhaps one more, and the options behind them as a hash.
sub split_options {
    my ($required, @arguments) = @_;
    my $by_position = $required + ((@arguments - $required) % 2);
    return (@arguments) if @arguments <= $required;
    my @options = splice @arguments, $by_position;
    return (@arguments, @options ? {@options} : ());
}

# A maker: Memwell::Region->create($name, $size, temporary => 1). Where one more argument may be left
# out, or undef, @otherwise is it.
sub maker {
    my ($class, $name, $required, @otherwise) = @_;
    my ($noun) = $class =~ /::(\w+)$/;
    my $native = \&{"Memwell::Native::${noun}_$name"};
    my $make = sub {
        my ($self_class, @arguments) = @_;
        my @given = split_options($required, @arguments);
        if (@otherwise) {
            splice @given, $required, 0, undef if @given == $required + 1 && ref $given[-1] eq 'HASH';
            $given[$required] //= $otherwise[0] if @given > $required;
        }
        return rebless($native->(@given), $self_class);
    };
    no strict 'refs';
    *{"${class}::$name"} = $make;
    return;
}

# An object of the class that was asked, which may be a subclass.
sub rebless {
    my ($object, $class) = @_;
    return $object if !defined $object || ref $class || ref $object eq $class;
    return bless $object, $class;
}

# Take the pairs at the end whose names are among @$names out of @$arguments.
sub take_named {
    my ($arguments, @names) = @_;
    my (%named, %known);
    @known{@names} = ();
    while (@$arguments >= 2 && defined $arguments->[-2] && !ref $arguments->[-2] && exists $known{ $arguments->[-2] }) {
        my ($name, $value) = splice @$arguments, -2;
        $named{$name} = $value;
    }
    return %named;
}

# Call $remove->(); with missing_ok => 1 among @$arguments, something that is not there is no failure.
sub removing {
    my ($arguments, $remove) = @_;
    my %named = take_named($arguments, 'missing_ok');
    return $remove->(@$arguments) if !$named{missing_ok};
    return if eval { $remove->(@$arguments); 1 };
    die $@ if !(ref $@ && $@->isa('Memwell::Error::NotFound'));
    return;
}

1;
