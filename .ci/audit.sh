#!/usr/bin/env bash
# Asks the package registry for known vulnerabilities of the packages in the lock file. A registry that does not answer is
# named and counts as no failure.
set -uo pipefail
cd "$(dirname "$0")/.."

answer=$(bun audit --audit-level=high 2>&1)
status=$?
case $status-$answer in
  0-*) echo "audit: no known vulnerability that is high or critical" ;;
  *' - '[0-9][0-9][0-9]* | *ConnectionRefused* | *'Unable to connect'* | *ENOTFOUND*)
    echo "audit: skipped: the registry does not answer ($(printf %s "$answer" | tail -n 1))"
    ;;
  *)
    printf '%s\n' "$answer" >&2
    exit "$status"
    ;;
esac
