import json
import statistics
import sys

parameters = json.load(sys.stdin)
values, digits = parameters["values"], parameters["digits"]
print(f"{len(values)} values", file=sys.stderr)

lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
summary = {
    "count": len(values),
    "mean": statistics.fmean(values),
    "median": middle,
    "stdev": statistics.stdev(values),
    "quartiles": [lower, upper],
}
shorten = lambda value: [round(v, digits) for v in value] if isinstance(value, list) else round(value, digits)
print(json.dumps({name: shorten(value) for name, value in summary.items()}))
