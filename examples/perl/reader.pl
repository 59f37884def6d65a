# Read what a writer, in any of the languages, put into named memory, and tell it so by a semaphore.
#
#   reader.pl NAME [SECONDS]      may be started before the writer
#
# SPDX-License-Identifier: MIT
use v5.36;

use Memwell;

my ($name, $seconds) = @ARGV;
$seconds //= 10;
if (@ARGV < 1 || @ARGV > 2 || $seconds !~ /^\d+(?:\.\d+)?$/) {
    print STDERR "usage: reader.pl NAME [SECONDS]\n";
    exit 2;
}

sub receive () {
    my $parcel = Memwell::Region->attach($name, timeout => $seconds, readonly => 1);
    my ($written, $read) = map { Memwell::Semaphore->attach("$name.$_", timeout => $seconds) } qw(written read);
    $written->acquire($seconds) or die "nothing was written to $name within $seconds seconds\n";

    my ($flag, $length) = unpack 'C x7 q', ${ $parcel->buffer }; # copied, checked, then used: the writer may be wrong
    die "$name holds no parcel\n" if $flag != 1 || $length < 0 || $length > 80;

    my $numbers = $parcel->view('float64', 4, offset => 16); # a window, not a copy
    printf "\"%s\" and %s, sum %g\n", $parcel->read(48, $length), join(' ', map { sprintf '%g', $_ } @$numbers), $numbers->sum;
    $read->release;
    return 1;
}

if (!eval { receive() }) {
    print STDERR $@;
    exit 1;
}
