use strict;
use warnings;

open my $file, '<', $ENV{ATTUNE_PARAMETER_FILE} or die "parameters: $!\n";
my ($title, %amount) = ('');
while (<$file>) {
    next unless /^([^=]+)='(.*)'$/;
    my ($key, $value) = ($1, $2);
    $value =~ s/'\\''/'/g;
    if ($key eq 'title') { $title = $value }
    elsif ($key =~ /^items\.(.+)/) { $amount{$1} = $value }
}

my ($width, $total) = (length 'Total', 0);
for (keys %amount) {
    $width = length if length > $width;
    $total += $amount{$_};
}
my $line = '-' x ($width + 12);
print "$title\n$line\n";
printf "%-${width}s %11.2f\n", $_, $amount{$_} for sort { $amount{$b} <=> $amount{$a} || $a cmp $b } keys %amount;
printf "$line\n%-${width}s %11.2f\n", 'Total', $total;
