# A worker that kills itself before the Nth line of worker.pl that it executes, in the first process only: the one that makes the
# file MARKER.
#
#   dying_worker.pl WORKER N MARKER JOB NUMBER COORDINATOR
#
# SPDX-License-Identifier: MIT
use v5.36;

use Fcntl qw(O_CREAT O_EXCL O_WRONLY);

my ($worker, $n, $marker, $lines);

BEGIN {
    ($worker, $n, $marker) = splice @ARGV, 0, 3;
    $lines = 0;
}

# Perl calls this before each statement of what is compiled from here on.
sub DB::DB {
    my $file = (caller)[1];
    return if $file ne $worker || ++$lines != $n;
    kill KILL => $$ if sysopen my $made, $marker, O_WRONLY | O_CREAT | O_EXCL;
}

BEGIN {
    $^P |= 0x02;
    $DB::single = 1;
}

do $worker;
die $@ if $@;
