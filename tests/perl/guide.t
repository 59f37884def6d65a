# Every program in docs/swig/perl.md, run as it stands there: it prints what its comments say.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use FindBin;
use Test::More;

my $PATH = "$FindBin::Bin/../../docs/swig/perl.md";
open my $guide, '<', $PATH or plan skip_all => 'the guide is in a checkout only';
my $text = do { local $/; <$guide> };

my @programs = $text =~ /^```perl\n(.*?)^```$/gms;
cmp_ok scalar @programs, '>=', 5, 'there are programs';

for my $program (@programs) {
    my ($title) = grep { !/^use / && /\S/ } split /\n/, $program;
    my @wanted = $program =~ /#> (.*)$/gm;
    pipe my $out, my $in or die $!;
    my $child = fork // die $!;
    if (!$child) {
        open STDOUT, '>&', $in or die $!;
        close $in;
        exec $^X, '-Mv5.36', '-w', '-e', $program or die $!;
    }
    close $in;
    chomp(my @printed = <$out>);
    waitpid $child, 0;
    is $?, 0, "$title: it ends well";
    is_deeply \@printed, \@wanted, "$title: it prints what is said";
}

done_testing;
