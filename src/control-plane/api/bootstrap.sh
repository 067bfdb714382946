#!/bin/sh
# Downloads attune-agent, verifies it, puts it into place and becomes it. Needs a POSIX shell and curl or wget:
#
#   curl -fsSL http://SERVER/api/v1/agent/bootstrap.sh | ATTUNE_API_TOKEN=… sh -s -- [arguments of attune-agent]
#
# Under the name install.sh it puts the agent into place, and runs nothing:
#
#   curl -fsSL http://SERVER/install.sh | ATTUNE_API_TOKEN=… sh
#
#   ATTUNE_API_URL        the server; default: server.public_url of the server that this script came from
#   ATTUNE_API_TOKEN      a token that may download (agent-download) and that the agent works with (worker); or
#                         ATTUNE_API_TOKEN_FILE: a file that holds it
#   ATTUNE_AGENT_TOKEN    another for the download alone; or ATTUNE_AGENT_TOKEN_FILE: a file that holds it
#   ATTUNE_AGENT_PUBLIC_KEY  PEM, or the file that holds it: what it has not signed is refused (needs openssl or cosign)
#   ATTUNE_AGENT_MIN_VERSION  with a public key: what is older is refused; default: the version that is there; 0: none is
#   ATTUNE_AGENT_DIR      where the agent goes; default: the first of /opt/attune/agent, ~/.local/bin and /tmp that works;
#                         of install.sh: of /usr/local/bin and ~/.local/bin
#   ATTUNE_AGENT_RETRIES  how often a download that fails is tried again; default: 5
set -eu

api=${ATTUNE_API_URL:-@@API_URL@@}
name=@@NAME@@
retries=${ATTUNE_AGENT_RETRIES:-5}

say() { echo "attune-bootstrap: $*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# get PATH FILE [ENCODING]: sets `status` to that of HTTP, 000 when there was no whole answer. Where a redirection leads,
# no token goes.
get() {
  url=$api$1
  secret=$token
  hops=0
  while :; do
    location=
    "ask_by_$client" "$2" "${3:-identity}"
    case $status in
      30[12378]) ;;
      *) return ;;
    esac
    hops=$((hops + 1))
    secret=
    case $location in
      http://* | https://*) url=$location ;;
      //*) url=${url%%//*}$location ;;
      /*) url=$(echo "$url" | sed 's,^\([a-z]*://[^/?#]*\).*,\1,')$location ;;
      *) hops=9 ;;
    esac
    [ "$hops" -le 5 ] || { echo "it redirects without an end, or to '$location'" >"$scratch/why"; status=000; return; }
  done
}

# Arguments are seen by all: each of the three reads the token from a pipe or a file.
ask_by_curl() {
  answer=$(
    { [ -z "$secret" ] || printf 'header = "X-Agent-Token: %s"\n' "$secret"; printf 'header = "Accept-Encoding: %s"\n' "$2"; } |
      curl -K - -sS --connect-timeout 15 --speed-time 60 --speed-limit 1 -o "$1" -w '%{http_code} %{redirect_url}' "$url" 2>"$scratch/why"
  ) || answer=000
  status=${answer%% *}
  location=${answer#"$status"}
  location=${location# }
}

ask_by_wget() {
  { [ -z "$secret" ] || printf 'header = X-Agent-Token: %s\n' "$secret"; printf 'header = Accept-Encoding: %s\n' "$2"; } >"$scratch/wgetrc"
  failed=
  wget --config="$scratch/wgetrc" --max-redirect=0 -S -T 60 -O "$1" "$url" 2>"$scratch/why" || failed=yes
  last_status
  location=$(sed -n 's/^ *[Ll]ocation: *//p' "$scratch/why" | sed 's/ \[following\]$//' | tail -n 1 | tr -d '\r')
  # A body that ended early is no answer.
  case $failed$status in yes2*) status=000 ;; esac
}

