# A worker in Perl: counts the ranges that the coordinator puts into its mailbox.
#
#   worker.pl JOB NUMBER COORDINATOR      started by the coordinator; `run` is the main entry
#
# worker.py and worker.lua are the same. A pattern finds the words in a copy of the range: of a mapping Perl would copy all for each
# of them.
#
# SPDX-License-Identifier: MIT
use v5.36;

use Memwell;

# The layout, as in layout.py.
my %MAIL = (ORDER => 0, FIRST => 1, COUNT => 2, RESULT_SIZE => 3, CURRENT => 4, ANSWER => 5, FIELDS => 8);
my %RANGE = (BEGIN => 1, END => 2, PATH => 3, PATH_SIZE => 4, ERROR => 5, WORDS => 6, FIELDS => 8);
my ($RESULT_FIELDS, $RESULT_HEAD) = (4, 32);
my $TICK = 1.0;

my $SHORTER = -1; # the file ends before the range does

my $WORD = qr/([A-Za-z0-9_\x80-\xff]+)/;

my ($job, $number, $coordinator) = @ARGV;

# ---- the job's memory, which is regions and semaphores, each with a name of its own, or one well. Of either: room, where an array
# lies; bell, what to sleep on and to ring; has_coordinator, whether that lives

package Apart {
    sub new ($class) { bless {}, $class }

    sub room ($, $name) {
        my $region = Memwell::Region->attach("$job.$name");
        return { region => $region, offset => 0, size => $region->size };
    }

    sub bell ($, $name) { Memwell::Semaphore->attach("$job.$name") }

    # Its children have another parent when it is gone.
    sub has_coordinator ($) { getppid == $coordinator }
}

package Together {
    sub new ($class) { bless { well => Memwell::Well->attach($job) }, $class }

    sub room ($self, $name) {
        my $array = $self->{well}->array($name);
        return { region => $self->{well}->region, offset => $array->offset, size => $array->nbytes };
    }

    sub bell ($self, $name) { bless { event => $self->{well}->event($name) }, 'Together::Bell' }

    sub has_coordinator ($self) {
        return grep { $_->pid == $coordinator && $_->condition ne 'dead' } $self->{well}->participants;
    }
}

# An event with the calls of a semaphore. It is cleared before anybody looks, so that no ring is lost.
package Together::Bell {
    sub release ($self) { $self->{event}->set }

    sub acquire ($self, $seconds) {
        my $rang = $self->{event}->wait($seconds);
        $self->{event}->clear if $rang;
        return $rang;
    }
}

my $memory = $job =~ /\.well$/ ? Together->new : Apart->new;

# An array as a table of int64 with so many fields in each row.
sub rows_of ($name, $fields) {
    my $room = $memory->room($name);
    return $room->{region}->view('int64', [int($room->{size} / (8 * $fields)), $fields], offset => $room->{offset});
}

my ($go, $bell) = ($memory->bell("go.$number"), $memory->bell('bell'));
my $mail = rows_of('mail', $MAIL{FIELDS})->select(0, $number);
my $ranges = rows_of('ranges', $RANGE{FIELDS});
my $paths = $memory->room('paths');
my $result = $memory->room("result.$number");

# Sleep until the coordinator has put something in. False if it is gone.
sub wait_for_order () {
    while (!$go->acquire($TICK)) {
        return 0 if !$memory->has_coordinator;
    }
    return 1;
}

# Add the words of range i. A file that cannot be mapped, or has become shorter, is an error in the range's row.
sub count_range ($i, $counts) {
    my $row = $ranges->select(0, $i);
    my ($error, @words) = (0);
    my $done = eval {
        my $path = $paths->{region}->read($paths->{offset} + $row->get($RANGE{PATH}), $row->get($RANGE{PATH_SIZE}));
        my $region = Memwell::Region->file($path, keep_fd => 0);
        my ($begin, $end) = ($row->get($RANGE{BEGIN}), $row->get($RANGE{END}));
        if ($region->size < $end) {
            $error = $SHORTER;
        } else {
            @words = $region->read($begin, $end - $begin) =~ /$WORD/g;
        }
        1;
    };
    if (!$done) {
        die $@ if !ref $@;
        $error = $@->isa('Memwell::Error::Fault') ? $SHORTER : $@->errno;
    }
    $counts->{$_}++ for @words;
    $row->set($RANGE{ERROR}, $error);
    $row->set($RANGE{WORDS}, scalar @words);
}

# Write the counts out, then the order's number: with that last store, and not before, the answer is there.
sub answer ($order, $counts) {
    if ($result->{size} < $mail->get($MAIL{RESULT_SIZE})) {
        $result->{region}->close;
        $result = $memory->room("result.$number"); # the coordinator has made it larger
    }
    my ($region, $offset) = @$result{qw(region offset)};
    my @words = keys %$counts;
    my $text = join "\n", @words;
    my $total = 0;
    $total += $_ for values %$counts;
    $region->view('int64', scalar @words, offset => $offset + $RESULT_HEAD)->assign([@$counts{@words}]);
    $region->write($text, $offset + $RESULT_HEAD + 8 * @words);
    $region->view('int64', $RESULT_FIELDS, offset => $offset)->assign([$order, scalar @words, length $text, $total]);
    $mail->set($MAIL{ANSWER}, $order);
    $bell->release;
}

# Count what the mailbox says, until it says that there is no more or the coordinator is gone.
sub run () {
    while (wait_for_order()) {
        my ($order, $first, $count) = map { $mail->get($MAIL{$_}) } qw(ORDER FIRST COUNT);
        return if !$count;
        my %counts;
        for my $i ($first .. $first + $count - 1) {
            $mail->set($MAIL{CURRENT}, $i);
            count_range($i, \%counts);
        }
        answer($order, \%counts);
    }
}

run();
