#!/bin/sh
# Installs everything that building needs: Bun, the packages and the C toolchain of the static linker. With "test" it also
# installs what the tests need. It may be run again at any time. If something cannot be installed, it prints the command
# that installs it.
set -eu
cd "$(dirname "$0")/.."

pin=$(sed -n 's/.*"packageManager": "bun@\(.*\)".*/\1/p' package.json)
bun=$PWD/.tools/bin/bun

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }
is_pinned() { [ "$("$1" --version 2>/dev/null)" = "$pin" ]; }

# apt NAME...: installs Debian packages; without root, prints the command that installs them.
apt() {
  is_root && has apt-get || die "missing: $*. Run: sudo apt-get install -y $*"
  say "apt-get install $*"
  log=$(mktemp)
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install $*: see above"
  fi
  rm -f "$log"
}

# Bun in the pinned version: from PATH, else from npm where there is npm, else from Bun's own releases.
find_bun() {
  [ -x "$bun" ] && is_pinned "$bun" && return
  rm -rf .tools
  mkdir -p .tools/bin
  if has bun && is_pinned bun; then
    ln -s "$(command -v bun)" "$bun"
    return
  fi
  if ! has npm && ! bun_from_release; then
    say "there is no npm, and Bun's releases could not be downloaded with curl"
    apt npm
  fi
  is_pinned "$bun" || bun_from_npm
  is_pinned "$bun" || die "Bun $pin could not be installed. Install it, put it on PATH, and run this again"
}

bun_from_npm() {
  say "installing Bun $pin from npm into .tools"
  npm install --prefix .tools --no-save --no-audit --no-fund --loglevel=error "bun@$pin" >&2
  # npm may hold back install scripts, and that of Bun puts the executable into place.
  is_pinned .tools/node_modules/.bin/bun || node .tools/node_modules/bun/install.js >&2
  ln -sf ../node_modules/.bin/bun "$bun"
}

bun_from_release() {
  has curl || return 1
  case $(uname -m) in x86_64) arch=x64 ;; aarch64 | arm64) arch=aarch64 ;; *) die "there is no Bun for the processor $(uname -m): use x86_64 or aarch64" ;; esac
  say "downloading Bun $pin"
  url=https://github.com/oven-sh/bun/releases/download/bun-v$pin/bun-linux-$arch.zip
  curl -fsSL --connect-timeout 10 -o .tools/bun.zip "$url" || return 1
  if ! has unzip; then apt unzip; fi
  unzip -q -j -o .tools/bun.zip -d .tools/bin
}

# The static archives that src/static-linker takes apart. What else is missing, the linker names itself.
find_toolchain() {
  rm -f .tools/link-in-docker
  if has apt-get; then
    for file in /usr/lib/*-linux-musl/libc.a; do :; done
    { has gcc && has g++ && has ld && [ -e "$file" ]; } || apt musl-tools g++ binutils
  elif has apk; then
    { has gcc && has g++ && has ld; } || { is_root && apk add --quiet build-base; } || die "missing: build-base. Run: apk add build-base"
  elif ! { has gcc && has g++ && has ld; }; then
    has docker || die "there is no C toolchain: install gcc, g++, binutils and the static libc.a of musl, or install Docker"
    say "there is no C toolchain and no known package manager: the file will be linked in Docker"
    : >.tools/link-in-docker
  fi
}

find_test_tools() {
  missing=
  need() { missing="$missing $1"; }
  has unshare || need util-linux
  has file || need file
  has pgrep || need procps
  has python3 || need python3
  has jq || need jq
  has npm || need npm
  has mvn || need maven
  python3 -m pip --version >/dev/null 2>&1 || need python3-pip
  [ -e /usr/sbin/pgbouncer ] || need pgbouncer
  has zsh || need zsh
  has fish || need fish
  has chromium || has google-chrome || [ -n "${ATTUNE_TEST_CHROMIUM:-}" ] || need chromium
  [ -e "/lib/ld-musl-$(uname -m).so.1" ] || need musl
  # Only root makes root file systems and containers; without root their tests are skipped, and their titles say so.
  if is_root; then
    has mmdebstrap || need mmdebstrap
    has dockerd || need docker.io
    [ -e /bin/busybox ] || [ -e /usr/bin/busybox ] || need busybox-static
    has ip || need iproute2
    has iptables || need iptables
    # For the file for aarch64: a cross toolchain to link it, and QEMU to run it.
    if [ "$(uname -m)" = x86_64 ] && has dpkg; then
      has qemu-aarch64-static || need qemu-user-static
      if ! has aarch64-linux-gnu-g++ || [ ! -e /usr/lib/aarch64-linux-musl/libc.a ]; then
        dpkg --add-architecture arm64
        need gcc-aarch64-linux-gnu
        need g++-aarch64-linux-gnu
        need musl-dev:arm64
      fi
    fi
  fi
  # shellcheck disable=SC2086
  [ -z "$missing" ] || apt $missing
}

find_bun
"$bun" install --frozen-lockfile >/dev/null || die "the packages of package.json could not be installed: see above"
find_toolchain
[ "${1:-}" != test ] || find_test_tools