# It follows redirections by itself and sends along what it was given. So it asks without the token first, and sends it
# afterwards, as a file, only to an address that does not redirect.
ask_by_busybox() {
  # Some builds crash with -T; they have a timeout anyway.
  ask_once "$1" "$2"
  [ "$status" = 401 ] && [ -n "$secret" ] || return 0
  if [ -n "$(sed -n 's/^ *HTTP\/[0-9.]* 30[12378].*/x/p' "$scratch/why")" ]; then return; fi
  case $(wget --help 2>&1) in
    *--post-file*) ;;
    *) die "this wget would show the token to everybody who lists processes: install curl, or mount the agent" ;;
  esac
  printf 'token=%s' "$secret" >"$scratch/post"
  ask_once "$1" "$2" --post-file "$scratch/post"
}

ask_once() {
  file=$1
  accept=$2
  shift 2
  failed=
  wget -S -O "$file" --header "Accept-Encoding: $accept" "$@" "$url" 2>"$scratch/why" || failed=yes
  last_status
  case $failed$status in
    yes2* | yes3*) status=000 ;;
    yes) status=$(sed -n 's/.*server returned error: HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$scratch/why" | tail -n 1) ;;
  esac
  [ -n "$status" ] || status=${failed:+000}
  [ -n "$status" ] || status=200
}

# That of the last answer, after redirections.
last_status() {
  status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$scratch/why" | tail -n 1)
  [ -n "$status$failed" ] || status=200
  [ -n "$status" ] || [ "$client" = busybox ] || status=000
}

# fetch WHAT PATH FILE CHECK [ENCODING]: until CHECK likes the file. What time does not mend ends it at once.
fetch() {
  attempt=0
  while :; do
    get "$2" "$3" "${5:-}"
    case $status in
      200) if "$4" "$3"; then return; fi; problem="$1: $wrong" ;;
      400 | 404) die "$1: the server has none for $arch (HTTP $status): $api$2" ;;
      401 | 403)
        [ "$url" = "$api$2" ] || die "$1: $api redirects to $url, which gets no token: set ATTUNE_API_URL to that address"
        die "$1: the token was refused (HTTP $status): set ATTUNE_AGENT_TOKEN to one with the scope agent-download"
        ;;
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

# By the agent itself where the container has no tool for it, and nothing is to be proved: a forged one says what it likes.
checksum_of() {
  if has sha256sum; then
    sha256sum "$1" | cut -c 1-64
  elif has openssl; then
    openssl dgst -sha256 -r "$1" | cut -c 1-64
  else
    [ -z "${ATTUNE_AGENT_PUBLIC_KEY:-}" ] || die "ATTUNE_AGENT_PUBLIC_KEY is set, but neither sha256sum nor openssl is here"
    chmod 755 "$1"
    "$1" verify "$1" | cut -c 1-64
  fi
}

is_statement() {
  wrong="the answer is no signed statement: is $api an Attune server?"
  [ "$(head -n 1 "$1" | cut -c 1-5)" = "name " ] && [ "$(tail -n 1 "$1" | cut -c 1-10)" = "signature " ]
}

# value NAME: what the statement says.
value() { sed -n "s/^$1 //p" "$scratch/statement"; }

