# Answers questions about views into shared memory. Main entry: answer.
#
# SPDX-License-Identifier: MIT
package survey;

use v5.36;
no warnings 'portable'; # numbers of 64 bits

use Memwell;
use pattern;

my ($NOTHING, $INTEGER, $FLOAT, $ERROR) = 0 .. 3;
my $NAN = 0x7ff8000000000000;

# One answer: what it is, and its bits.
sub told ($x) {
    return [$NOTHING, 0] if !defined $x;
    return [$INTEGER, $x eq '' ? 0 : $x & ~0] if !pattern::has_float($x);
    return [$FLOAT, $x != $x ? $NAN : unpack 'Q', pack 'd', $x];
}

sub flat (@list) { map { ref $_ ? flat(@$_) : $_ } @list }

my %STEPS = (
    reshape => sub ($view, $shape) { $view->reshape(split /x/, $shape) },
    row => sub ($view, $i) { $view->select(0, $i) },
    slice => sub ($view, $start, $step, $count) { $view->slice(0, $start, $step, $count) },
    window => sub ($view, $row, $column, $rows, $columns) { $view->slice(0, $row, 1, $rows)->slice(1, $column, 1, $columns) },
);

sub view_of ($region, $dtype, $offset, $shape, $steps) {
    my $view = $region->view($dtype, [split /x/, $shape], offset => $offset);
    for my $step ($steps eq '-' ? () : split /;/, $steps) {
        my ($verb, @words) = split ' ', $step;
        $view = $STEPS{$verb}->($view, @words);
    }
    return $view;
}

# Write a float64 into an element of the dtype, in memory of its own, and tell its bits.
sub store ($dtype, $number) {
    my $region = Memwell::Region->anonymous(8);
    $region->view($dtype, 1)->set(0, $number);
    return $region->view('uint64')->get(0);
}

# Those that begin in the view, cut at its end.
sub runs ($region, $view, $members) {
    my $stop = $view->offset + $view->nbytes;
    my ($start, @found) = $view->offset;
    while (my $span = $region->run($members, $start)) {
        last if $span->[0] >= $stop;
        my $end = $span->[1] < $stop ? $span->[1] : $stop;
        push @found, ($end - $span->[0]) << 8 | ord $region->read($span->[0], 1);
        $start = $span->[2];
    }
    return @found;
}

my %VERBS = (
    shape => sub ($, $view, $, @) { $view->shape },
    list => sub ($, $view, $, @) { flat($view->tolist) },
    sum => sub ($, $view, $, @) { $view->sum },
    min => sub ($, $view, $, @) { $view->min },
    max => sub ($, $view, $, @) { $view->max },
    take => sub ($, $view, $argument, @) { @{ $view->take([split ' ', $argument]) } },
    at => sub ($, $view, $argument, @) { $view->get(split ' ', $argument) },
    index => sub ($, $view, $argument, @) {
        my ($bits, $start) = split ' ', $argument;
        return $view->index(pattern::value($view->dtype, hex $bits), $start);
    },
    count => sub ($, $view, $argument, @) { $view->count(pattern::value($view->dtype, hex $argument)) },
    store => sub ($, $view, $argument, @) { store($view->dtype, pattern::value('float64', hex $argument)) },
    runs => sub ($region, $view, $argument, @) { runs($region, $view, pack 'H*', $argument) },
    equals => sub ($region, $view, $argument, $shape, $steps) {
        $view->equals(view_of($region, split(' ', $argument), $shape, $steps));
    },
);

sub answers ($region, $dtype, $offset, $shape, $steps, $verb, $argument) {
    my ($view, @found) = view_of($region, $dtype, $offset, $shape, $steps);
    return map { told($_) } @found if eval { @found = $VERBS{$verb}->($region, $view, $argument, $shape, $steps); 1 };
    my $problem = $@;
    die $problem if !ref $problem || !grep { $problem->isa("Memwell::Error::$_") } qw(Overflow InvalidArgument Range);
    return [$ERROR, 0];
}

sub answer ($questions, $name, $offset) {
    my $region = Memwell::Region->attach($name);
    my $pairs = $region->view('uint64', [int(($region->size - $offset) / 16), 2], offset => $offset);
    open my $lines, '<', $questions or die "$questions: $!\n";
    my $place = 0;
    while (my $line = <$lines>) {
        chomp $line;
            $pairs->select(0, $place++)->assign($_) for answers($region, split /\t/, $line, -1);
    }
    say "$place answers";
}

1;
