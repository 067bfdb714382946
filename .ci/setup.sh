#!/bin/sh
# Installs everything that building needs: Bun, the packages and the C toolchain of the static linker. With "test" it also
# installs what the tests need. It may be run again at any time. First it looks for everything that is missing; what it may
# not install itself it names together, with one command that installs all of it.
set -eu
cd "$(dirname "$0")/.."

pin=$(sed -n 's/.*"packageManager": "bun@\(.*\)".*/\1/p' package.json)
bun=$PWD/.tools/bin/bun
registry=$(printf %s "${npm_config_registry:-https://registry.npmjs.org}" | sed 's,/*$,,')

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }
is_pinned() { [ "$("$1" --version 2>/dev/null)" = "$pin" ]; }
megabytes_free() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

# visibly WHAT COMMAND...: runs a command whose output is shown only when it fails; every ten seconds a line says how far it is.
visibly() {
  what=$1
  shift
  log=$(mktemp)
  (
    seconds=0
    while sleep 10 >/dev/null 2>&1; do
      seconds=$((seconds + 10))
      last=$(tail -n 1 "$log" | tr -d '\033\r' | cut -c 1-80)
      say "  $seconds s${last:+ ($last)}"
    done
  ) &
  ticker=$!
  trap 'kill "$ticker" 2>/dev/null; rm -f "$log"' EXIT
  say "$what"
  status=0
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker"
  [ "$status" = 0 ] || tail -n 20 "$log" >&2
  rm -f "$log"
  trap - EXIT
  return "$status"
}

missing=
need() { missing="$missing $*"; }

# Bun is downloaded from the npm registry by curl, wget or npm.
look_for_download() {
  if [ -x "$bun" ] && is_pinned "$bun"; then return; fi
  if has bun && is_pinned bun; then return; fi
  has curl || has wget || has npm || need curl
  has npm || [ -e /etc/ssl/certs/ca-certificates.crt ] || need ca-certificates
}

