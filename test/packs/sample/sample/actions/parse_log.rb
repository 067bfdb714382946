require "json"
require "yaml"

LINE = /\A(?<host>\S+) \S+ \S+ \[[^\]]+\] "(?<method>[A-Z]+) (?<path>\S+)[^"]*" (?<status>\d{3}) (?<bytes>\d+|-)/

parameters = YAML.safe_load($stdin.read)
requests, broken = parameters.fetch("lines").map { |line| LINE.match(line) }.partition(&:itself)
warn "#{broken.length} lines are not in the common log format" unless broken.empty?

puts JSON.generate(
  requests: requests.length,
  bytes: requests.sum { |request| request[:bytes].to_i },
  statuses: requests.map { |request| request[:status] }.tally.sort.to_h,
  paths: requests.map { |request| request[:path] }.tally.max_by(parameters.fetch("top")) { |_, count| count }.to_h,
)