# The statement of what the agent is must be signed by the key, be about this agent and this processor, and not be older
# than what is there. It is verified by what the container has besides the agent.
require_signature() {
  case $ATTUNE_AGENT_PUBLIC_KEY in
    *-----BEGIN*) printf '%s\n' "$ATTUNE_AGENT_PUBLIC_KEY" >"$scratch/key" ;;
    *) cp "$ATTUNE_AGENT_PUBLIC_KEY" "$scratch/key" || die "cannot read ATTUNE_AGENT_PUBLIC_KEY" ;;
  esac
  sed '$d' "$scratch/signed" >"$scratch/statement"
  sed -n '$s/^signature //p' "$scratch/signed" >"$scratch/sig"
  if has openssl; then
    openssl base64 -d -A -in "$scratch/sig" -out "$scratch/der" &&
      openssl dgst -sha256 -verify "$scratch/key" -signature "$scratch/der" "$scratch/statement" >/dev/null 2>&1
  elif has cosign; then
    cosign verify-blob --insecure-ignore-tlog=true --key "$scratch/key" --signature "$scratch/sig" "$scratch/statement" >/dev/null 2>&1
  else
    die "ATTUNE_AGENT_PUBLIC_KEY is set, but neither openssl nor cosign is here to verify the signature: add one, or mount the agent"
  fi || die "the agent of $api is not signed by the key of ATTUNE_AGENT_PUBLIC_KEY: it was not installed"
  [ "$(value name) $(value arch)" = "attune-agent $arch" ] ||
    die "what $api offers is signed as $(value name) for $(value arch), and not as attune-agent for $arch: it was not installed"
  expected=$(value sha256)
  least=${ATTUNE_AGENT_MIN_VERSION:-}
  if [ -z "$least" ] && [ -x "$agent" ]; then
    least=$("$agent" --version 2>/dev/null | sed -n '1s/^attune-agent \([0-9][^ ]*\).*/\1/p') || least=
  fi
  is_version "$(value version)" || die "the version of the agent of $api cannot be compared: it was not installed"
  if [ -n "$least" ] && is_older "$(value version)" "$least"; then
    die "the agent of $api has version $(value version), which is older than $least: it was not installed; ATTUNE_AGENT_MIN_VERSION=0 allows it"
  fi
}

# Numbers with dots between them, small enough to be compared, and a suffix.
is_version() {
  case ${1%%[-+]*} in
    '' | *[!0-9.]* | .* | *. | *..* | *[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*) return 1 ;;
  esac
}

# is_older A B: by major, minor and patch; of two that are the same so far, the one with a suffix (-rc.1) is older.
is_older() {
  a=${1%%[-+]*} b=${2%%[-+]*}
  for _ in 1 2 3; do
    x=${a%%.*} y=${b%%.*}
    [ "${x:-0}" -eq "${y:-0}" ] || { [ "${x:-0}" -lt "${y:-0}" ]; return; }
    case $a in *.*) a=${a#*.} ;; *) a= ;; esac
    case $b in *.*) b=${b#*.} ;; *) b= ;; esac
  done
  case $1 in *-*) case $2 in *-*) return 1 ;; *) return 0 ;; esac ;; esac
  return 1
}

# By making a directory: a file would be written through a link that somebody else has put there.
usable() { mkdir -p "$1" 2>/dev/null && mkdir "$1/.attune-write-test.$$" 2>/dev/null && rm -rf "$1/.attune-write-test.$$"; }

# owner DIRECTORY: its mode and the uid of its owner.
owner() { ls -ldn "$1/." | sed 's/^\(..........\)[^ ]* *[0-9]* *\([0-9]*\).*/\1 \2/'; }

# In a directory of others, or that others may write to, they could put another program in the place of the agent.
is_private() {
  case $(owner "$1") in
    d????w????' '* | d???????w?' '*) return 1 ;;
    *" 0" | *" $me") ;;
    *) return 1 ;;
  esac
}

choose_directory() {
  me=$(id -u)
  if [ -n "${ATTUNE_AGENT_DIR:-}" ]; then
    directory=$ATTUNE_AGENT_DIR
    usable "$directory" || die "cannot write to $directory: choose another ATTUNE_AGENT_DIR"
    # A volume of Kubernetes is writable to everybody in the pod, and belongs to root.
    case $(owner "$directory") in
      *" 0" | *" $me") return ;;
      *) die "$directory belongs to another user, who could exchange the agent: choose another ATTUNE_AGENT_DIR" ;;
    esac
  fi
  places="/opt/attune/agent|${HOME:-/root}/.local/bin|/tmp/attune-agent-$me"
  if [ "$name" = install.sh ]; then places="/usr/local/bin|${HOME:-/root}/.local/bin"; fi
  while [ -n "$places" ]; do
    directory=${places%%|*}
    case $places in *'|'*) places=${places#*|} ;; *) places= ;; esac
    if usable "$directory" && [ ! -L "$directory" ] && is_private "$directory"; then return; fi
  done
  die "no directory for the agent is writable, and only to this user: mount one and set ATTUNE_AGENT_DIR"
}

