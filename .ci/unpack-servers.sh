#!/bin/sh
# Unpacks PostgreSQL, RabbitMQ and PgBouncer of this Debian's packages into .tools/servers, for tests of users who may install
# nothing: it needs no root, and starts no service. What is there already stays.
set -eu
cd "$(dirname "$0")/.."

place=$PWD/.tools/servers
[ ! -e "$place" ] || exit 0
made=$(mktemp -d "$PWD/.tools/servers-XXXXXX")
trap 'rm -rf "$made"' EXIT
mkdir -p "$made/apt/lists/partial" "$made/apt/archives/partial" "$made/root"

# apt FLAGS...: apt-get with directories of its own, knowing what is installed here, so that only the rest is downloaded.
apt() {
  apt-get -qq -o "Dir::State::lists=$made/apt/lists" -o "Dir::Cache=$made/apt" -o "Dir::Cache::archives=$made/apt/archives" \
    -o "Dir::State::extended_states=$made/apt/extended_states" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" \
    -o "Dir::Log=$made/apt" -o Acquire::Languages=none -o APT::Update::Post-Invoke= -o APT::Update::Post-Invoke-Success= "$@"
}

apt update
apt install --download-only --yes --no-install-recommends postgresql rabbitmq-server pgbouncer
for package in "$made"/apt/archives/*.deb; do
  case ${package##*/} in
    # Only a compiler of queries that tests do without.
    libllvm*) ;;
    *) dpkg-deb --extract "$package" "$made/root" ;;
  esac
done
# Debian's erl knows one place; its own variable for another one counts again.
sed -i 's,ROOTDIR=/usr/lib/erlang,ROOTDIR=${ERL_ROOTDIR:-/usr/lib/erlang},' "$made"/root/usr/lib/erlang/bin/erl "$made"/root/usr/lib/erlang/erts-*/bin/erl
rm -rf "$made/root/usr/share/doc" "$made/root/usr/share/man" "$made/root/usr/share/locale"
mv "$made/root" "$place"
