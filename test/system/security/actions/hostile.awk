BEGIN {
  for (name in ENVIRON) print name, ENVIRON[name]
  while ((getline path < "/mnt/paths") > 0) while ((getline line < path) > 0) print line
  print "tried"
}
