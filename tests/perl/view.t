# Views in Perl: integers that stay exact, arrays, overloads.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use B ();
use Test::More;

use Memwell;

my $region = Memwell::Region->anonymous(4096);

sub raised(&) {
    my ($code) = @_;
    return eval { $code->(); 1 } ? undef : $@;
}

subtest 'an integer is one to its last bit' => sub {
    my $unsigned = $region->view('uint64', [4]);
    my $signed = $region->view('int64', [4], offset => 64);
    for my $number (18446744073709551615, 9223372036854775808, 9007199254740993, '18446744073709551615', 0) {
        $unsigned->set(1, $number);
        is $unsigned->get(1), $number;
        ok !(B::svref_2object(\$unsigned->get(1))->FLAGS & B::SVf_NOK), 'and never a float';
    }
    for my $number (-9223372036854775807 - 1, 9223372036854775807, '-9223372036854775808', -1) {
        $signed->set(1, $number);
        is $signed->get(1), $number;
    }
    isa_ok raised { $signed->set(1, '-9223372036854775809') }, 'Memwell::Error::Overflow', 'below';
    isa_ok raised { $signed->set(1, 9223372036854775808) }, 'Memwell::Error::Overflow', 'above';
    isa_ok raised { $unsigned->set(1, '18446744073709551616') }, 'Memwell::Error::Overflow', 'beyond 64 bits';
    isa_ok raised { $unsigned->set(1, 1.5) }, 'Memwell::Error::InvalidArgument', 'half a one';
    is $signed->get(1), -1, 'nothing was written';
};

subtest 'what is a number in Perl is one' => sub {
    my $view = $region->view('float64', [4]);
    my @right = (['1.5', 1.5], [' 12 ', 12], ['1e3', 1000], [-0.25, -0.25], ['Inf', 9**9**9]);
    $view->set(0, $_->[0]), is $view->get(0), $_->[1] for @right;
    my @wrong = (['seven', 'a word'], ['', 'nothing'], [undef, 'undef'], [[], 'a list'], [{}, 'a hash'], ['0x10', 'hexadecimal']);
    isa_ok raised { $view->set(0, $_->[0]) }, 'Memwell::Error::Type', $_->[1] for @wrong;
    my $bools = $region->view('bool', [2], offset => 512);
    $bools->set(0, 1 == 1);
    $bools->set(1, 1 == 2);
    is_deeply $bools->tolist, [1, ''];
    isa_ok raised { $bools->set(0, 2) }, 'Memwell::Error::Overflow', 'two';
};

subtest 'as an array' => sub {
    my $row = $region->view('int32', [4], offset => 1024);
    @$row[0 .. 3] = (1, 2, 3, 4);
    is "@$row", '1 2 3 4';
    is scalar @$row, 4;
    is $row->[-1], 4, 'from the end';
    $row->[-1] += 10;
    is $row->[3], 14;
    is $row->sum, 20;
    $_ *= 2 for @$row;
    is "@$row", '2 4 6 28';
    is_deeply [map { $_ + 1 } @$row], [3, 5, 7, 29];
    my ($first, @rest) = @$row;
    is_deeply [$first, \@rest], [2, [4, 6, 28]];
    is $row->[4], undef, 'behind the end';
    isa_ok raised { $row->[4] = 1 }, 'Memwell::Error::Range', 'writing there';
    isa_ok raised { push @$row, 1 }, 'Memwell::Error::Type', 'push';
    isa_ok raised { @$row = () }, 'Memwell::Error::Type', 'clear';
};

subtest 'rows are views' => sub {
    my $grid = $region->view('int16', [2, 3], offset => 2048);
    $grid->assign([[1, 2, 3], [4, 5, 6]]);
    is $grid->[1][2], 6;
    $grid->[0][1] = 20;
    is $grid->get(0, 1), 20;
    $grid->[1] = [7, 8, 9];
    is_deeply $grid->tolist, [[1, 20, 3], [7, 8, 9]];
    is_deeply [$grid->shape], [2, 3];
    is_deeply [$grid->strides], [6, 2];
    is_deeply $grid->reshape(3, 2)->tolist, [[1, 20], [3, 7], [8, 9]];
    is_deeply $grid->reshape([6])->take([5, 0]), [9, 1];
};

subtest '== is the same shape and elements' => sub {
    my $one = $region->view('uint8', [4], offset => 3000);
    my $other = $region->view('int64', [4], offset => 3008);
    $_->assign([1, 2, 3, 4]) for $one, $other;
    ok $one == $other;
    ok !($one != $other);
    $other->set(0, 9);
    ok $one != $other;
    ok $one != 4, 'a number is no view';
    ok $one, 'and a view is true';
    isnt "$one", "$other", 'as a text, or the key of a hash, each is another';
};

subtest 'atomics' => sub {
    my $words = $region->view('uint64', [2], offset => 3072);
    is $words->atomic_add(0), 0, 'one, where nothing is said';
    is $words->atomic_sub(0, 2), 1;
    is $words->atomic_load(0), 18446744073709551615;
    is $words->atomic_compare_exchange(0, 18446744073709551615, 5), 18446744073709551615;
    is $words->atomic_exchange(0, 6), 5;
    my $word = $region->view('uint32', [1], offset => 3096);
    is $word->wait(0, 5, 10), !!1, 'another value is no wait';
    is $word->wait(0, 0, 0.01), !!0;
    is $word->wake(0), 0;
};

subtest 'lists are flattened' => sub {
    my $view = $region->view('int32', [4], offset => 3200);
    $view->assign([[1, [2]], 3, [4]]);
    is_deeply $view->tolist, [1 .. 4];
    isa_ok raised { $view->assign([1, 2, 3]) }, 'Memwell::Error::InvalidArgument', 'too few';
    my $endless = [];
    push @$endless, $endless;
    isa_ok raised { $view->assign($endless) }, 'Memwell::Error::Type', 'a list in itself';
    @$endless = ();
    isa_ok raised { $view->assign([1, 2, 3, 2**40]) }, 'Memwell::Error::Overflow', 'one that does not fit';
    is_deeply $view->tolist, [1 .. 4], 'all or none';
};

done_testing;
