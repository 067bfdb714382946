#!/usr/bin/env bash
# Every test, a process for each file: what one leaves behind in Bun cannot hold up another. Ends with the totals.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
beside=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; exit 1' INT TERM
trap 'rm -f "$log" "$beside"' EXIT

# These wait for servers rather than work, and run beside the others.
waiting='test/contract/rabbitmq.test.ts test/system/lifecycle/ephemeral.test.ts test/system/security/tls.test.ts'

# Ends with 1 when one file fails.
run() {
  local status=0
  for file in "$@"; do
    bun test --timeout 300000 "./$file" 2>&1 || status=1
  done
  return "$status"
}

status=0
# shellcheck disable=SC2086
run $waiting >"$beside" &
# shellcheck disable=SC2046,SC2086
run $(find test -name '*.test.ts' | sort | grep -vFx "$(printf '%s\n' $waiting)") | tee "$log" || status=1
wait "$!" || status=1
tee -a "$log" <"$beside"

# Of all runs together; empty: there are none.
count() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$log" | awk '{ n += $1 } END { if (NR) print n }'; }
passed=$(count pass) failed=$(count fail) skipped=$(count skip)
# One that crashed has counted nothing.
[ "$status" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1
echo "${passed:-0} passed, ${failed:-0} failed${skipped:+, $skipped skipped}"
[ "${failed:-0}" = 0 ] && [ "${passed:-0}" != 0 ]
