#!/bin/sh
# Downloads attune-agent, verifies it, puts it into place and becomes it. Needs a POSIX shell and curl or wget:
#
#   curl -fsSL http://SERVER/api/v1/agent/bootstrap.sh | ATTUNE_API_TOKEN=… sh -s -- [arguments of attune-agent]
#
#   ATTUNE_API_URL        the server; default: where this script came from
#   ATTUNE_API_TOKEN      a token that may download (agent-download) and that the agent works with (worker)
#   ATTUNE_AGENT_TOKEN    another for the download alone; or ATTUNE_AGENT_TOKEN_FILE: a file that holds it
#   ATTUNE_AGENT_PUBLIC_KEY  PEM, or the file that holds it: what it has not signed is refused (needs openssl or cosign)
#   ATTUNE_AGENT_DIR      where the agent goes; default: the first of /opt/attune/agent, ~/.local/bin and /tmp that works
#   ATTUNE_AGENT_RETRIES  how often a download that fails is tried again; default: 5
set -eu

api=${ATTUNE_API_URL:-@@API_URL@@}
retries=${ATTUNE_AGENT_RETRIES:-5}

say() { echo "attune-bootstrap: $*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# get PATH FILE [ENCODING]: sets `status` to that of HTTP, 000 when there was no whole answer.
get() {
  url=$api$1
  if has curl; then
    # By its standard input: arguments are seen by all.
    status=$(
      { printf 'header = "X-Agent-Token: %s"\n' "$token"; [ -z "${3:-}" ] || printf 'header = "Accept-Encoding: %s"\n' "$3"; } |
        curl -K - -sSL --connect-timeout 15 --speed-time 60 --speed-limit 1 -o "$2" -w '%{http_code}' "$url" 2>"$scratch/why"
    ) || status=000
  else
    # Some builds of busybox crash with -T; they have a timeout anyway.
    case $(wget --version 2>&1) in 'GNU Wget'*) timeout='-T 60' ;; *) timeout= ;; esac
    # shellcheck disable=SC2086
    if wget -S $timeout -O "$2" --header "X-Agent-Token: $token" --header "Accept-Encoding: ${3:-identity}" "$url" 2>"$scratch/why"; then
      failed=
    else
      failed=yes
    fi
    # That of the last answer, after redirections. A body that ended early is no answer.
    status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$scratch/why" | tail -n 1)
    case $failed$status in
      yes2* | yes3*) status=000 ;;
      2*) ;;
      yes) status=$(sed -n 's/.*server returned error: HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$scratch/why" | tail -n 1) ;;
    esac
    [ -n "$status" ] || status=${failed:+000}
    [ -n "$status" ] || status=200
  fi
}

# fetch WHAT PATH FILE CHECK [ENCODING]: until CHECK likes the file. What time does not mend ends it at once.
fetch() {
  attempt=0
  while :; do
    get "$2" "$3" "${5:-}"
    case $status in
      200) if "$4" "$3"; then return; fi; problem="$1: $wrong" ;;
      400 | 404) die "$1: the server has none for $arch (HTTP $status): $api$2" ;;
      401 | 403) die "$1: the token was refused (HTTP $status): set ATTUNE_AGENT_TOKEN to one with the scope agent-download" ;;
      000) problem="$1: $(tail -n 1 "$scratch/why" 2>/dev/null)" ;;
      *) problem="$1: the server answered with HTTP $status" ;;
    esac
    attempt=$((attempt + 1))
    [ "$attempt" -le "$retries" ] || die "$problem; given up after $attempt attempts"
    say "$problem; trying again in $attempt s"
    sleep "$attempt"
  done
}

is_checksum() {
  expected=$(cut -c 1-64 "$1" | head -n 1)
  wrong="the answer is no checksum: is $api an Attune server?"
  [ "$(printf %s "$expected" | tr -d 0-9a-f | wc -c)" = 0 ] && [ "$(printf %s "$expected" | wc -c)" = 64 ]
}

# A page of HTML, or half a file, must never be run.
is_agent() {
  if has gunzip && gunzip -c <"$1" >"$1.unpacked" 2>/dev/null; then mv -f "$1.unpacked" "$1"; else rm -f "$1.unpacked"; fi
  if [ "$(head -c 4 "$1" | tr -d '\177')" != ELF ]; then
    wrong="what the server sent is no program; it begins with: $(head -c 60 "$1" | tr -cd ' -~')"
    return 1
  fi
  found=$(checksum_of "$1")
  wrong="its SHA-256 is $found, expected $expected"
  [ "$found" = "$expected" ]
}

# By the agent itself where the container has no tool for it.
checksum_of() {
  if has sha256sum; then
    sha256sum "$1" | cut -c 1-64
  elif has openssl; then
    openssl dgst -sha256 -r "$1" | cut -c 1-64
  else
    [ -z "${ATTUNE_AGENT_PUBLIC_KEY:-}" ] || require_signature "$1"
    chmod 755 "$1"
    ATTUNE_AGENT_PUBLIC_KEY='' "$1" verify "$1" | cut -c 1-64
  fi
}

