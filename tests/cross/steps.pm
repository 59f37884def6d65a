# Atomic operations by turns: who waits for his turn sleeps on a word, and both sides know what every step makes of the elements.
# Main entries: first, second, count_up.
#
# SPDX-License-Identifier: MIT
package steps;

use v5.36;

use Memwell;
use pattern;
use places;

my @DTYPES = qw(int32 uint32 int64 uint64);
my @OPERATIONS = qw(store add sub and or xor exchange compare_exchange);
my ($ELEMENTS_AT, $ELEMENT_STEP) = (64, 64);
my $PATIENCE = 60.0; # seconds: only a peer that died is waited for so long

# ---- steps

sub operation_of ($step) { $OPERATIONS[int($step / 2) % @OPERATIONS] }

sub expected_by ($step, $dtype, $old) { int($step / 16) % 2 ? pattern::bits($step, $dtype, 1) : $old }

my %RESULTS = (
    store => sub ($old, $n) { $n },
    exchange => sub ($old, $n) { $n },
    add => \&pattern::add,
    sub => \&pattern::subtract,
    and => sub ($old, $n) { $old & $n },
    or => sub ($old, $n) { $old | $n },
    xor => sub ($old, $n) { $old ^ $n },
);

# What a step makes of an element, in bits.
sub result_of ($step, $dtype, $old) {
    my ($operation, $n) = (operation_of($step), pattern::bits($step, $dtype, 0));
    return $old == expected_by($step, $dtype, $old) ? $n : $old if $operation eq 'compare_exchange';
    return $RESULTS{$operation}->($old, $n) & pattern::all_bits($dtype);
}

# Returns what the operation says was there.
sub operate ($view, $step, $dtype, $old) {
    my ($operation, $n) = (operation_of($step), pattern::value($dtype, pattern::bits($step, $dtype, 0)));
    if ($operation eq 'store') {
        my $before = $view->atomic_load(0);
        $view->atomic_store(0, $n);
        return $before;
    }
    my @expected = $operation eq 'compare_exchange' ? pattern::value($dtype, expected_by($step, $dtype, $old)) : ();
    my $method = "atomic_$operation";
    return $view->$method(0, @expected, $n);
}

sub make_step ($view, $step, $dtype, $old) {
    my $found = operate($view, $step, $dtype, $old);
    return if $found eq pattern::value($dtype, $old);
    die sprintf "step %d, %s %s: it was %s, not 0x%x\n", $step, $dtype, operation_of($step), $found, $old;
}

# The element has these bits in memory, and loads as what they mean.
sub check_step ($view, $step, $dtype, $now) {
    my $found = $view->atomic_load(0);
    return if $found eq pattern::value($dtype, $now) && $view->tobytes eq pattern::packed($dtype, $now);
    die sprintf "step %d, %s %s: it is %s, not 0x%x\n", $step, $dtype, operation_of($step), $found, $now;
}

# Sleep until the word has this value.
sub await ($words, $i, $wanted) {
    while ((my $word = $words->atomic_load($i)) != $wanted) {
        $words->wait($i, $word, $PATIENCE) or die "$wanted did not come: nothing changed in time\n";
    }
}

# Steps of one parity are ours, those of the other the other side's.
sub take_steps ($region, $count, $parity) {
    my $words = $region->view('uint32', 2);
    my %views = map { $DTYPES[$_] => $region->view($DTYPES[$_], 1, offset => $ELEMENTS_AT + $ELEMENT_STEP * $_) } 0 .. $#DTYPES;
    my %bits = map { $_ => 0 } @DTYPES;
    for my $step (0 .. $count - 1) {
        my $is_ours = $step % 2 == $parity;
        await($words, 0, $step + 1) if !$is_ours;
        for my $dtype (@DTYPES) {
            make_step($views{$dtype}, $step, $dtype, $bits{$dtype}) if $is_ours;
            $bits{$dtype} = result_of($step, $dtype, $bits{$dtype});
            check_step($views{$dtype}, $step, $dtype, $bits{$dtype});
        }
        next if !$is_ours;
        $words->atomic_store(0, $step + 1);
        $words->wake(0);
    }
}

# ---- both sides

sub wait_for ($semaphore) {
    $semaphore->acquire($PATIENCE) or die $semaphore->kind . ": nothing came in time\n";
}

sub expect_value ($semaphore, $wanted) {
    die sprintf "%s: value %d instead of %d\n", $semaphore->kind, $semaphore->value, $wanted if $semaphore->value != $wanted;
}

sub first ($place, $count) {
    my ($region, $ping, $pong) = places::create($place);
    say 'ready';
    take_steps($region, $count, 0);
    for (1 .. $count) {
        $ping->release;
        wait_for($pong);
    }
    wait_for($ping);
    expect_value($ping, 0);
    expect_value($pong, 3);
    $_->close for $ping, $pong, $region;
    places::remove($place);
    say "$count steps";
}

sub second ($place, $count) {
    my ($region, $ping, $pong) = places::attach($place);
    take_steps($region, $count, 1);
    for (1 .. $count) {
        wait_for($ping);
        $pong->release;
    }
    $pong->release(3);
    $ping->release;
    say "$count steps";
}

# One of several who count at the same time, from the moment on when the second word says so.
sub count_up ($name, $count) {
    my $region = Memwell::Region->attach($name);
    my $words = $region->view('uint32', 2);
    my $wide = $region->view('int64', 1, offset => $ELEMENTS_AT);
    my $narrow = $region->view('uint32', 1, offset => $ELEMENTS_AT + $ELEMENT_STEP);
    $words->atomic_add(0);
    $words->wake(0);
    await($words, 1, 1);
    for (1 .. $count) {
        $wide->atomic_add(0);
        $narrow->atomic_add(0);
    }
    say "$count counted";
}

1;
