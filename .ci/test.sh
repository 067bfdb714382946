#!/usr/bin/env bash
# Runs every test, each file of system tests in a process of its own, so that nothing a file leaves behind in Bun holds up
# another. The last lines name the tests that failed and give the totals.
set -uo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; exit 1' INT TERM
trap 'rm -rf "$work"' EXIT

# The files that work with a container engine share its images, and those that work in root file systems share these: each kind
# runs one after the other, those in the root with installers apart, since they take longest. The others run beside them, in a
# fourth lane: most tests wait more than they compute.
using() { grep -rlE --include='*.test.ts' "#test/support/($1)\.ts" test | sort; }
engine=$(using 'docker|docker-server|compose|helm')
installers=$(using installers-root | grep -vFx "$engine")
rooted=$(using 'root-file-systems|foreign|deny' | grep -vFx -e "$engine" -e "$installers")
{ [ -n "$engine" ] && [ -n "$installers" ] && [ -n "$rooted" ]; } \
  || { echo 'no test works in a root file system, or with installers, or with an engine: .ci/test.sh looks for them in vain' >&2; exit 1; }
find test -name '*.test.ts' | sort | grep -vFx -e "$rooted" -e "$installers" -e "$engine" >"$work/others"

# TESTS="test/unit test/system/agent/cli.test.ts" leaves all others out.
if [ -n "${TESTS:-}" ]; then
  # shellcheck disable=SC2086
  printf '%s\n' $TESTS | sed 's,^\./,,; s,/*$,,' >"$work/wanted"
  wanted() { awk 'NR == FNR { wanted[$0]; next } { path = $0; while (!(path in wanted) && sub("/[^/]*$", "", path)); if (path in wanted) print }' "$work/wanted" -; }
  rooted=$(wanted <<<"$rooted")
  installers=$(wanted <<<"$installers")
  engine=$(wanted <<<"$engine")
  wanted <"$work/others" >"$work/left" && mv "$work/left" "$work/others"
else
  # The unit tests of a room run in one process: most of what a small file takes is its start. They need no servers.
  { sed -n 's,^\(test/unit/[^/]*\)/.*,\1,p' "$work/others" | uniq && grep -v ^test/unit/ "$work/others"; } >"$work/left"
  mv "$work/left" "$work/others"
fi

# Root makes a PostgreSQL and a RabbitMQ of Debian's packages. Anybody else needs their programs, installed or unpacked in
# .tools/servers, or Docker, or addresses.
docker_works() { command -v docker >/dev/null && docker version >/dev/null 2>&1; }
missing=
if [ "$(id -u)" != 0 ] && ! docker_works; then
  [ -n "${ATTUNE_TEST_DATABASE_URL:-}" ] || PATH=$PATH:$(echo {,.tools/servers}/usr/lib/postgresql/*/bin | tr ' ' :) command -v initdb >/dev/null || missing=postgresql
  [ -n "${ATTUNE_TEST_MESSAGE_QUEUE_URL:-}" ] || [ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] || [ -e .tools/servers/usr/lib/rabbitmq/bin/rabbitmq-server ] || missing="$missing rabbitmq-server"
fi
if [ -n "$missing" ]; then
  needs='#test/support/(servers-test|cluster|joined/installation|pgbouncer)\.ts'
  [ "$missing" != ' rabbitmq-server' ] || needs='sharedRabbit|startRabbit|#test/support/(cluster|joined/installation)\.ts'
  [ "$missing" != postgresql ] || needs='sharedPostgres|startPostgres|#test/support/(cluster|joined/installation|pgbouncer)\.ts'
  for file in $rooted $installers $engine $(<"$work/others"); do
    grep -qE "$needs" "$file" && echo "$file"
  done >"$work/without-servers"
  rooted=$(grep -vFxf "$work/without-servers" <<<"$rooted")
  installers=$(grep -vFxf "$work/without-servers" <<<"$installers")
  engine=$(grep -vFxf "$work/without-servers" <<<"$engine")
  grep -vFxf "$work/without-servers" "$work/others" >"$work/left"
  mv "$work/left" "$work/others"
fi

# run FILE...: runs the tests of each file. What was printed of those that passed goes to the log; the others are tried again.
run() {
  local try log="$work/log.$BASHPID"
  try=$(mktemp -p "$work")
  for file in "$@"; do
    if bun test --timeout 300000 "./$file" 2>&1 | tee "$try"; then
      cat "$try" >>"$log"
    else
      cp "$try" "$(mktemp -p "$work/failed")"
      echo "$file" >>"$work/again"
    fi
  done
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
  local file
  while file=$(next_other) && [ -n "$file" ]; do run "$file"; done
}

# run_first FILE...: runs files that share what is slow to make, then helps with the others.
run_first() {
  run "$@"
  run_others
}

# titles PREFIX LOG...: the tests that failed in these logs, a line each.
titles() {
  local prefix=$1
  shift
  awk -v prefix="$prefix" '/^test\/.*\.test\.ts:$/ { file = $0 } /^\(fail\) / { print prefix file " " substr($0, 8) }' "$@" | sort -u
}

mkdir "$work/failed"
touch "$work/again"
# shellcheck disable=SC2086
{
  run_first $rooted >"$work/beside.rooted" &
  run_first $installers >"$work/beside.installers" &
  run_first $engine >"$work/beside.engine" &
}
run_others
wait
cat "$work"/beside.*

# A file that failed beside others runs once more with nothing beside it: whoever reads the result learns whether it fails
# or is disturbed. Where more than a few failed, chance was not the reason.
status=0
touch "$work/log.alone" "$work/ended-badly"
if [ -s "$work/again" ]; then first_failures=$(titles 'failed beside others: ' "$work"/failed/*); fi
if [ "$(wc -l <"$work/again")" -le 6 ]; then
  while read -r file; do
    echo "once more, with nothing beside it: $file"
    if ! bun test --timeout 300000 "./$file" 2>&1 </dev/null | tee "$work/last"; then
      status=1
      grep -q '^(fail) ' "$work/last" || echo "$file" >>"$work/ended-badly"
    fi
    cat "$work/last" >>"$work/log.alone"
  done <"$work/again"
else
  status=1
  cat "$work"/failed/* >"$work/log.alone"
fi
cat "$work"/log.* >"$work/log"

# count WORD: the number of tests that passed, failed or were skipped, of all runs together; empty when no run named any.
count() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$work/log" | awk '{ n += $1 } END { if (NR) print n }'; }
if [ -s "$work/without-servers" ]; then
  sed "s/^/skipped: /; s/\$/: needs ${missing# }, or Docker, or ATTUNE_TEST_DATABASE_URL and ATTUNE_TEST_MESSAGE_QUEUE_URL/" "$work/without-servers" | tee -a "$work/log"
  echo " $(grep -c . "$work/without-servers") skip" >>"$work/log"
fi
passed=$(count pass) failed=$(count fail) skipped=$(count skip)
# A run that crashed, or ended with a status that says so, has counted no failure.
failed=$((${failed:-0} + $(grep -c . "$work/ended-badly")))
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
[ -z "${first_failures:-}" ] || echo "$first_failures"
titles 'failed: ' "$work/log"
sed 's/^/failed: /; s/$/: no test of it failed, but the run did not end with success/' "$work/ended-badly"
echo "${passed:-0} passed, $failed failed${skipped:+, $skipped skipped}"
[ "$failed" = 0 ] && [ "${passed:-0}" != 0 ]
