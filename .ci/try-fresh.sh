#!/usr/bin/env bash
# Follows the README in bare Debian roots, as root and as an ordinary user, with npm only and with curl only: clones this
# commit, runs both commands, and where one of them names what is missing, runs the printed line as it stands and goes on.
# Of the tests, only TESTS=… are run in each root; TESTS=none stops after the first command. ROOTS="bookworm-user-curl …"
# chooses among the roots, ROOTS=one takes the one that the hash of this commit points at. A root has LIMIT seconds. Needs root.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(bookworm-root-curl bookworm-user-npm trixie-root-npm trixie-user-curl bookworm-root-npm bookworm-user-curl trixie-root-curl trixie-user-npm)
ROOTS=${ROOTS:-${all[*]}}
[ "$ROOTS" != one ] || ROOTS=${all[$((16#$(git rev-parse --short=6 HEAD | cut -c -6) % ${#all[@]}))]}
TESTS=${TESTS:-test/unit/cli test/unit/packs test/contract/sqlite.test.ts test/system/agent/cli.test.ts test/system/security/sandbox.test.ts}
PORT=${PORT:-18080}
LIMIT=${LIMIT:-3600}

[ "$(id -u)" = 0 ] || { echo 'try-fresh makes root file systems: run it as root' >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo 'missing: mmdebstrap. Run: apt-get update && apt-get install -y mmdebstrap' >&2; exit 1; }

work=$(mktemp -d "${TRY_IN:-/tmp}/try-fresh-XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
git bundle create -q "$work/clone" HEAD

# make_root NAME SUITE TOOL: a bare Debian with git, make and the tool; with the certificates that this machine trusts. As in
# Debian's images, dpkg does not wait for the disk.
make_root() {
  mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --include="git,make,$3" "$2" "$work/$1"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$work/$1/etc/ssl/certs" "$work/$1/usr/local/share/ca-certificates"
    cp /etc/ssl/certs/ca-certificates.crt "$work/$1/etc/ssl/certs/"
    # The package ca-certificates, once it is installed, writes that file again, with what it finds here.
    cp /etc/ssl/certs/ca-certificates.crt "$work/$1/usr/local/share/ca-certificates/"
  fi
  # A machine has this line; without it RabbitMQ does not find itself.
  grep -qs localhost "$work/$1/etc/hosts" || echo '127.0.0.1 localhost' >>"$work/$1/etc/hosts"
  cp "$work/clone" "$work/$1/clone"
  chmod 644 "$work/$1/clone"
  chroot "$work/$1" useradd --create-home --shell /bin/bash ada
  cp .ci/try-fresh-inside.sh "$work/$1/try"
}

# try NAME: follows the README in that root, in namespaces of its own, so that whatever it leaves running ends with it.
try() {
  local suite user tool
  IFS=- read -r suite user tool <<<"$1"
  make_root "$1" "$suite" "$tool"
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt TESTS=$TESTS PORT=$PORT WHO=$user \
    timeout --kill-after=1 "$LIMIT" unshare --mount --pid --fork --kill-child sh -euc '
      mount --bind "$1" "$1"; mount -t proc none "$1/proc"; mount --rbind /dev "$1/dev"; mount --rbind /sys "$1/sys"; mount --bind /etc/resolv.conf "$1/etc/resolv.conf" 2>/dev/null || true
      exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS" SSL_CERT_FILE="$NODE_EXTRA_CA_CERTS" \
        TESTS="$TESTS" PORT="$PORT" WHO="$WHO" bash /try' sh "$work/$1"
}

failed=
for root in $ROOTS; do
  started=$SECONDS
  log=$work/$root.log
  status=0
  try "$root" >"$log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    echo "ok $root ($((SECONDS - started)) s): $(tail -n 1 "$log")"
  else
    echo "not ok $root ($((SECONDS - started)) s)"
    tail -n "${TAIL:-60}" "$log"
    case $status in 124 | 137) echo "it took longer than $LIMIT s" ;; esac
    failed="$failed $root"
  fi
  rm -rf --one-file-system "${work:?}/$root"
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
