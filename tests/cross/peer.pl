# The Perl side of the cross tests; README.md says what each part does, peer.c and peer.py are the same program.
#
# SPDX-License-Identifier: MIT
use v5.36;

use FindBin;
use lib $FindBin::Bin;

use pattern;
use rounds;
use steps;
use survey;
use wells;

$| = 1;

my %VERBS = (
    'first' => [4, sub ($edges, $name, $count) { pattern::load($edges); rounds::first($name, $count) }],
    'second' => [4, sub ($edges, $name, $count) { pattern::load($edges); rounds::second($name, $count) }],
    'survey' => [4, \&survey::answer],
    'step-first' => [4, sub ($edges, $place, $count) { pattern::load($edges); steps::first($place, $count) }],
    'step-second' => [4, sub ($edges, $place, $count) { pattern::load($edges); steps::second($place, $count) }],
    'count' => [3, \&steps::count_up],
    'well-first' => [3, \&wells::first],
    'well-second' => [3, \&wells::second],
    'well-holder' => [2, \&wells::holder],
    'well-heir' => [2, \&wells::heir],
);

my ($verb, @arguments) = @ARGV;
my ($count, $run) = @{ $VERBS{ $verb // '' } // [0] };
die "usage: first|second EDGES NAME ROUNDS, survey QUESTIONS NAME OFFSET, step-first|step-second EDGES PLACE STEPS, "
    . "count NAME TIMES, well-first|well-second NAME TURNS, well-holder|well-heir NAME\n"
    if @ARGV != $count;
$run->(@arguments);
