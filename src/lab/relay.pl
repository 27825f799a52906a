# A slow line between two network links: carries frames both ways with a latency, a rate, and losses.
# usage: perl relay.pl LINK LINK LATENCY_MS JITTER_MS LOSS_PERCENT RATE_BITS_PER_S(0: any)
# The kernel's own netem is missing from many kernels; packet sockets are in all of them. packet(7) has the constants.
use strict;
use warnings;
use Socket;
use Time::HiRes qw(time);

use constant { AF_PACKET => 17, ETH_P_ALL => 3, SOL_PACKET => 263, PACKET_VNET_HDR => 15, PACKET_IGNORE_OUTGOING => 23, SIOCGIFINDEX => 0x8933 };
use constant { LARGEST_FRAME => 70_000, ROUTER_BYTES => 512 * 1024, LINE_BYTES => 64 * 1024 * 1024, FRAMES_AT_ONCE => 64 };

my ($left, $right, $latency_ms, $jitter_ms, $loss, $rate) = @ARGV;
my @ways = (way($left, $right), way($right, $left));
$_->{to} = $ways[1 - $_->{index}]{from} for @ways;

while (1) {
    my $now = time;
    my $wake;
    for my $way (@ways) {
        send_due($way, $now);
        my $next = $way->{queue}[0];
        $wake = $next->[0] if $next && (!defined $wake || $next->[0] < $wake);
    }
    my $readable = '';
    vec($readable, fileno($_->{from}), 1) = 1 for @ways;
    my $pause = defined $wake ? $wake - time : undef;
    select($readable, undef, undef, defined $pause && $pause < 0 ? 0 : $pause);
    for my $way (@ways) {
        take_in($way) if vec($readable, fileno($way->{from}), 1);
    }
}

# One direction: frames that come in on one link, in the order in which they are to go out on the other.
my $count = 0;
sub way {
    my ($in, $out) = @_;
    socket(my $socket, AF_PACKET, SOCK_RAW, 0) or die "packet socket: $!\n";
    # Frames come with their virtio header, so that checksums and large segments left to the device survive the trip.
    setsockopt($socket, SOL_PACKET, PACKET_VNET_HDR, pack('i', 1)) or die "vnet header: $!\n";
    setsockopt($socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, pack('i', 1)) or die "ignore outgoing: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_RCVBUF, pack('i', 4 * 1024 * 1024));
    bind($socket, pack('S n i S C C a8', AF_PACKET, ETH_P_ALL, link_number($socket, $in), 0, 0, 0, '')) or die "bind to $in: $!\n";
    return { index => $count++, from => $socket, queue => [], bytes => 0, free_at => 0, last_due => 0 };
}

sub link_number {
    my ($socket, $name) = @_;
    my $request = pack('a16 x24', $name);
    ioctl($socket, SIOCGIFINDEX, $request) or die "link $name: $!\n";
    return unpack('x16 i', $request);
}

sub take_in {
    my ($way) = @_;
    for (1 .. FRAMES_AT_ONCE) {
        my $from = recv($way->{from}, my $frame, LARGEST_FRAME, MSG_DONTWAIT);
        if (!defined $from) {
            exit 0 if $!{ENETDOWN} || $!{ENXIO} || $!{ENODEV};
            return;
        }
        next if rand(100) < $loss;
        next if $way->{bytes} + length($frame) > ($rate ? ROUTER_BYTES : LINE_BYTES);    # what a full router does
        my $now = time;
        my $due = $now;
        if ($rate) {
            my $begins = $way->{free_at} > $now ? $way->{free_at} : $now;
            $due = $way->{free_at} = $begins + 8 * length($frame) / $rate;
        }
        $due += ($latency_ms + $jitter_ms * (2 * rand() - 1)) / 1000;
        $due = $way->{last_due} if $due < $way->{last_due};               # a line does not reorder
        $way->{last_due} = $due;
        $way->{bytes} += length($frame);
        push @{ $way->{queue} }, [$due, $frame];
    }
}

sub send_due {
    my ($way, $now) = @_;
    while (my $next = $way->{queue}[0]) {
        return if $next->[0] > $now;
        shift @{ $way->{queue} };
        $way->{bytes} -= length($next->[1]);
        send($way->{to}, $next->[1], MSG_DONTWAIT);                       # what cannot leave is lost, as on a line
    }
}
