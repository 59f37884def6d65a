# Write into named memory, tell the reader by a semaphore, and wait until it has read.
#
#   writer.pl NAME TEXT [SECONDS]      then, in any of the languages: reader NAME
#
# The memory and both semaphores are temporary: their names are gone when this program ends. examples/README.md draws the parcel.
#
# SPDX-License-Identifier: MIT
use v5.36;

use Memwell;

my ($name, $text, $seconds) = @ARGV;
$seconds //= 10;
if (@ARGV < 2 || @ARGV > 3 || $seconds !~ /^\d+(?:\.\d+)?$/) {
    print STDERR "usage: writer.pl NAME TEXT [SECONDS]\n";
    exit 2;
}

sub deliver () {
    my $parcel = Memwell::Region->create($name, 128, temporary => 1);
    my ($written, $read) = map { Memwell::Semaphore->create("$name.$_", 0, temporary => 1) } qw(written read);

    $parcel->view('float64', 4, offset => 16)->assign([0.5, 1.5, 2.5, 3.5]);
    $parcel->view('int64', 1, offset => 8)->set(0, length $text);
    $parcel->write($text, 48);           # more than 80 bytes dies: they would end outside
    vec(${ $parcel->buffer }, 0, 8) = 1; # the flag: all the rest is there
    $written->release;                   # orders all of the above before what the reader does
    return $read->acquire($seconds) || die "nobody read $name within $seconds seconds\n";
}

if (!eval { deliver() }) {
    print STDERR $@;
    exit 1;
}
say 'written and read';
