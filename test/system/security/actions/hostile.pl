print map { "$_=$ENV{$_}\n" } keys %ENV;
open(my $paths, "<", "/mnt/paths") or die;
while (my $path = <$paths>) {
  chomp $path;
  open(my $file, "<", $path) or next;
  print <$file>;
}
print "tried\n";
