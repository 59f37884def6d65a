# Buffers: scalars whose string is the memory.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use Test::More;

use Memwell;

sub raised(&) {
    my ($code) = @_;
    return eval { $code->(); 1 } ? undef : $@;
}

sub made {
    my ($text, $size) = @_;
    my $region = Memwell::Region->anonymous($size // length $text);
    $region->write($text);
    return ($region, $region->buffer);
}

subtest 'what Perl does in place is in the memory' => sub {
    my ($region, $buffer) = made("hello, world\0\0\0\0");
    is length $$buffer, 16;
    substr($$buffer, 0, 5) = 'HELLO';
    is $region->read(0, 5), 'HELLO';
    substr($$buffer, 7, 5, 'WORLD');
    vec($$buffer, 12, 8) = ord '!';
    is $region->read(0, 13), 'HELLO, WORLD!';
    $$buffer =~ tr/A-Z/a-z/;
    is $region->read(0, 13), 'hello, world!';
    $$buffer =~ s/world/there/;
    is $region->read(0, 13), 'hello, there!';
    substr($$buffer, 0, 8) = pack 'l< n n', -7, 1, 2;
    is_deeply [unpack 'l< n n', $$buffer], [-7, 1, 2];
    is $region->view('int32', [1])->get(0), -7;
    for my $part (substr $$buffer, 8, 2) { $part = 'xy' }
    is $region->read(8, 2), 'xy';
};

subtest 'what others write is in the scalar' => sub {
    my ($region, $buffer) = made('12345678');
    is $$buffer, '12345678';
    $region->write('abcd');
    is $$buffer, 'abcd5678';
    my $copy = $$buffer;
    $region->write('ABCD');
    is $copy, 'abcd5678', 'a copy is a copy';
    my ($digits, $number) = made("11\0", 3);
    { no warnings 'numeric'; is 0 + $$number, 11; $digits->write('22'); is 0 + $$number, 22, 'no number is kept' }
};

subtest 'a whole assignment goes into the memory' => sub {
    my ($region, $buffer) = made('12345678');
    my $address = unpack 'J', pack 'P', $$buffer;
    for my $given ('abcdefgh', 'x' x 8, 12345678, join('', 'a' .. 'h'), do { utf8::upgrade(my $wide = "\xe9" x 8); $wide }) {
        $$buffer = $given;
        is $region->read, "$given" =~ s/([^\0-\x7f])/$1/gr;
        is $$buffer, $region->read;
    }
    my $shared = 'shared..';
    $$buffer = $shared;
    substr($$buffer, 0, 6) = 'SHARED';
    is $shared, 'shared..', 'the memory is not the string that was assigned';
    is $region->read, 'SHARED..';
    my ($other) = made('ABCDEFGH');
    $$buffer = ${ $other->buffer };
    is $region->read, 'ABCDEFGH', 'of another buffer';
    $$buffer = reverse $$buffer;
    is $region->read, 'HGFEDCBA', 'of itself';
    is unpack('J', pack 'P', $$buffer), $address, 'at the same address';
};

subtest 'what would change the length dies, and the buffer stays one' => sub {
    my ($region, $buffer) = made('12345678');
    my %attempts = (
        shorter => sub { $$buffer = 'abc' },
        longer => sub { $$buffer = 'abcdefghi' },
        append => sub { $$buffer .= 'x' },
        nothing => sub { $$buffer = undef },
        undefined => sub { undef $$buffer },
        reference => sub { $$buffer = [] },
        wide => sub { $$buffer = "\x{263a}bcdefgh" },
        'wide part' => sub { substr($$buffer, 0, 1) = "\x{263a}" },
        repeat => sub { $$buffer x= 2 },
        grow => sub { vec($$buffer, 8, 8) = 1 },
        substitute => sub { $$buffer =~ s/1/one/ },
        code => sub { $$buffer = sub { 1 } },
    );
    for my $attempt (sort keys %attempts) {
        my $problem = raised { $attempts{$attempt}->() };
        isa_ok $problem, 'Memwell::Error::InvalidArgument', $attempt;
        is $region->read, '12345678', "$attempt: the memory is as it was";
        is $$buffer, '12345678', "$attempt: and the scalar is the memory";
    }
    like raised { chop $$buffer }, qr/7 bytes for a buffer of 8/;
    $region->write('abcdefgh');
    is $$buffer, 'abcdefgh';
};

subtest 'upgrading does not detach' => sub {
    my ($region, $buffer) = made("\xe9\xe8345678");
    utf8::upgrade($$buffer);
    is $$buffer, "\xe9\xe8345678";
    substr($$buffer, 2, 1) = '!';
    is $region->read, "\xe9\xe8!45678";
    my $joined = $$buffer . "\x{263a}";
    substr($$buffer, 3, 1) = '?';
    is $region->read, "\xe9\xe8!?5678";
};

subtest 'read-only memory is a read-only scalar' => sub {
    my $region = Memwell::Region->memfd(8);
    $region->write('12345678');
    $region->seal('write');
    my $buffer = $region->buffer;
    is $$buffer, '12345678';
    like raised { $$buffer = 'abcdefgh' }, qr/read-only/;
    like raised { substr($$buffer, 0, 1) = 'x' }, qr/read-only/;
    like raised { vec($$buffer, 0, 8) = 1 }, qr/read-only/;
    is $region->read, '12345678';
};

subtest 'a buffer outlives its region' => sub {
    my ($region, $buffer) = made('12345678');
    my $second = $region->buffer;
    $region->close;
    undef $region;
    is $$buffer, '12345678';
    $$buffer = 'abcdefgh';
    undef $buffer;
    is $$second, 'abcdefgh', 'two of them are one memory';
    my $moved = $$second;
    my $alias = \$$second;
    undef $second;
    is $$alias, 'abcdefgh', 'a reference to the scalar holds it';
};

subtest 'the region counts who holds it' => sub {
    my ($region, $buffer) = made('x' x 8192);
    isa_ok raised { $region->resize(4096) }, 'Memwell::Error', 'resizing';
    isa_ok raised { $region->protect(1) }, 'Memwell::Error::Busy', 'protecting';
    is $region->exports, 1;
    undef $buffer;
    is $region->exports, 0;
    $region->protect(1);
    ok $region->readonly;
};

subtest 'of a view' => sub {
    my $region = Memwell::Region->anonymous(64);
    my $view = $region->view('int16', [4], offset => 8);
    my $buffer = $view->buffer;
    substr($$buffer, 2, 2) = pack 's', -2;
    is $view->get(1), -2;
    is length $$buffer, 8;
    isa_ok raised { $view->slice(0, 0, 2, 2)->buffer }, 'Memwell::Error::InvalidArgument', 'elements that do not lie densely';
};

subtest 'sysread and print' => sub {
    my ($region, $buffer) = made('12345678');
    pipe my $out, my $in or die $!;
    syswrite $in, $$buffer;
    sysread $out, my $read, 8;
    is $read, '12345678';
    syswrite $in, 'abcdefgh';
    is sysread($out, $$buffer, 8), 8;
    is $region->read, 'abcdefgh', 'a whole buffer was read from a pipe';
};

subtest 'local, sort, join, hash key, match and pos' => sub {
    my ($region, $buffer) = made('a=1,b=2;');
    my %found = $$buffer =~ /(\w)=(\d)/g;
    is_deeply \%found, { a => 1, b => 2 };
    my @places;
    while ($$buffer =~ /=/g) { push @places, pos $$buffer }
    is_deeply \@places, [2, 6];
    my %keyed = ($$buffer => 1);
    ok $keyed{'a=1,b=2;'};
    our $glob;
    *glob = $buffer;
    { local $glob = 'local'; is $glob, 'local' }
    is $glob, 'a=1,b=2;', 'local made another scalar and took it back';
    substr($glob, 0, 1) = 'A';
    is $region->read(0, 1), 'A';
};

subtest 'writing from one to another, and to the same' => sub {
    my ($region, $buffer) = made('12345678');
    my $other = Memwell::Region->anonymous(8);
    $other->write($buffer);
    is $other->read, '12345678', 'a reference to a scalar is its bytes';
    $region->write($$buffer);
    $region->view('uint8')->write(\'abcdefgh');
    is $$buffer, 'abcdefgh';
};

done_testing;
