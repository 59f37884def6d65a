# Regions in Perl: what tests/behaviours cannot say.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use Test::More;

use Memwell;

my $NAME = "mw-perl-$$";

sub raised(&) {
    my ($code) = @_;
    return eval { $code->(); 1 } ? undef : $@;
}

subtest 'a name, options and words' => sub {
    my $region = Memwell::Region->create("$NAME-r", 4096, temporary => 1, permissions => 0640);
    is $region->kind, 'named';
    $region->write('written here', 8);
    my $other = Memwell::Region->attach("$NAME-r", timeout => 10, readonly => 1);
    is $other->read(8, 12), 'written here';
    ok $other->readonly;
    undef $region;
    isa_ok raised { Memwell::Region->attach("$NAME-r") }, 'Memwell::Error::NotFound', 'the temporary name';
};

subtest 'a subclass gets its own' => sub {
    @Frames::ISA = ('Memwell::Region');
    my $frames = Frames->anonymous(64);
    is ref $frames, 'Frames';
    is $frames->size, 64;
};

subtest 'an error says what, why and where' => sub {
    my $problem = raised { Memwell::Region->attach("$NAME-none") }; my $line = __LINE__;
    isa_ok $problem, 'Memwell::Error';
    is $problem->code, 'ENOENT';
    is $problem->errno, 2;
    like $problem->message, qr/^Region\.attach\("\Q$NAME\E-none"\): nothing has this name/;
    is "$problem", $problem->message . " at $0 line $line.\n";
};

subtest 'wrong words and wrong numbers of arguments' => sub {
    like raised { Memwell::Region->create($NAME, 5, temprary => 1) }, qr/there is no option "temprary"/;
    like raised { Memwell::Region->create($NAME, 5, undo => 1) }, qr/Region\.create: it takes no option "undo"/;
    like raised { Memwell::Region->create($NAME) }, qr/Region\.create: it takes \(name, size, options\)/;
    like raised { Memwell::Region->anonymous('many') }, qr/Region\.anonymous: size must be an integer, not 'many'/;
    like raised { Memwell::Region->anonymous(undef) }, qr/size must be an integer, not undef/;
    like raised { Memwell::Region->anonymous([]) }, qr/size must be an integer, not a reference to ARRAY/;
    like raised { Memwell::Region->anonymous(1.5) }, qr/size must be an integer, not '1.5'/;
    like raised { Memwell::Region->create("a\0b", 5) }, qr/name must be a string without NUL/;
    isa_ok raised { Memwell::Native::Region_size('Memwell::Region') }, 'Memwell::Error::Type', 'a string is no region';
    my $forged = bless \(my $pointer = 4096), 'Memwell::Region';
    isa_ok raised { $forged->size }, 'Memwell::Error::Type', 'a forged region';
};

subtest 'numbers as Perl has them' => sub {
    my $region = Memwell::Region->anonymous('4096');
    is $region->size, 4096;
    is $region->read(' 8', 2.0), "\0\0";
    is(Memwell::Region->anonymous(4.096e3)->size, 4096);
    require Math::BigInt;
    is(Memwell::Region->anonymous(Math::BigInt->new(4096))->size, 4096);
};

subtest 'bytes, not characters' => sub {
    my $region = Memwell::Region->anonymous(16);
    $region->write("\xe9");
    is $region->read(0, 1), "\xe9";
    utf8::upgrade(my $upgraded = "\xe8\xe9");
    $region->write($upgraded);
    is $region->read(0, 2), "\xe8\xe9";
    isa_ok raised { $region->write("\x{263a}") }, 'Memwell::Error::Type', 'a wide character';
    is $region->read(0, 2), "\xe8\xe9", 'nothing was written';
};

subtest 'lines and runs' => sub {
    my $region = Memwell::Region->anonymous(12);
    $region->write("one\n\ntwo end");
    is_deeply [$region->lines], ['one', '', 'two end'];
    is_deeply [$region->runs(join '', 'a' .. 'z')], [qw(one two end)];
    is_deeply [$region->runs('xyz')], [];
};

subtest 'a memfd is sealed, sent and received' => sub {
    socketpair my $here, my $there, 1, 1, 0 or die $!;
    my $message = Memwell::Region->memfd(4096);
    $message->write('for you');
    $message->seal(qw(write shrink grow seal));
    is_deeply [sort $message->seals], [qw(grow seal shrink write)];
    ok $message->readonly;
    $message->send($here);
    my $received = Memwell::Region->receive($there, 10, require_seals => ['write']);
    is $received->read(0, 7), 'for you';
    ok $received->same($message);
};

subtest 'every method is there' => sub {
    for my $name (grep { /^[A-Z]\w*?_/ } keys %Memwell::Native::) {
        my ($noun, $method) = split /_/, $name, 2;
        can_ok "Memwell::$noun", $method;
    }
};

done_testing;
