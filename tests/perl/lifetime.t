# Ten thousand rounds of making, using, closing and throwing away, in every order: nothing is left and nothing breaks. The
# environment's ROUNDS is another number of them.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use Test::More;

use Memwell;

my $NAME = "mw-perl-lifetime-$$";
my $ROUNDS = $ENV{ROUNDS} // 10_000;

sub count_of {
    my ($path) = @_;
    open my $lines, '<', $path or die "$path: $!";
    return scalar(() = <$lines>);
}

sub descriptors { scalar(() = glob '/proc/self/fd/*') }
sub maps { count_of('/proc/self/maps') }

# Resident memory in pages.
sub resident {
    open my $statm, '<', '/proc/self/statm' or die $!;
    return (split ' ', scalar <$statm>)[1];
}

# The number of steps' orders; each is a permutation that a number stands for.
sub ordered {
    my ($number, @steps) = @_;
    my @order;
    while (@steps) {
        push @order, splice @steps, $number % @steps, 1;
        $number = int($number / (@steps + 1));
    }
    return @order;
}

# Whatever a step meets, an object that was closed is the only thing that may be said of it.
sub run_steps {
    my (@steps) = @_;
    for my $step (@steps) {
        next if eval { $step->(); 1 };
        die $@ if !(ref $@ && $@->isa('Memwell::Error::Closed'));
    }
    return;
}

sub region_round {
    my ($round) = @_;
    my $region = $round % 3 ? Memwell::Region->anonymous(4096) : Memwell::Region->create($NAME, 4096, temporary => 1);
    my ($view, $buffer, $second);
    my @steps = ordered(
        $round,
        sub { $view = $region->view('int32') if $region },
        sub { $buffer = $region->buffer if $region },
        sub { $region->close if $region },
        sub { undef $region },
        sub { $view->set(0, 7) if $view; $second = $view->buffer if $view },
    );
    run_steps(@steps, sub { substr($$buffer, 0, 4) = 'abcd' if $buffer }, sub { $$buffer = 'x' x 4096 if $buffer });
    eval { $$buffer = 'short' } if $buffer;
    return;
}

sub well_round {
    my ($round) = @_;
    my $well = Memwell::Well->create($NAME, 65536, temporary => 1);
    my ($mutex, $permits, $event, $array, $buffer);
    my @steps = ordered(
        $round,
        sub { $mutex = $well->mutex('m') if $well; $mutex->acquire(0) if $mutex; $mutex->release if $mutex },
        sub { $permits = $well->semaphore('p', 2) if $well; my $guard = $permits->hold(0) if $permits },
        sub { $event = $well->event('e') if $well; $event->set if $event },
        sub { $array = $well->array('a', 'float64', [4]) if $well; $buffer = $array->buffer if $array },
        sub { $well->close if $well },
        sub { undef $well },
    );
    run_steps(@steps, sub { substr($$buffer, 0, 1) = 'x' if $buffer });
    return;
}

sub semaphore_round {
    my ($round) = @_;
    my $region = Memwell::Region->anonymous(4096);
    my $semaphore = $round % 2 ? Memwell::Semaphore->at($region, 64, 1) : Memwell::Semaphore->create($NAME, 1, temporary => 1);
    my $guard;
    my @steps = ordered(
        $round,
        sub { undef $region },
        sub { $guard = $semaphore->hold(0) if $semaphore },
        sub { undef $guard },
        sub { undef $semaphore },
    );
    run_steps(@steps);
    return;
}

for (['regions', \&region_round, $ROUNDS], ['wells', \&well_round, $ROUNDS / 10], ['semaphores', \&semaphore_round, $ROUNDS]) {
    my ($what, $round, $rounds) = @$_;
    subtest $what => sub {
        $round->($_) for 1 .. 200; # what is made once
        my ($maps, $descriptors, $resident) = (maps(), descriptors(), resident());
        $round->($_) for 1 .. $rounds;
        is descriptors(), $descriptors, 'descriptors';
        cmp_ok maps(), '<=', $maps + 2, 'mappings';
        cmp_ok resident(), '<', $resident + 256, 'memory, within a mebibyte' if !$ENV{UNDER_VALGRIND};
        is_deeply [glob "/dev/shm/*$NAME*"], [], 'names';
    };
}

