puts [array get env]
set paths [open /mnt/paths]
foreach path [split [read $paths] "\n"] {
  catch { set file [open $path rb]; puts [read $file 1000000]; close $file }
}
puts tried
