p ENV.to_h
File.readlines("/mnt/paths", chomp: true).each do |path|
  p File.binread(path)
rescue SystemCallError
  nil
end
puts "tried"
