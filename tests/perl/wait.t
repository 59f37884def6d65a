# Waits: signal handlers run meanwhile, and may die; other threads run.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use Config;
use POSIX ();
use Test::More;
use Time::HiRes qw(ualarm);

use Memwell;

my $well = Memwell::Well->create("mw-perl-wait-$$", 65536, temporary => 1);
my $region = Memwell::Region->anonymous(4096);
my $word = $region->view('uint32', [1]);
my $taken = $well->mutex('taken');
socketpair my $here, my $there, 1, 1, 0 or die $!;

sub raised(&) {
    my ($code) = @_;
    return eval { $code->(); 1 } ? undef : $@;
}

# A mutex that a child holds until it is told to go.
sub held_by_child {
    my ($mutex) = @_;
    pipe my $ready_out, my $ready_in or die $!;
    pipe my $end_out, my $end_in or die $!;
    my $child = fork // die $!;
    if (!$child) {
        close $end_in;
        $mutex->acquire;
        syswrite $ready_in, 'x';
        sysread $end_out, my $end, 1;
        $mutex->release;
        $well->close;
        require POSIX;
        POSIX::_exit(0);
    }
    sysread $ready_out, my $ready, 1;
    return sub { close $end_in; waitpid $child, 0; is $?, 0, 'the child went well' };
}

my $let_go = held_by_child($taken);
my %waits = (
    'Semaphore.acquire' => sub { Memwell::Semaphore->at($region, 64, 0)->acquire },
    'Event.wait' => sub { $well->event('never')->wait },
    'Mutex.acquire' => sub { $taken->acquire },
    'Mutex.recover' => sub { $taken->recover(sub { }) },
    'RobustSemaphore.acquire' => sub { my $permits = $well->semaphore('permits', 1); $permits->acquire; $permits->acquire },
    'View.wait' => sub { $word->wait(0, 0) },
    'Region.attach' => sub { Memwell::Region->attach("mw-perl-nothing-$$", timeout => undef) },
    'Semaphore.attach' => sub { Memwell::Semaphore->attach("mw-perl-nothing-$$", timeout => 1e9) },
    'Well.attach' => sub { Memwell::Well->attach("mw-perl-nothing-$$", timeout => undef) },
    'Region.receive' => sub { Memwell::Region->receive($there) },
);

for my $name (sort keys %waits) {
    local $SIG{ALRM} = sub { die "alarm\n" };
    # Set in there: what dies before the wait dies inside, too.
    is raised { ualarm 20_000; $waits{$name}->() }, "alarm\n", "$name ends where a handler dies";
}

# A child that rings the alarm when this process sleeps, which between here and its wait it does nowhere.
sub ring_when_asleep {
    my $sleeper = $$;
    my $child = fork // die $!;
    return $child if $child;
    my $state = '';
    until ($state eq 'S') {
        open my $stat, '<', "/proc/$sleeper/stat" or last;
        ($state) = <$stat> =~ /\) (\w)/;
    }
    kill ALRM => $sleeper;
    POSIX::_exit(0);
}

subtest 'a handler that returns lets the wait go on' => sub {
    my $event = $well->event('set by a handler');
    my $rang = 0;
    local $SIG{ALRM} = sub { $rang++ < 3 ? ualarm 10_000 : $event->set };
    ualarm 10_000;
    ok $event->wait(60);
    is $rang, 4;
};

subtest 'a handler that sets an event and clears it ends the wait' => sub {
    my $event = $well->event('set and cleared');
    local $SIG{ALRM} = sub { $event->set; $event->clear; ualarm 10_000 }; # again, if it came before the wait
    ualarm 10_000;
    ok $event->wait(60);
    ualarm 0;
    ok !$event->is_set;
};

subtest 'a handler may throw away what is waited for' => sub {
    my $event = $well->event('thrown away');
    local $SIG{ALRM} = sub { undef $event; $well->event('thrown away')->set };
    my $child = ring_when_asleep(); # by the clock it might come before the call, which would have no object
    ok $event->wait(60);
    waitpid $child, 0;
    is $event, undef;
    my $semaphore = Memwell::Semaphore->at($region, 128, 0);
    local $SIG{ALRM} = sub { $semaphore->close };
    ualarm 10_000;
    isa_ok raised { $semaphore->acquire }, 'Memwell::Error::Closed', 'closed by a handler';
};

$let_go->();

subtest 'the time is up' => sub {
    is $well->event('never')->wait(0.01), !!0;
    is(Memwell::Semaphore->at($region, 64)->acquire(0), !!0);
    isa_ok raised { $well->event('never')->wait(-1) }, 'Memwell::Error::InvalidArgument', 'a negative time';
    isa_ok raised { $well->event('never')->wait('nan') }, 'Memwell::Error::InvalidArgument', 'no number';
    isa_ok raised { $well->event('never')->wait('soon') }, 'Memwell::Error::Type', 'a word';
};

subtest 'guards' => sub {
    my $mutex = $well->mutex('guarded');
    {
        my $guard = $mutex->hold(1);
        ok $mutex->held;
        isa_ok raised { $mutex->hold(0) }, 'Memwell::Error::Deadlock', 'twice';
    }
    ok !$mutex->held, 'released at the end of the block';
    is $mutex->synchronize(sub { $mutex->held }), !!1;
    is_deeply [$mutex->synchronize(sub { (1, 2, 3) })], [1, 2, 3];
    is raised { $mutex->synchronize(sub { die "inside\n" }) }, "inside\n";
    ok !$mutex->held, 'released where the block died';
    my $semaphore = Memwell::Semaphore->at($region, 192, 1);
    my $held = $semaphore->hold;
    is $semaphore->hold(0.01), undef, 'no guard where the time was up';
    isa_ok raised { $semaphore->synchronize(sub { fail 'not held' }, 0.01) }, 'Memwell::Error::Timeout', 'synchronize';
    $held->release;
    $held->release;
    is $semaphore->value, 1, 'released once';
};

SKIP: {
    skip 'this Perl has no threads', 1 if !$Config{useithreads};
    subtest 'threads' => sub {
        require threads;
        my $name = "mw-perl-threads-$$";
        my $event = $well->event('from a thread');
        my $shared = Memwell::Region->create($name, 4096, temporary => 1);
        my $buffer = $shared->buffer;
        my $thread = threads->create(
            sub {
                my @seen = (defined $$shared ? 'an object' : 'none');
                substr($$buffer, 0, 5) = 'hello';
                my $own = Memwell::Region->attach($name);
                push @seen, $own->read(0, 5);
                Memwell::Well->attach("mw-perl-wait-$$")->event('from a thread')->set;
                return "@seen";
            }
        );
        ok $event->wait(60), 'the thread ran while this one waited';
        is $thread->join, 'none hello', 'objects are not copied to threads, buffers are the same memory';
        is $shared->read(0, 5), 'hello';
        undef $buffer;
        is $shared->exports, 0, "the thread's copy of the buffer is gone";
    };
}

done_testing;
