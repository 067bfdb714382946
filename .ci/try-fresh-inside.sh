#!/bin/bash
# Runs inside a bare root (try-fresh.sh), as WHO: the two commands of the README, and nothing else but what they ask for.
set -euo pipefail

home=/root
as=(bash -c)
[ "$WHO" = root ] || { home=/home/ada && as=(setpriv --reuid=ada --regid=ada --init-groups env HOME=/home/ada bash -c); }
here() { "${as[@]}" "cd $home/attune-agent && $1"; }

# helped COMMAND: runs it. What it says is missing is installed by the line that it prints, as it stands, once.
helped() {
  if here "$1" 2>&1 | tee /tmp/said; then return; fi
  line=$(grep -A1 '^setup: missing:.*Run:$' /tmp/said | tail -n 1)
  [ -n "$line" ] || { echo "it names no line to run" >&2; return 1; }
  # su asks an ordinary user for a password, so root runs it.
  DEBIAN_FRONTEND=noninteractive bash -c "$line" >/tmp/installed 2>&1 || { tail -n 20 /tmp/installed; return 1; }
  here "$1" 2>&1
}

"${as[@]}" "cd $home && git clone -q /clone attune-agent && git -C attune-agent log -1 --format='%h %s'"
chmod 0700 "$home"

helped "make build-agent"
here "make run-agent PORT=$PORT" >/tmp/greeting 2>/tmp/log &
running=$!
for _ in $(seq 600); do
  grep -q '^Submit' /tmp/greeting && break
  kill -0 "$running" 2>/dev/null || { cat /tmp/greeting /tmp/log; exit 1; }
  sleep 0.5
done
cat /tmp/greeting
here "$(sed -n 's/^Submit *//p' /tmp/greeting)"
here "dist/attune-agent-$(uname -m) executions"
# A port in use is said at once, before anything is built.
if here "make run-agent PORT=$PORT" 2>/tmp/taken; then exit 1; fi
grep "somebody listens on port $PORT already" /tmp/taken
for process in /proc/[0-9]*; do
  if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q '^dist/attune-agent.* --standalone '; then kill -INT "${process#/proc/}"; fi
done
wait "$running" || true
[ "$TESTS" != none ] || { echo 'the first command works'; exit; }

helped "make test TESTS='$TESTS'" | tee /tmp/tested
if grep -a '^setup: that failed' /tmp/tested; then exit 1; fi
grep -a '^[0-9]* passed, 0 failed' /tmp/tested | tail -n 1
