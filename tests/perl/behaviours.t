# Every case of the list of behaviours, in Perl. tests/behaviours/README.md says what the data mean.
#
# SPDX-License-Identifier: MIT
use v5.26;
use warnings;

use B ();
use Errno ();
use File::Temp ();
use FindBin;
use JSON::PP ();
use Scalar::Util 'looks_like_number';
use Test::More;

use Memwell;

my $LIST = "$FindBin::Bin/../behaviours";
plan skip_all => 'the list of behaviours is in a checkout only' if !-d $LIST;

sub cases {
    my @cases;
    for my $path (sort glob "$LIST/*.json") {
        my ($noun) = $path =~ m{(\w+)\.json$};
        open my $file, '<', $path or die "$path: $!";
        local $/;
        push @cases, map { { noun => $noun, %$_ } } @{ JSON::PP->new->utf8->decode(<$file>) };
    }
    return @cases;
}

# ---- what the data stand for

sub value {
    my ($scene, $data) = @_;
    return !!$data if JSON::PP::is_bool($data);
    return [map { value($scene, $_) } @$data] if ref $data eq 'ARRAY';
    return $data if ref $data ne 'HASH';
    my ($kind, $content) = %$data;
    my %kinds = (
        bytes => sub { pack 'H*', $content },
        float => sub { $content eq '-0.0' ? -0.0 : "$content" * 1.0 },
        int => sub { exact($content) },
        var => sub { $scene->{variables}{$content} },
        name => sub { name($scene, $content) },
        path => sub { ($scene->{folder} //= File::Temp->newdir) . "/$content" },
        key => sub { key($scene, $content) },
        at_least => sub { $data },
    );
    return $kinds{$kind}->();
}

sub key {
    my ($scene, $number) = @_;
    my $key = 0x40000000 | ($$ & 0x3fffff) << 8 | $number;
    $scene->{keys}{$key} = 1;
    return $key;
}

# An integer; as text where it has more than 64 bits.
sub exact {
    my ($digits) = @_;
    my $number = $digits =~ /^-/ ? do { use integer; $digits + 0 } : $digits | 0;
    return $number eq $digits ? $number : $digits;
}

sub name {
    my ($scene, $short) = @_;
    $scene->{names}{$short} = 1;
    return "mw-behaviours-$$-$short";
}

# ---- how Perl spells a call, where it is not the method of that name

my %SPELLINGS = (
    'Region.lines' => sub { my ($region, @rest) = @_; [$region->lines(@rest)] },
    'Region.seals' => sub { [sort $_[0]->seals] },
    'View.shape' => sub { [$_[0]->shape] },
    'View.strides' => sub { [$_[0]->strides] },
    'Well.objects' => sub { [sort map { $_->name } $_[0]->objects] },
    'Well.participants' => sub { scalar(my @all = $_[0]->participants) },
);

sub act {
    my ($scene, $step) = @_;
    my ($target, $name) = ($scene->{variables}{ $step->{on} // '' }, $step->{call});
    my @arguments = map { value($scene, $_) } @{ $step->{args} // [] };
    my %options = map { $_ => value($scene, $step->{options}{$_}) } keys %{ $step->{options} // {} };
    if (!exists $step->{on}) {
        ($target, $name) = $name =~ /^(\w+)\.(\w+)$/;
        $target = "Memwell::$target";
    }
    my ($noun) = (ref $target || $target) =~ /(\w+)$/;
    my $spelled = $SPELLINGS{"$noun.$name"};
    return $spelled ? $spelled->($target, @arguments, %options) : $target->$name(@arguments, %options);
}

# ---- comparing, in value and in kind

sub kind {
    my ($value) = @_;
    return ref $value || 'nothing' if ref $value || !defined $value;
    my $flags = B::svref_2object(\$value)->FLAGS;
    return 'float' if $flags & B::SVf_NOK && !($flags & (B::SVf_IOK | B::SVf_POK));
    return 'bool' if defined &builtin::is_bool && do { no warnings; builtin::is_bool($value) };
    return $flags & B::SVf_POK ? 'text' : 'integer';
}

sub same_number {
    my ($got, $wanted) = @_;
    return $got != $got if $wanted != $wanted;
    return $got == $wanted && sprintf('%g', $got) eq sprintf('%g', $wanted);
}

sub same {
    my ($got, $wanted) = @_;
    return kind($got) eq 'integer' && $got >= $wanted->{at_least} if ref $wanted eq 'HASH';
    return 0 if kind($got) ne kind($wanted);
    return !defined $got if !defined $wanted;
    if (ref $wanted eq 'ARRAY') {
        return @$got == @$wanted && !grep { !same($got->[$_], $wanted->[$_]) } 0 .. $#$wanted;
    }
    return kind($wanted) eq 'float' ? same_number($got, $wanted) : $got eq $wanted;
}

sub code_of {
    my ($problem) = @_;
    die $problem if !(ref $problem && $problem->isa('Memwell::Error'));
    return $problem->isa('Memwell::Error::Type') ? 'TYPE' : $problem->code;
}

# ---- running a case

sub take {
    my ($scene, $step) = @_;
    my $shown = JSON::PP->new->canonical->encode($step);
    my $result;
    if (!eval { $result = act($scene, $step); 1 }) {
        my $problem = $@;
        die "$shown: $problem" if !exists $step->{raises};
        my $reason = ($step->{reason} // '') =~ s/\{(\w+)\}/$scene->{names}{$1} ? name($scene, $1) : "{$1}"/ger;
        die "$shown: " . code_of($problem) . ", $problem" if code_of($problem) ne $step->{raises} || index("$problem", $reason) < 0;
        return;
    }
    die "$shown: no failure but " . show($result) if exists $step->{raises};
    die "$shown: " . show($result) if exists $step->{gives} && !same($result, value($scene, $step->{gives}));
    if (exists $step->{let}) {
        $scene->{variables}{ $step->{let} } = $result;
        push @{ $scene->{order} }, $step->{let};
    }
    return;
}

sub show {
    my ($value) = @_;
    return '[' . join(', ', map { show($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return kind($value) . (defined $value ? " $value" : '');
}

# Close what is open, and leave nothing behind.
sub clear {
    my ($scene) = @_;
    for my $variable (reverse @{ $scene->{order} // [] }) {
        my $object = $scene->{variables}{$variable};
        eval { $object->close } if ref $object && ref $object ne 'ARRAY' && $object->can('close');
    }
    for my $short (keys %{ $scene->{names} // {} }) {
        $_->unlink(name($scene, $short), missing_ok => 1) for qw(Memwell::Region Memwell::Semaphore);
    }
    for my $key (keys %{ $scene->{keys} // {} }) {
        $_->sysv_remove($key, missing_ok => 1) for qw(Memwell::Region Memwell::Semaphore);
    }
    return;
}

my @cases = cases();
cmp_ok scalar @cases, '>', 100, 'the list is there';

for my $case (@cases) {
    my $title = "$case->{noun}: $case->{name}";
    if (grep { $_ eq 'perl' } @{ $case->{not} // [] }) {
    SKIP: { skip "$title: $case->{why}", 1 }
        next;
    }
    my $scene = {};
    my $done = eval { take($scene, $_) for @{ $case->{steps} }; 1 };
    my $problem = $@;
    clear($scene);
    ok($done, $title) or diag $problem;
}

done_testing;
