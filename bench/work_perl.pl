# The worker in Perl: elements one by one and in bulk, a semaphore that nobody else wants. memwell beside what Perl brings, which
# is System V's shmread and semop, and File::Map, where it is installed. n counts elements, or pairs of calls.
#
# SPDX-License-Identifier: MIT
use v5.36;

use IPC::SysV qw(IPC_PRIVATE IPC_CREAT IPC_RMID);
use Time::HiRes qw(clock_gettime);

use Memwell;

my $FEW = 1000; # read one by one
my $MANY = 1_000_000; # in bulk: 8 MB
my $CLOCK_THREAD_CPUTIME_ID = 3;

my $few = Memwell::Region->anonymous(8 * $FEW);
my $many = Memwell::Region->anonymous(8 * $MANY);
my ($view, $large) = map { $_->view('float64') } $few, $many;
$_->fill(1.5) for $view, $large;
my ($bytes, $bulk) = map { $_->buffer } $few, $many;
my @plain = (1.5) x $FEW;

my $segment = shmget IPC_PRIVATE, 8 * $MANY, 0600 | IPC_CREAT;
shmwrite $segment, $$bulk, 0, 8 * $MANY;
my $set = semget IPC_PRIVATE, 1, 0600 | IPC_CREAT;
my $own = Memwell::Semaphore->at(Memwell::Region->anonymous(4096), 0, 1);
my ($take, $give) = map { pack 's!*', 0, $_, 0 } -1, 1;
semop $set, $give;
$view->fill(1.5);

END {
    shmctl $segment, IPC_RMID, 0 if defined $segment;
    semctl $set, 0, IPC_RMID, 0 if defined $set;
}

# Run the code, which goes over $count elements, until about n elements are done.
sub passes ($n, $count, $code) {
    my $times = int($n / $count) || 1;
    $code->() for 1 .. $times;
    return $times * $count;
}

my %works = (
    read_get => sub ($n) { passes($n, $FEW, sub { my $x; $x = $view->get($_) for 0 .. $FEW - 1 }) },
    read_array => sub ($n) { passes($n, $FEW, sub { my $x; $x = $view->[$_] for 0 .. $FEW - 1 }) },
    read_buffer => sub ($n) { passes($n, $FEW, sub { my $x; $x = unpack 'd', substr $$bytes, 8 * $_, 8 for 0 .. $FEW - 1 }) },
    read_plain => sub ($n) { passes($n, $FEW, sub { my $x; $x = $plain[$_] for 0 .. $FEW - 1 }) },
    read_shmread => sub ($n) {
        passes($n, $FEW, sub {
            my $x;
            for (0 .. $FEW - 1) {
                shmread $segment, my $part, 8 * $_, 8;
                $x = unpack 'd', $part;
            }
        });
    },
    bulk_tolist => sub ($n) { passes($n, $MANY, sub { my $list = $large->tolist }) },
    bulk_unpack => sub ($n) { passes($n, $MANY, sub { my @list = unpack 'd*', $$bulk }) },
    bulk_shmread => sub ($n) { passes($n, $MANY, sub { shmread $segment, my $all, 0, 8 * $MANY; my @list = unpack 'd*', $all }) },
    pair_memwell => sub ($n) { for (1 .. $n) { $own->acquire; $own->release } return $n },
    pair_guard => sub ($n) { for (1 .. $n) { my $guard = $own->hold } return $n },
    pair_semop => sub ($n) { for (1 .. $n) { semop $set, $take; semop $set, $give } return $n },
);

my %lacking;
if (eval { require File::Map; 1 }) {
    File::Map::map_anonymous(my $small, 8 * $FEW, 'shared');
    File::Map::map_anonymous(my $big, 8 * $MANY, 'shared');
    substr($small, 0, 8 * $FEW) = pack 'd*', (1.5) x $FEW;
    substr($big, 0, 8 * $MANY) = $$bulk;
    $works{read_file_map} = sub ($n) {
        passes($n, $FEW, sub { my $x; $x = unpack 'd', substr $small, 8 * $_, 8 for 0 .. $FEW - 1 });
    };
    $works{bulk_file_map} = sub ($n) { passes($n, $MANY, sub { my @list = unpack 'd*', $big }) };
} else {
    @lacking{qw(read_file_map bulk_file_map)} = ('File::Map is not installed (Debian: libfile-map-perl)') x 2;
}

# See serve.h for what is said.
sub answer ($line) {
    my ($name, $n) = split ' ', $line;
    my $work = $works{$name} or return "! no work is called $name";
    my $begin = clock_gettime($CLOCK_THREAD_CPUTIME_ID);
    my $done = $work->($n);
    return int((clock_gettime($CLOCK_THREAD_CPUTIME_ID) - $begin) * 1e9 * $n / $done);
}

$| = 1;
say "has $_" for sort keys %works;
say "lacks $_ $lacking{$_}" for sort keys %lacking;
say 'ready';
while (my $line = <STDIN>) {
    chomp $line;
    say answer($line);
}