# The static archives that src/static-linker takes apart. What else is missing, the linker names itself.
look_for_toolchain() {
  rm -f .tools/link-in-docker
  for archive in /usr/lib/*-linux-musl/libc.a; do :; done
  if has gcc && has g++ && has ld && { [ -e "$archive" ] || ! has apt-get; }; then return; fi
  if has apt-get; then
    need musl-tools g++ binutils
  elif has apk; then
    need build-base
  else
    has docker || die "there is no C toolchain: install gcc, g++, binutils and the static libc.a of musl, or install Docker"
    say "there is no C toolchain and no known package manager: the file will be linked in Docker"
    mkdir -p .tools
    : >.tools/link-in-docker
  fi
}

look_for_test_tools() {
  has git || need git
  has unshare || need util-linux
  has file || need file
  has pgrep || need procps
  has curl || need curl
  has wget || need wget
  [ -e /etc/ssl/certs/ca-certificates.crt ] || need ca-certificates
  has python3 || need python3
  has jq || need jq
  has npm || need npm
  has mvn || need maven
  python3 -m pip --version >/dev/null 2>&1 || need python3-pip
  can_unpack || [ -e /usr/sbin/pgbouncer ] || need pgbouncer
  has zsh || need zsh
  has fish || need fish
  has chromium || has google-chrome || [ -n "${ATTUNE_TEST_CHROMIUM:-}" ] || need chromium
  [ -e "/lib/ld-musl-$(uname -m).so.1" ] || need musl
  # Only root makes root file systems and containers; without root their tests are skipped, and their titles say so.
  if is_root; then look_for_root_tools; fi
}

# Root makes its servers of packages in a root file system. Anybody else may unpack such packages, where apt is there.
can_unpack() { ! is_root && has apt-get && has dpkg-deb; }

unpack_servers() {
  if [ -e .tools/servers ] || { [ -e /usr/sbin/pgbouncer ] && [ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] && [ -e /usr/lib/postgresql ]; }; then return; fi
  disk . 600 "unpacking servers for the tests"
  visibly "unpacking PostgreSQL, RabbitMQ and PgBouncer into .tools/servers" .ci/unpack-servers.sh \
    || say "that failed, see above: tests that need servers which are not here are skipped"
}

install_test_tools() {
  if .ci/install-test-tools.sh --are-here; then return; fi
  disk . 400 "what tests check this project with"
  visibly "installing promtool, Schemathesis and a collector of traces into .tools" .ci/install-test-tools.sh \
    || say "that failed, see above: the tests that use them are skipped, and their titles say so"
}

look_for_root_tools() {
  has mmdebstrap || need mmdebstrap
  has dockerd || need docker.io
  # Debian 13 has the client in a package of its own.
  has docker || case $(. /etc/os-release && echo "$ID${VERSION_ID:-}") in debian1[012]) ;; debian*) need docker-cli ;; esac
  [ -e /bin/busybox ] || [ -e /usr/bin/busybox ] || need busybox-static
  has ip || need iproute2
  has strace || need strace
  has iptables || need iptables
  # For the file for aarch64: a cross toolchain to link it, and QEMU to run it.
  if [ "$(uname -m)" = x86_64 ] && has dpkg; then
    has qemu-aarch64-static || need qemu-user-static
    if ! has aarch64-linux-gnu-g++ || [ ! -e /usr/lib/aarch64-linux-musl/libc.a ]; then
      need gcc-aarch64-linux-gnu g++-aarch64-linux-gnu musl-dev:arm64
    fi
  fi
}

# disk DIRECTORY MEGABYTES WHAT: refuses to begin what cannot end.
disk() {
  free=$(megabytes_free "$1")
  [ "$free" -ge "$2" ] || die "$3 needs $2 MB in $(cd "$1" && pwd), where $free MB are free"
}

look_for_space() {
  if [ ! -d node_modules ]; then disk . 1000 "building"; fi
  case $missing in ' ') ;; *chromium* | *maven* | *docker*) disk / 3500 "what is missing for the tests ($missing)" ;; esac
  cache=${ATTUNE_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/attune-agent-test}
  if [ "${1:-}" = test ] && is_root && [ -z "${TESTS:-}" ] && [ ! -d "$cache" ]; then
    disk "${HOME:-/root}" 12000 "the root file systems and images of the tests (in $cache; ATTUNE_TEST_CACHE names another place)"
  fi
}

# The command that installs what is missing, as one line for a shell of this user.
command_for_missing() {
  case $missing in *:arm64*) add='dpkg --add-architecture arm64 && ' ;; *) add= ;; esac
  if has apt-get; then line="${add}apt-get update && apt-get install -y --no-install-recommends$missing"; else line="apk add$missing"; fi
  if is_root; then echo "$line"; elif has sudo; then echo "sudo sh -c '$line'"; else echo "su -c '$line'"; fi
}

install_missing() {
  [ -n "$missing" ] || return 0
  line=$(command_for_missing)
  has apt-get || has apk || die "missing (names of Debian's packages):$missing. Install them, and run this again"
  is_root || die "missing:$missing. Run:
  $line"
  visibly "installing$missing" env DEBIAN_FRONTEND=noninteractive sh -c "$line" \
    || die "that failed, see above: $(megabytes_free /) MB are free. Once it is mended, run this again, or:
  $line"
}

# Bun in the pinned version: from PATH, else from the npm registry.
find_bun() {
  if [ -x "$bun" ] && is_pinned "$bun"; then return; fi
  mkdir -p .tools/bin
  rm -rf "$bun" .tools/node_modules
  if has bun && is_pinned bun; then
    ln -s "$(command -v bun)" "$bun"
    return
  fi
  { { has curl || has wget; } && bun_from_archive && is_pinned "$bun"; } || { has npm && bun_from_npm; }
  is_pinned "$bun" || die "Bun $pin could not be installed from $registry ($(megabytes_free .) MB are free here). Install it, put it on PATH, and run this again"
}

# The archive of the npm registry in which the program is, for this processor and C library.
bun_archive() {
  case $(uname -m) in
    x86_64) name=bun-linux-x64 plain=-baseline ;;
    aarch64 | arm64) name=bun-linux-aarch64 plain= ;;
    *) die "there is no Bun for the processor $(uname -m): use x86_64 or aarch64" ;;
  esac
  if ldd --version 2>&1 | grep -qi musl; then name=$name-musl; fi
  if ! grep -qw avx2 /proc/cpuinfo 2>/dev/null; then name=$name$plain; fi
  echo "$registry/@oven/$name/-/$name-$pin.tgz"
}

bun_from_archive() {
  archive=$(bun_archive)
  say "downloading Bun $pin (52 MB)"
  if has curl; then
    curl -fsSL --connect-timeout 20 --retry 2 -o .tools/bun.tgz "$archive" || return 1
  else
    wget -q -O .tools/bun.tgz "$archive" || return 1
  fi
  check_sum .tools/bun.tgz "${archive##*/}"
  tar -xzf .tools/bun.tgz -C .tools/bin --strip-components=2 package/bin/bun || return 1
  rm .tools/bun.tgz
}

# check_sum FILE NAME...: the file must have the checksum of one of these names in bun.sha256.
check_sum() {
  sum=$(sha256sum <"$1" | cut -c 1-64)
  shift
  for name in "$@"; do
    if grep -qx "$sum  $name" .ci/bun.sha256; then return; fi
  done
  die "what $registry has sent as Bun $pin has the SHA-256 $sum, which is none in .ci/bun.sha256: it was not installed. A new version of Bun needs its checksums there"
}

bun_from_npm() {
  visibly "installing Bun $pin by npm into .tools" npm install --prefix .tools --no-save --no-audit --no-fund --loglevel=error "bun@$pin"
  # npm may hold back install scripts, and that of Bun puts the executable into place.
  is_pinned .tools/node_modules/.bin/bun || node .tools/node_modules/bun/install.js >&2
  # shellcheck disable=SC2046
  [ ! -e .tools/node_modules/.bin/bun ] || check_sum .tools/node_modules/.bin/bun $(sed -n "s/.*  \(.*-v$pin\)$/\1/p" .ci/bun.sha256)
  ln -sf ../node_modules/.bin/bun "$bun"
}

look_for_download
look_for_toolchain
if [ "${1:-}" = test ]; then look_for_test_tools; fi
look_for_space "$@"
install_missing
find_bun
# A second run in the same tree, such as that of a test, finds everything there and says nothing.
if [ ! -d node_modules ]; then
  visibly "installing the packages of package.json" "$bun" install --frozen-lockfile
else
  "$bun" install --frozen-lockfile >/dev/null
fi || die "the packages of package.json could not be installed: see above ($(megabytes_free .) MB are free here)"
if [ "${1:-}" = test ] && can_unpack; then unpack_servers; fi
if [ "${1:-}" = test ]; then install_test_tools; fi
