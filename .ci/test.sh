#!/usr/bin/env bash
# Every test, a process for each file: what one leaves behind in Bun cannot hold up another. Ends with the totals.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
for file in $(find test -name '*.test.ts' | sort); do
  bun test --timeout 300000 "./$file" 2>&1 | tee -a "$log" || status=1
done

# Of all runs together; empty: there are none.
count() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$log" | awk '{ n += $1 } END { if (NR) print n }'; }
passed=$(count pass) failed=$(count fail) skipped=$(count skip)
# One that crashed has counted nothing.
[ "$status" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1
echo "${passed:-0} passed, ${failed:-0} failed${skipped:+, $skipped skipped}"
[ "${failed:-0}" = 0 ] && [ "${passed:-0}" != 0 ]