is_signature() {
  wrong="the answer is no signature: is $api an Attune server?"
  [ -s "$1" ] && [ "$(tr -d 'A-Za-z0-9+/=\n' <"$1" | wc -c)" = 0 ]
}

# By what the container has besides the agent: a forged agent would say what it likes.
require_signature() {
  case $ATTUNE_AGENT_PUBLIC_KEY in
    *-----BEGIN*) printf '%s\n' "$ATTUNE_AGENT_PUBLIC_KEY" >"$scratch/key" ;;
    *) cp "$ATTUNE_AGENT_PUBLIC_KEY" "$scratch/key" || die "cannot read ATTUNE_AGENT_PUBLIC_KEY" ;;
  esac
  if has openssl; then
    openssl base64 -d -A -in "$scratch/sig" -out "$scratch/der" &&
      openssl dgst -sha256 -verify "$scratch/key" -signature "$scratch/der" "$1" >/dev/null 2>&1
  elif has cosign; then
    cosign verify-blob --insecure-ignore-tlog=true --key "$scratch/key" --signature "$scratch/sig" "$1" >/dev/null 2>&1
  else
    die "ATTUNE_AGENT_PUBLIC_KEY is set, but neither openssl nor cosign is here to verify the signature: add one, or mount the agent"
  fi || die "the agent of $api is not signed by the key of ATTUNE_AGENT_PUBLIC_KEY: it was not installed"
}

usable() { mkdir -p "$1" 2>/dev/null && (: >"$1/.attune-write-test") 2>/dev/null && rm -f "$1/.attune-write-test"; }

choose_directory() {
  if [ -n "${ATTUNE_AGENT_DIR:-}" ]; then
    directory=$ATTUNE_AGENT_DIR
    usable "$directory" || die "cannot write to $directory: choose another ATTUNE_AGENT_DIR"
    return
  fi
  for directory in /opt/attune/agent "${HOME:-/root}/.local/bin" /tmp/attune-agent; do
    if usable "$directory"; then return; fi
  done
  die "no directory for the agent is writable: mount one and set ATTUNE_AGENT_DIR"
}

main() {
  [ -n "$api" ] || die "set ATTUNE_API_URL to the address of the Attune server"
  api=${api%/}
  api=${api%/api/v1}/api/v1
  has curl || has wget || die "this container has neither curl nor wget: mount the agent instead"
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) die "there is no agent for $(uname -m)" ;;
  esac
  token=${ATTUNE_AGENT_TOKEN:-${ATTUNE_API_TOKEN:-}}
  if [ -z "$token" ] && [ -n "${ATTUNE_AGENT_TOKEN_FILE:-}" ]; then token=$(cat "$ATTUNE_AGENT_TOKEN_FILE"); fi
  [ -n "$token" ] || die "set ATTUNE_API_TOKEN: attune-agent token create --name NAME --scope agent-download,worker makes one"

  choose_directory
  agent=$directory/attune-agent
  scratch=$directory/.attune-bootstrap.$$
  mkdir "$scratch"
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  fetch "checksum of the agent" "/agent/binary.sha256?arch=$arch" "$scratch/sha256" is_checksum
  if [ -n "${ATTUNE_AGENT_PUBLIC_KEY:-}" ]; then
    fetch "signature of the agent" "/agent/binary.sig?arch=$arch" "$scratch/sig" is_signature
  fi
  if [ -f "$agent" ] && [ "$(checksum_of "$agent")" = "$expected" ]; then
    [ -z "${ATTUNE_AGENT_PUBLIC_KEY:-}" ] || require_signature "$agent"
    say "$agent is up to date"
  else
    say "downloading the agent for $arch from $api"
    encoding=identity
    if has gunzip; then encoding=gzip; fi
    fetch "agent" "/agent/binary?arch=$arch" "$scratch/agent" is_agent "$encoding"
    [ -z "${ATTUNE_AGENT_PUBLIC_KEY:-}" ] || require_signature "$scratch/agent"
    chmod 755 "$scratch/agent"
    "$scratch/agent" --version >/dev/null 2>&1 || die "the agent cannot run in $directory: is it mounted noexec? Set ATTUNE_AGENT_DIR"
    mv -f "$scratch/agent" "$agent"
    say "installed $agent"
  fi
  rm -rf "$scratch"
  trap - EXIT
  # The agent works with the server it came from, unless it is told of a database. It needs no token of the download.
  export ATTUNE_API_URL="${api%/api/v1}"
  unset ATTUNE_AGENT_TOKEN ATTUNE_AGENT_TOKEN_FILE ATTUNE_AGENT_PUBLIC_KEY
  exec "$agent" "$@"
}

# At the end: a script that arrived only in part does nothing.
main "$@"