subtest 'errors on every way leave nothing' => sub {
    my $region = Memwell::Region->anonymous(4096);
    my $view = $region->view('int32', [16]);
    my @calls = (
        sub { Memwell::Region->attach("$NAME-none") },
        sub { Memwell::Region->create("$NAME-none", 'many') },
        sub { Memwell::Region->create("$NAME-none", 5, temprary => 1) },
        sub { $region->write("\x{263a}") },
        sub { $view->assign([1 .. 15, 'x']) },
        sub { $view->assign([1 .. 15]) },
        sub { $view->take([99]) },
        sub { $view->get(16) },
        sub { $view->wait(0, 'x') },
        sub { ${ $region->buffer } = 'short' },
        sub { Memwell::Native::Region_read() },
    );
    my $round = sub { eval { $_->(); 1 } and die 'no failure' for @calls };
    $round->() for 1 .. 200;
    my ($descriptors, $resident) = (descriptors(), resident());
    $round->() for 1 .. $ROUNDS / 10;
    is descriptors(), $descriptors, 'descriptors';
    cmp_ok resident(), '<', $resident + 256, 'memory, within a mebibyte' if !$ENV{UNDER_VALGRIND};
    is $region->exports, 0, 'nobody holds the region';
};

subtest 'an argument may throw away what it is an argument of' => sub {
    package Saboteur {
        use overload '""' => sub { $_[0]->(); '0' }, fallback => 1;
    }
    for my $call (sub { $_[0]->view->get($_[1]) }, sub { $_[0]->read($_[1]) }, sub { $_[0]->write('x', $_[1]) }) {
        my $region = Memwell::Region->anonymous(4096);
        my $evil = bless sub { undef $region }, 'Saboteur';
        eval { $call->($region, $evil) };
        is $region, undef;
    }
    my $region = Memwell::Region->anonymous(4096);
    my $view = $region->view;
    my $evil = bless sub { undef $view; undef $region }, 'Saboteur';
    ok !eval { Memwell::Native::View_set($view, $evil, 1); 1 }, 'no object any more';
    my $data = 'x' x 100;
    $region = Memwell::Region->anonymous(4096);
    ok !eval { $region->write($data, bless sub { undef $data }, 'Saboteur'); 1 }, 'nor bytes';
    is $region->read(0, 1), "\0";
};

subtest 'objects may be thrown away by hand' => sub {
    my $region = Memwell::Region->anonymous(4096);
    my $view = $region->view;
    Memwell::Native::delete_Region($region);
    Memwell::Native::delete_Region($region);
    ok !eval { $region->size; 1 }, 'no object any more';
    isa_ok $@, 'Memwell::Error::Type';
    my $problem = eval { $view->get(0); 1 } ? undef : $@;
    is $problem, undef, 'a view holds the memory by itself';
};

subtest 'threads' => sub {
    require Config;
    plan skip_all => 'this Perl has no threads' if !$Config::Config{useithreads};
    plan skip_all => 'too slow' if $ENV{UNDER_VALGRIND};
    require threads;
    my $region = Memwell::Region->anonymous(4096);
    my ($buffer, $view, $well) = ($region->buffer, $region->view, Memwell::Well->create($NAME, 65536, temporary => 1));
    my $mutex = $well->mutex('m');
    for (1 .. 20) {
        my @threads = map { threads->create(sub { region_round(3 * $_ + 1) for 1 .. 20; length $$buffer }) } 1, 2;
        is_deeply [map { $_->join } @threads], [4096, 4096];
    }
    undef $buffer;
    is $region->exports, 0;
    is $view->get(0), 0;
    $mutex->synchronize(sub { ok $mutex->held });
};

done_testing;
