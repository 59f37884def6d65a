# Processes: forked children, and holders that are killed.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use POSIX ();
use Test::More;

use Memwell;

my $NAME = "mw-perl-process-$$";

sub raised(&) {
    my ($code) = @_;
    return eval { $code->(); 1 } ? undef : $@;
}

# Run the code in a forked child: its exit status is whether it was true.
sub child {
    my ($code) = @_;
    my $child = fork // die $!;
    return $child if $child;
    my $good = eval { $code->() } ? 0 : 1;
    print {*STDERR} "# in a child: $@" if $@;
    POSIX::_exit($good);
}

sub went_well {
    my ($child, $what) = @_;
    waitpid $child, 0;
    return is $?, 0, $what;
}

# A child that does something, says so, and waits for its death.
sub killed_after {
    my ($code) = @_;
    pipe my $out, my $in or die $!;
    my $child = child(sub { $code->(); syswrite $in, 'x'; sleep 1 while 1 });
    sysread $out, my $ready, 1;
    kill KILL => $child;
    waitpid $child, 0;
    return;
}

subtest 'a child uses what its parent has, and its end removes no name' => sub {
    my $region = Memwell::Region->create("$NAME-r", 4096, temporary => 1);
    my $buffer = $region->buffer;
    went_well(child(sub { substr($$buffer, 0, 5) = 'child'; $region->write('wrote', 8); 1 }), 'the child wrote');
    is $region->read(0, 5), 'child';
    is $region->read(8, 5), 'wrote';
    my $child = fork // die $!;
    exit_as_usual() if !$child;
    waitpid $child, 0;
    ok(Memwell::Region->attach("$NAME-r"), 'the name is still there after a child that ended as usual');
    undef $region;
    isa_ok raised { Memwell::Region->attach("$NAME-r") }, 'Memwell::Error::NotFound', 'and the parent removes it';
};

# Objects are destroyed, and END blocks run, but Test::More is not to say anything.
sub exit_as_usual {
    Test::More->builder->no_ending(1);
    exit 0;
}

subtest 'a child releases nothing of its parent' => sub {
    my $well = Memwell::Well->create("$NAME-w", 65536, temporary => 1);
    my $mutex = $well->mutex('lock');
    my $permits = $well->semaphore('permits', 2);
    my ($guard, $permit) = ($mutex->hold, $permits->hold);
    my $child = fork // die $!;
    exit_as_usual() if !$child;
    waitpid $child, 0;
    ok $mutex->held, 'the mutex is held';
    is $permits->value, 1, 'and so is the permit';
    undef $guard;
    ok !$mutex->held;
};

subtest 'parent and child take turns' => sub {
    my $region = Memwell::Region->anonymous(4096);
    my ($ping, $pong) = map { Memwell::Semaphore->at($region, 64 * $_, 0) } 1, 2;
    my $count = $region->view('uint64', [1]);
    my $child = child(sub { for (1 .. 500) { $ping->acquire(60) or die 'late'; $count->[0]++; $pong->release } 1 });
    for my $round (1 .. 500) {
        $ping->release;
        $pong->acquire(60) or die 'late';
    }
    went_well($child, 'five hundred rounds');
    is $count->[0], 500;
};

subtest 'permits of a killed process come back' => sub {
    my $well = Memwell::Well->create("$NAME-w", 65536, temporary => 1);
    my $permits = $well->semaphore('permits', 2);
    killed_after(sub { my $own = Memwell::Well->attach("$NAME-w")->semaphore('permits'); $own->acquire for 1, 2 });
    ok $permits->acquire(60), 'one';
    ok $permits->acquire(60), 'and the other';
    is $permits->held, 2;
    $permits->release(2);
};

subtest 'a mutex of a killed process is mended' => sub {
    my $well = Memwell::Well->create("$NAME-w", 65536, temporary => 1);
    my $mutex = $well->mutex('lock');
    my $account = $well->array('account', 'int64', [2]);
    killed_after(sub { $mutex->acquire; $account->[0] = -10; 1 });
    my $problem = raised { $mutex->acquire(60) };
    isa_ok $problem, 'Memwell::Error::OwnerDied', 'acquiring it';
    is $problem->code, 'EOWNERDEAD';
    ok $mutex->inconsistent;
    is raised { $mutex->recover(sub { die "not today\n" }) }, "not today\n";
    ok $mutex->inconsistent, 'it stays so where mending dies';
    {
        my $guard = $mutex->recover(sub { $account->fill(0) }, 60);
        ok $mutex->held;
        is_deeply $account->tolist, [0, 0];
        ok !$mutex->inconsistent;
    }
    ok !$mutex->held;
    my $guard = $mutex->recover(sub { fail 'there is nothing to mend' });
    ok $mutex->held, 'recover is acquire where there is nothing to mend';
};

subtest 'who is there' => sub {
    my $well = Memwell::Well->create("$NAME-w", 65536, temporary => 1);
    my $mutex = $well->mutex('lock');
    $well->array('grid', 'float64', [2, 3]);
    pipe my $out, my $in or die $!;
    my ($ready_out, $ready_in);
    pipe $ready_out, $ready_in or die $!;
    my $child = child(sub {
        close $in;
        my $own = Memwell::Well->attach("$NAME-w");
        my $guard = $own->mutex('lock')->hold;
        syswrite $ready_in, 'x';
        sysread $out, my $end, 1;
        1;
    });
    sysread $ready_out, my $ready, 1;
    my ($other) = grep { !$_->own } $well->participants;
    is $other->pid, $child;
    is $other->condition, 'running';
    is $mutex->owner, $other->slot;
    is_deeply [map { $_->name } $well->held($other->slot)], ['lock'];
    my %objects = map { $_->name => $_ } $well->objects;
    is_deeply [sort keys %objects], [qw(grid lock)];
    is $objects{grid}->dtype, 'float64';
    is_deeply $objects{grid}->shape, [2, 3];
    is $objects{lock}{owner}, $other->slot;
    close $in;
    went_well($child, 'the child');
    $well->reap; # the handle that the child had from its parent was never closed
    is scalar(my @left = $well->participants), 1;
};

done_testing;
