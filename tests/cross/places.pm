# The kinds of memory and of semaphores that two peers can share, each written as one word. README.md lists the words.
# Main entries: create, attach.
#
# SPDX-License-Identifier: MIT
package places;

use v5.36;

use Memwell;

my ($SIZE, $PING_AT, $PONG_AT) = (4096, 512, 576);

my %CREATE = (
    name => sub ($name) { Memwell::Region->create($name, $SIZE) },
    key => sub ($key) { Memwell::Region->sysv($key, $SIZE, how => 'create') },
    fd => sub ($fd) { Memwell::Region->from_fd($fd) },
    socket => sub ($fd) {
        my $region = Memwell::Region->memfd($SIZE);
        $region->seal(qw(grow shrink seal));
        $region->send($fd);
        return $region;
    },
);

my %ATTACH = (
    name => sub ($name) { Memwell::Region->attach($name) },
    key => sub ($key) { Memwell::Region->sysv($key) },
    fd => sub ($fd) { Memwell::Region->from_fd($fd) },
    socket => sub ($fd) { Memwell::Region->receive($fd, require_seals => [qw(grow shrink)]) },
);

sub in_region ($region, $value) {
    return ($region, map { Memwell::Semaphore->at($region, $_, $value) } $PING_AT, $PONG_AT);
}

# A region, and two semaphores: of System V where the region is, else inside it.
sub create ($word) {
    my ($kind, $what) = split /:/, $word;
    my $region = $CREATE{$kind}->($what);
    return in_region($region, 0) if $kind ne 'key';
    my $ping = Memwell::Semaphore->sysv($what, 0, how => 'create', count => 2);
    return ($region, $ping, Memwell::Semaphore->sysv($what, 1));
}

sub attach ($word) {
    my ($kind, $what) = split /:/, $word;
    my $region = $ATTACH{$kind}->($what);
    die "the region has another size\n" if $region->size != $SIZE;
    return in_region($region, undef) if $kind ne 'key';
    return ($region, map { Memwell::Semaphore->sysv($what, $_) } 0, 1);
}

sub remove ($word) {
    my ($kind, $what) = split /:/, $word;
    Memwell::Region->unlink($what) if $kind eq 'name';
    $kind eq 'key' and $_->sysv_remove($what) for qw(Memwell::Region Memwell::Semaphore);
}

1;
