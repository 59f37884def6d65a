# The numbers that both sides know without telling each other. Main entry: bits.
#
# SPDX-License-Identifier: MIT
package pattern;

use v5.36;
no warnings 'portable'; # numbers of 64 bits

use B ();

our @DTYPES = qw(int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 bool);
our %SIZES;
@SIZES{@DTYPES} = (1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 1);

my %NUMBER_OF = map { $DTYPES[$_] => $_ } 0 .. $#DTYPES;
my %NANS = (float16 => 0x7e00, float32 => 0x7fc00000, float64 => 0x7ff8000000000000);
my %INFINITIES = (float16 => 0x7c00, float32 => 0x7f800000, float64 => 0x7ff0000000000000);
my %UNSIGNED = (1 => 'C', 2 => 'S', 4 => 'L', 8 => 'Q');
my %SIGNED = (1 => 'c', 2 => 's', 4 => 'l', 8 => 'q');
my $TEXT = 12;
my %edges;

sub load ($path) {
    open my $lines, '<', $path or die "$path: $!\n";
    for my $line (grep { !/^#/ } <$lines>) {
        my ($dtype, @words) = split ' ', $line;
        $edges{$dtype} = [map { hex } @words];
    }
    die "$path: not a line for each dtype\n" if grep { !$edges{$_} } @DTYPES;
}

# Sums and products that wrap: with signed integers Perl does not go over to floats.
sub add ($one, $other) { use integer; return $one + $other }
sub subtract ($one, $other) { use integer; return $one - $other }
sub multiply ($one, $other) { use integer; return $one * $other }

sub mix ($given) {
    my $x = ~0 & add($given, 0x9e3779b97f4a7c15);
    $x = ~0 & multiply($x ^ ($x >> 30), 0xbf58476d1ce4e5b9);
    $x = ~0 & multiply($x ^ ($x >> 27), 0x94d049bb133111eb);
    return $x ^ ($x >> 31);
}

sub draw ($round, $d, $k) { mix($round << 16 | $d << 8 | $k) }

sub is_float ($dtype) { exists $NANS{$dtype} }
sub all_bits ($dtype) { ~0 >> (64 - 8 * $SIZES{$dtype}) }
sub sign_bit ($dtype) { 1 << (8 * $SIZES{$dtype} - 1) }
sub is_nan ($dtype, $bits) { is_float($dtype) && ($bits & ~sign_bit($dtype)) > $INFINITIES{$dtype} }

sub bits ($round, $dtype, $k) {
    my $x = draw($round, $NUMBER_OF{$dtype}, $k);
    return $edges{$dtype}[($x >> 2) % @{ $edges{$dtype} }] if !($x & 3);
    my $bits = mix($x) & ($dtype eq 'bool' ? 1 : all_bits($dtype));
    return is_nan($dtype, $bits) ? $NANS{$dtype} : $bits;
}

sub answer ($dtype, $bits) {
    return $bits ^ 1 if $dtype eq 'bool';
    return $bits ^ all_bits($dtype) if !is_float($dtype);
    return is_nan($dtype, $bits) ? $bits : $bits ^ sign_bit($dtype);
}

sub half ($bits) {
    my ($exponent, $fraction) = ($bits >> 10 & 31, $bits & 1023);
    my $size =
          $exponent == 31 ? ($fraction ? value('float64', $NANS{float64}) : 9**9**9)
        : $exponent == 0 ? $fraction * 2.0**-24
        : ($fraction + 1024) * 2.0**($exponent - 25);
    my $float = unpack 'd', pack 'd', $size; # Perl's product of integral numbers would be an integer, which has no -0.0
    return $bits >> 15 ? -$float : $float;
}

# The element in memory.
sub packed ($dtype, $bits) { pack $UNSIGNED{ $SIZES{$dtype} }, $bits }

# What the bits mean, found without memwell's help.
sub value ($dtype, $bits) {
    return !!$bits if $dtype eq 'bool';
    return half($bits) if $dtype eq 'float16';
    return unpack 'f', packed($dtype, $bits) if $dtype eq 'float32';
    return unpack 'd', packed($dtype, $bits) if $dtype eq 'float64';
    return $dtype =~ /^i/ ? unpack $SIGNED{ $SIZES{$dtype} }, packed($dtype, $bits) : $bits;
}

# Whether Perl has it as a float.
sub has_float ($x) {
    my $flags = B::svref_2object(\$x)->FLAGS;
    return $flags & B::SVf_NOK && !($flags & B::SVf_IOK);
}

# With the same bits, where it is a float; one not-a-number is as good as another.
sub is_same ($dtype, $one, $other) {
    return $one eq $other && !has_float($one) if !is_float($dtype);
    return has_float($one) && ($one != $one ? $other != $other : pack('d', $one) eq pack('d', $other));
}

# An element with every bit changed; of a float only the sign.
sub turn ($dtype, $x) {
    return !$x if $dtype eq 'bool';
    return $x != $x ? $x : -$x if is_float($dtype);
    return $dtype =~ /^i/ ? do { use integer; ~$x } : all_bits($dtype) - $x;
}

sub text ($round) { pack 'Q*', map { draw($round, $TEXT, $_) } 0 .. 11 }

1;
