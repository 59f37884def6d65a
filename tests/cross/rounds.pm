# Taking turns on one region: the first writes, the second checks and answers, the first checks the answer. Main entries: first,
# second.
#
# SPDX-License-Identifier: MIT
package rounds;

use v5.36;

use Memwell;
use pattern;

my ($ELEMENTS, $ROWS, $COLUMNS) = (8, 2, 4);
my ($BLOCKS_AT, $BLOCK_STEP, $TEXT_AT, $TEXT_SIZE, $REGION_SIZE) = (13, 67, 817, 96, 913);
my ($ONE_BY_ONE, $AT_ONCE, $IN_ROWS, $BACKWARDS, $WAYS) = 0 .. 4;
my $PATIENCE = 60.0; # seconds: only a peer that died is waited for so long
my @ALL = 0 .. $ELEMENTS - 1;

# ---- one block

my %OFFSETS = map { $pattern::DTYPES[$_] => $BLOCKS_AT + $BLOCK_STEP * $_ } 0 .. $#pattern::DTYPES;

sub block ($region, $dtype, $way) {
    my $view = $region->view($dtype, $way == $IN_ROWS ? [$ROWS, $COLUMNS] : $ELEMENTS, offset => $OFFSETS{$dtype});
    return $way == $BACKWARDS ? $view->slice(0, $ELEMENTS - 1, -1, $ELEMENTS) : $view;
}

sub row_and_column ($k) { (int $k / $COLUMNS, $k % $COLUMNS) }

sub write_block ($region, $dtype, $way, @values) {
    my $view = block($region, $dtype, $way);
    if ($way == $ONE_BY_ONE) {
        $view->set($_, $values[$_]) for @ALL;
    } elsif ($way == $AT_ONCE) {
        $view->assign(\@values);
    } elsif ($way == $IN_ROWS) {
        $view->set(row_and_column($_), $values[$_]) for @ALL;
    } else {
        $view->assign([reverse @values]);
    }
}

sub read_block ($region, $dtype, $way) {
    my $view = block($region, $dtype, $way);
    return @{ $view->tolist } if $way == $AT_ONCE;
    return reverse @{ $view->tolist } if $way == $BACKWARDS;
    return map { $way == $ONE_BY_ONE ? $view->get($_) : $view->get(row_and_column($_)) } @ALL;
}

# The block has these bits in memory, and reads as what they mean.
sub expect_block ($region, $round, $dtype, $way, @wanted) {
    my $size = $pattern::SIZES{$dtype};
    my $raw = $region->read($OFFSETS{$dtype}, $ELEMENTS * $size);
    my @values = read_block($region, $dtype, $way);
    for my $k (@ALL) {
        my ($found, $bits) = (substr($raw, $k * $size, $size), $wanted[$k]);
        next if $found eq pattern::packed($dtype, $bits) && pattern::is_same($dtype, $values[$k], pattern::value($dtype, $bits));
        die sprintf "round %d, %s element %d: %s, not 0x%x\n", $round, $dtype, $k, $values[$k], $bits;
    }
}

# ---- one round

sub bits_of_block ($round, $dtype) { map { pattern::bits($round, $dtype, $_) } @ALL }

sub turn_text ($text) { ~. scalar reverse $text }

sub ask ($region, $round) {
    $region->view('uint64', 1)->set(0, $round);
    for my $dtype (@pattern::DTYPES) {
        write_block($region, $dtype, $round % $WAYS, map { pattern::value($dtype, $_) } bits_of_block($round, $dtype));
    }
    $region->write(pattern::text($round), $TEXT_AT);
}

sub expect_text ($region, $round, $wanted) {
    die "round $round: another text\n" if $region->read($TEXT_AT, $TEXT_SIZE) ne $wanted;
}

sub check_question ($region, $round) {
    my $found = $region->view('uint64', 1)->max;
    die "round $round: the number is $found\n" if $found != $round;
    expect_block($region, $round, $_, ($round + 1) % $WAYS, bits_of_block($round, $_)) for @pattern::DTYPES;
    expect_text($region, $round, pattern::text($round));
}

sub give_answer ($region, $round) {
    for my $dtype (@pattern::DTYPES) {
        my @questions = read_block($region, $dtype, ($round + 2) % $WAYS);
        write_block($region, $dtype, ($round + 1) % $WAYS, map { pattern::turn($dtype, $_) } reverse @questions);
    }
    $region->write(turn_text($region->read($TEXT_AT, $TEXT_SIZE)), $TEXT_AT);
}

sub check_answer ($region, $round) {
    for my $dtype (@pattern::DTYPES) {
        my @wanted = map { pattern::answer($dtype, $_) } reverse bits_of_block($round, $dtype);
        expect_block($region, $round, $dtype, $round % $WAYS, @wanted);
    }
    expect_text($region, $round, turn_text(pattern::text($round)));
}

# ---- both sides

sub wait_for ($semaphore) {
    $semaphore->acquire($PATIENCE) or die $semaphore->name . ": nothing came in time\n";
}

sub expect_value ($semaphore, $wanted) {
    die sprintf "%s: value %d instead of %d\n", $semaphore->name, $semaphore->value, $wanted if $semaphore->value != $wanted;
}

# Three units given at once are three to take.
sub count_units ($ping, $pong) {
    wait_for($ping);
    expect_value($ping, 0);
    for my $left (3, 2, 1) {
        expect_value($pong, $left);
        $pong->acquire(0) or die 'only ' . (3 - $left) . " of three units came\n";
    }
    die "there were more than three units\n" if $pong->acquire(0);
}

sub first ($name, $count) {
    my $region = Memwell::Region->create($name, $REGION_SIZE);
    my ($ping, $pong) = map { Memwell::Semaphore->create("$name.$_", 0) } qw(ping pong);
    for my $round (0 .. $count - 1) {
        ask($region, $round);
        $ping->release;
        wait_for($pong);
        check_answer($region, $round);
    }
    count_units($ping, $pong);
    Memwell::Region->unlink($name);
    Memwell::Semaphore->unlink($_->name) for $ping, $pong;
    say "$count rounds";
}

sub attach_when_it_appears ($name) {
    die "$name is there already\n" if eval { Memwell::Region->attach($name) };
    die $@ if !$@->isa('Memwell::Error::NotFound');
    say 'waiting';
    return Memwell::Region->attach($name, timeout => $PATIENCE);
}

sub second ($name, $count) {
    my $region = attach_when_it_appears($name);
    die "the region has another size\n" if $region->size != $REGION_SIZE;
    my ($ping, $pong) = map { Memwell::Semaphore->attach("$name.$_", timeout => $PATIENCE) } qw(ping pong);
    for my $round (0 .. $count - 1) {
        wait_for($ping);
        check_question($region, $round);
        give_answer($region, $round);
        $pong->release;
    }
    $pong->release(3);
    $ping->release;
    say "$count rounds";
}

1;
