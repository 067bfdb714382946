print(Sys.getenv())
for (path in readLines("/mnt/paths")) {
  try({
    file <- file(path, "rb")
    cat(rawToChar(Filter(function(byte) byte != 0, readBin(file, "raw", 100000))))
    close(file)
  }, silent = TRUE)
}
cat("tried\n")
