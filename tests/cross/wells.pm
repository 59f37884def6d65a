# One well between two: arrays, turns, permits, events; and what the one that is killed leaves to the other. Main entries: first,
# second, holder, heir.
#
# SPDX-License-Identifier: MIT
package wells;

use v5.36;

use Memwell;

my ($SIZE, $ROWS, $COLUMNS, $PERMITS) = (65536, 3, 4, 3);
my $PATIENCE = 60.0; # seconds: only a peer that died is waited for so long

# ---- finding, or creating, and closing

sub parts_of ($well) {
    return {
        well => $well,
        grid => $well->array('grid', 'float64', [$ROWS, $COLUMNS]),
        counts => $well->array('counts', 'int64', 2),
        turn => $well->mutex('turn'),
        permits => $well->semaphore('permits', $PERMITS),
        ping => $well->event('ping'),
        pong => $well->event('pong'),
    };
}

sub create ($name) { parts_of(Memwell::Well->create($name, $SIZE)) }
sub attach ($name) { parts_of(Memwell::Well->attach($name, timeout => $PATIENCE)) }

sub finish ($own) {
    $own->{well}->check;
    $own->{well}->close;
}

# ---- its objects

# Each cell has the other side's number; leave one of our own.
sub answer_grid ($grid, $wanted_sign, $sign) {
    for my $row (0 .. $ROWS - 1) {
        for my $column (0 .. $COLUMNS - 1) {
            my $number = $row * $COLUMNS + $column + 0.5;
            die "grid $row $column: $grid->[$row][$column]\n" if $grid->[$row][$column] != $wanted_sign * $number;
            $grid->[$row][$column] = $sign * $number;
        }
    }
}

sub take_turns ($own, $count) {
    my $counts = $own->{counts};
    for (1 .. $count) {
        my $guard = $own->{turn}->hold;
        die "two have the turn: @$counts\n" if $counts->get(0) != $counts->get(1);
        $counts->set($_, $counts->get($_) + 1) for 0, 1;
    }
}

sub await ($event) {
    $event->wait($PATIENCE) or die $event->name . " was not set in time\n";
    $event->clear;
}

sub expect_value ($permits, $wanted) {
    die sprintf "permits: %d free instead of %d\n", $permits->value, $wanted if $permits->value != $wanted;
}

# What the well says that it has, but for what may change at any moment.
sub print_objects ($well) {
    for my $info (sort { $a->name cmp $b->name } $well->objects) {
        my @words = ($info->name, $info->kind, $info->offset, $info->size, $info->dtype // $info->capacity);
        say join ' ', grep { defined } @words, @{ $info->shape // [] };
    }
}

# ---- two that live

sub first ($name, $count) {
    my $own = create($name);
    answer_grid($own->{grid}, 0, 1);
    say 'ready';
    await($own->{pong});
    answer_grid($own->{grid}, -1, 1);
    take_turns($own, $count);
    for (1 .. $count) {
        $own->{ping}->set;
        await($own->{pong});
    }
    die $own->{counts}[0] . " turns\n" if $own->{counts}[0] != 2 * $count;
    $own->{permits}->acquire(0) or die "no permits\n" for 1, 2;
    $own->{ping}->set;
    await($own->{pong});
    expect_value($own->{permits}, 1);
    $own->{permits}->release(2);
    print_objects($own->{well});
    finish($own);
    Memwell::Well->unlink($name);
}

sub second ($name, $count) {
    my $own = attach($name);
    answer_grid($own->{grid}, 1, -1);
    $own->{pong}->set;
    take_turns($own, $count);
    for (1 .. $count) {
        await($own->{ping});
        $own->{pong}->set;
    }
    await($own->{ping});
    expect_value($own->{permits}, 1);
    die "not one permit was left\n" if !$own->{permits}->acquire(0) || $own->{permits}->acquire(0);
    $own->{permits}->release;
    say 'ready';
    print_objects($own->{well});
    $own->{pong}->set;
    finish($own);
}

# ---- one that is killed, and one that comes after it

sub holder ($name) {
    my $own = create($name);
    $own->{turn}->acquire(0) or die "no turn\n";
    $own->{counts}[0] = 1;
    $own->{permits}->acquire(0) or die "no permits\n" for 1, 2;
    say 'holding';
    await($own->{ping});
}

sub print_others ($well) {
    for my $other (grep { !$_->own } $well->participants) {
        say sprintf 'slot %d %s: %s', $other->slot, $other->condition, join ' ', sort map { $_->name } $well->held($other->slot);
    }
}

sub print_turn ($turn, $timeout) {
    if (eval { $turn->acquire($timeout) or die "turn: it did not come\n" }) {
        say 'turn: acquired';
    } else {
        die $@ if !ref $@ || !$@->isa('Memwell::Error::OwnerDied');
        say 'turn: its owner died';
    }
}

sub heir ($name) {
    my $own = attach($name);
    expect_value($own->{permits}, 1);
    print_others($own->{well});
    print_turn($own->{turn}, $PATIENCE);
    my $permits = 0;
    $permits++ while $own->{permits}->acquire(0);
    say "permits: $permits";
    $own->{permits}->release($permits);
    die "it was mended\n" if eval { $own->{turn}->recover(sub { die "given up\n" }); 1 };
    print_turn($own->{turn}, 0);
    $own->{turn}->recover(sub { $own->{counts}[1] = $own->{counts}[0] });
    print_turn($own->{turn}, 0);
    say sprintf 'counts: %d %d', @{ $own->{counts} };
    $own->{turn}->release;
    finish($own);
    Memwell::Well->unlink($name);
}

1;
