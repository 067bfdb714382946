#!/usr/bin/env bash
# Runs every test, each file in a process of its own, so that nothing a file leaves behind in Bun holds up another. The last
# line has the totals.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
beside=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; exit 1' INT TERM
trap 'rm -f "$log" "$beside"' EXIT

# The files that work in root file systems or with the container engine share what is slow to make, so they run one after
# the other. The others run beside them.
rooted=$(grep -rlE --include='*.test.ts' '#test/support/(root-file-systems|installers-root|docker|docker-server|compose|foreign|deny|helm)\.ts' test | sort)
[ -n "$rooted" ] || { echo 'no test works in a root file system: .ci/test.sh looks for them in vain' >&2; exit 1; }

# run FILE...: runs the tests of each file; the exit code is 1 when one of them fails.
run() {
  local status=0
  for file in "$@"; do
    bun test --timeout 300000 "./$file" 2>&1 || status=1
  done
  return "$status"
}

status=0
# shellcheck disable=SC2086
run $rooted >"$beside" &
# shellcheck disable=SC2046,SC2086
run $(find test -name '*.test.ts' | sort | grep -vFx "$rooted") | tee "$log" || status=1
wait "$!" || status=1
tee -a "$log" <"$beside"

# count WORD: the number of tests that passed, failed or were skipped, of all runs together; empty when no run named any.
count() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$log" | awk '{ n += $1 } END { if (NR) print n }'; }
passed=$(count pass) failed=$(count fail) skipped=$(count skip)
# A run that crashed has counted nothing.
[ "$status" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1
echo "${passed:-0} passed, ${failed:-0} failed${skipped:+, $skipped skipped}"
[ "${failed:-0}" = 0 ] && [ "${passed:-0}" != 0 ]