main() {
  [ -n "$api" ] || die "set ATTUNE_API_URL to the address of the Attune server, or server.public_url there"
  api=${api%/}
  api=${api%/api/v1}/api/v1
  # What cannot be compared would be older than nothing.
  is_version "${ATTUNE_AGENT_MIN_VERSION:-0}" ||
    die "ATTUNE_AGENT_MIN_VERSION is '$ATTUNE_AGENT_MIN_VERSION', and no version such as 1.2.3"
  has curl || has wget || die "this container has neither curl nor wget: mount the agent instead"
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) die "there is no agent for $(uname -m)" ;;
  esac
  case $(wget --version 2>&1) in 'GNU Wget'*) client=wget ;; *) client=busybox ;; esac
  if has curl; then client=curl; fi
  token=${ATTUNE_AGENT_TOKEN:-${ATTUNE_API_TOKEN:-}}
  token_file=${ATTUNE_AGENT_TOKEN_FILE:-${ATTUNE_API_TOKEN_FILE:-}}
  if [ -z "$token" ] && [ -n "$token_file" ]; then token=$(cat "$token_file"); fi
  [ -n "$token" ] || die "set ATTUNE_API_TOKEN: attune-agent token create --name NAME --scope agent-download,worker makes one"
  # curl and wget read the token from a file of settings, in which a quote or a new line would begin another setting.
  [ "$(printf %s "$token" | tr -d '[:cntrl:]"\\')" = "$token" ] ||
    die "the token has a quote, a backslash or a new line in it, which no token has: look at ATTUNE_API_TOKEN and at its file"

  mask=$(umask)
  umask 022
  choose_directory
  agent=$directory/attune-agent
  scratch=$directory/.attune-bootstrap.$$
  umask 077
  mkdir "$scratch"
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  if [ -n "${ATTUNE_AGENT_PUBLIC_KEY:-}" ]; then
    fetch "signature of the agent" "/agent/binary.signed?arch=$arch" "$scratch/signed" is_statement
    require_signature
  else
    fetch "checksum of the agent" "/agent/binary.sha256?arch=$arch" "$scratch/sha256" is_checksum
  fi
  if [ -f "$agent" ] && [ ! -L "$agent" ] && [ "$(checksum_of "$agent")" = "$expected" ]; then
    say "$agent is up to date"
  else
    say "downloading the agent for $arch from $api"
    encoding=identity
    if has gunzip; then encoding=gzip; fi
    fetch "agent" "/agent/binary?arch=$arch" "$scratch/agent" is_agent "$encoding"
    chmod 755 "$scratch/agent"
    "$scratch/agent" --version >/dev/null 2>&1 || die "the agent cannot run in $directory: is it mounted noexec? Set ATTUNE_AGENT_DIR"
    mv -f "$scratch/agent" "$agent"
    say "installed $agent"
  fi
  umask "$mask"
  rm -rf "$scratch"
  trap - EXIT
  if [ "$name" = install.sh ]; then
    case ":$PATH:" in *":$directory:"*) called=attune-agent ;; *) called=$agent ;; esac
    say "next: $called login --api-url ${api%/api/v1} --api-token - keeps a token of yours for it"
    return
  fi
  # The agent works with the server it came from, unless it is told of a database. It needs no token of the download.
  export ATTUNE_API_URL="${api%/api/v1}"
  unset ATTUNE_AGENT_TOKEN ATTUNE_AGENT_TOKEN_FILE ATTUNE_AGENT_PUBLIC_KEY
  exec "$agent" "$@"
}

# At the end, and in braces: a script that arrived only in part, be it by one character, does nothing.
{ main "$@"; }
