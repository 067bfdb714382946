#!/bin/sh
# port-is-free.sh PORT: refuses a port on which somebody listens, before anything is built for it. 0 stands for any free one.
set -eu
port=$1

case $port in
  '' | *[!0-9]* | 0?* | ??????*) wrong=1 ;;
  *) wrong=$((port > 65535)) ;;
esac
[ "$wrong" = 0 ] || { echo "PORT is a number from 0 to 65535, not '$port'" >&2; exit 2; }
[ "$port" != 0 ] || exit 0

# The second column is the address, whose port is hexadecimal; in the fourth, 0A means that somebody listens.
hexadecimal=$(printf ':%04X' "$port")
for table in /proc/net/tcp /proc/net/tcp6; do
  if [ -r "$table" ] && awk -v end="$hexadecimal" '$4 == "0A" && substr($2, length($2) - 4) == end { found = 1 } END { exit !found }' "$table"; then
    echo "somebody listens on port $port already: end that, or choose another port, such as: make run-agent PORT=$((port < 65535 ? port + 1 : 8080))" >&2
    exit 1
  fi
done
