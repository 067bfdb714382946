#!/bin/sh
# Installs what some tests check this project with: promtool of Debian's packages into .tools/bin, and from PyPI a
# collector of OpenTelemetry (Rotel) and Schemathesis into .tools/python. It needs no root. What is there already stays.
# The generator of the TypeScript client comes from npm. With --are-here it only tells whether all of that is here.
set -eu
cd "$(dirname "$0")/.."

packages='rotel==0.0.1a15 schemathesis==4.32.5'
stamp="$packages for $(python3 --version 2>&1)"

has() { command -v "$1" >/dev/null 2>&1; }

has_python_packages() { [ "$(cat .tools/python/installed 2>/dev/null)" = "$stamp" ]; }
has_generator() { [ -e clients/typescript/node_modules/openapi-typescript/bin/cli.js ]; }
has_promtool() { has promtool || [ -x .tools/bin/promtool ]; }

if [ "${1:-}" = --are-here ]; then has_python_packages && has_promtool && has_generator; exit; fi

install_python_packages() {
  if has_python_packages; then return; fi
  rm -rf .tools/python
  # shellcheck disable=SC2086
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --only-binary=:all: --target .tools/python $packages
  echo "$stamp" >.tools/python/installed
}

# Debian 13 has promtool in a package of its own, Debian 12 in one with more dependencies; it needs nothing but the C library.
install_promtool() {
  if has_promtool; then return; fi
  has apt-get && has dpkg-deb || { echo "promtool is not here, and this is no Debian to take it from" >&2; return 1; }
  made=$(mktemp -d "$PWD/.tools/prometheus-XXXXXX")
  trap 'rm -rf "$made"' EXIT
  mkdir -p "$made/lists/partial"
  options="-qq -o Dir::State::lists=$made/lists -o Dir::Cache=$made -o Debug::NoLocking=1 -o APT::Sandbox::User=$(id -un)"
  options="$options -o Acquire::Languages=none -o APT::Update::Post-Invoke= -o APT::Update::Post-Invoke-Success="
  # shellcheck disable=SC2086
  (
    cd "$made" && apt-get $options update || exit
    apt-cache $options show promtool >/dev/null 2>&1 && package=promtool || package=prometheus
    apt-get $options download "$package" && dpkg-deb --extract "$package"_*.deb root
  )
  mv "$made/root/usr/bin/promtool" .tools/bin/promtool
}

mkdir -p .tools/bin
status=0
install_python_packages || status=1
install_promtool || status=1
has_generator || .tools/bin/bun install --cwd clients/typescript --frozen-lockfile || status=1
exit "$status"
