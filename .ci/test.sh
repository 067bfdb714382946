#!/usr/bin/env bash
# Runs every test, each file in a process of its own, so that nothing a file leaves behind in Bun holds up another. The last
# lines name the tests that failed and give the totals.
set -uo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; exit 1' INT TERM
trap 'rm -rf "$work"' EXIT

# The files that work in root file systems or with the container engine share what is slow to make, so they run one after
# the other. The others run beside them.
rooted=$(grep -rlE --include='*.test.ts' '#test/support/(root-file-systems|installers-root|docker|docker-server|compose|foreign|deny|helm)\.ts' test | sort)
[ -n "$rooted" ] || { echo 'no test works in a root file system: .ci/test.sh looks for them in vain' >&2; exit 1; }
find test -name '*.test.ts' | sort | grep -vFx "$rooted" >"$work/others"

# run FILE...: runs the tests of each file; the exit code is 1 when one of them fails.
run() {
  local status=0
  for file in "$@"; do
    bun test --timeout 300000 "./$file" 2>&1 || status=1
  done
  return "$status"
}

# next_other: takes the first file that nobody has taken from the list of the others; prints nothing at its end.
next_other() {
  (
    flock 9
    head -n 1 "$work/others"
    sed -i 1d "$work/others"
  ) 9>"$work/lock"
}

# run_others: runs files of that list until it is empty.
run_others() {
  local status=0 file
  while file=$(next_other) && [ -n "$file" ]; do run "$file" || status=1; done
  return "$status"
}

# run_rooted: runs the files that share root file systems, then helps with the others.
run_rooted() {
  local status=0
  # shellcheck disable=SC2086
  run $rooted || status=1
  run_others || status=1
  return "$status"
}

status=0
run_rooted >"$work/beside" &
run_others | tee "$work/log" || status=1
wait "$!" || status=1
tee -a "$work/log" <"$work/beside"

# count WORD: the number of tests that passed, failed or were skipped, of all runs together; empty when no run named any.
count() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$work/log" | awk '{ n += $1 } END { if (NR) print n }'; }
passed=$(count pass) failed=$(count fail) skipped=$(count skip)
# A run that crashed has counted nothing.
[ "$status" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1
awk '/^test\/.*\.test\.ts:$/ { file = $0 } /^\(fail\) / { print "failed: " file " " substr($0, 8) }' "$work/log" | sort -u
echo "${passed:-0} passed, ${failed:-0} failed${skipped:+, $skipped skipped}"
[ "${failed:-0}" = 0 ] && [ "${passed:-0}" != 0 ]
