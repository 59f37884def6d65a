# A typed window of one to eight dimensions on a region. See Memwell.
#
# SPDX-License-Identifier: MIT
package Memwell::View;

use v5.26;
use warnings;

use Scalar::Util ();

use Memwell::Native;

use overload
    '@{}' => sub { tie my @rows, 'Memwell::View::Rows', $_[0]; \@rows },
    '==' => sub { ref $_[1] && $_[1]->isa(__PACKAGE__) && $_[0]->equals($_[1]) },
    '!=' => sub { !(ref $_[1] && $_[1]->isa(__PACKAGE__) && $_[0]->equals($_[1])) },
    bool => sub { 1 },
    '""' => \&overload::StrVal,
    '0+' => \&Scalar::Util::refaddr,
    fallback => 1;

# $view->get($i, $j)
sub get {
    my ($self, @indices) = @_;
    return Memwell::Native::View_get($self, @indices == 1 ? $indices[0] : \@indices);
}

# $view->set($i, $j, $value)
sub set {
    my ($self, @indices) = @_;
    my $value = pop @indices;
    return Memwell::Native::View_set($self, @indices == 1 ? $indices[0] : \@indices, $value);
}

# $view->reshape(2, 3), or with a list.
sub reshape {
    my ($self, @shape) = @_;
    return Memwell::Native::View_reshape($self, @shape == 1 ? $shape[0] : \@shape);
}

sub shape   { @{ Memwell::Native::View_shape($_[0]) } }
sub strides { @{ Memwell::Native::View_strides($_[0]) } }

# The elements of a list, or those of another view or a string of bytes.
sub copy_from {
    my ($self, $source) = @_;
    return ref $source eq 'ARRAY' ? $self->assign($source) : Memwell::Native::View_copy_from($self, $source);
}

sub atomic_add {
    my ($self, $i, $n) = @_;
    return Memwell::Native::View_atomic_add($self, $i, $n // 1);
}

sub atomic_sub {
    my ($self, $i, $n) = @_;
    return Memwell::Native::View_atomic_sub($self, $i, $n // 1);
}

Memwell::Native::methods(__PACKAGE__);

# @$view: elements of the one dimension, or rows, which are views.
package Memwell::View::Rows;

sub TIEARRAY { my ($class, $view) = @_; return bless \$view, $class }
sub FETCHSIZE { ${ $_[0] }->length }

sub FETCH {
    my ($self, $i) = @_;
    my $view = $$self;
    return if $i >= $view->length;
    return $view->ndim == 1 ? $view->get($i) : $view->select(0, $i);
}

sub STORE {
    my ($self, $i, $value) = @_;
    my $view = $$self;
    return $view->ndim == 1 ? $view->set($i, $value) : $view->select(0, $i)->copy_from($value);
}

sub EXISTS { $_[1] < ${ $_[0] }->length }

# Memory has the size that it has: what would change that is refused by name.
for my $verb (qw(STORESIZE CLEAR PUSH POP SHIFT UNSHIFT SPLICE DELETE)) {
    no strict 'refs';
    *$verb = sub { Memwell::Error::raise_type("View: a view keeps its size; it has no \L$verb\E") };
}
sub EXTEND { }

1;
