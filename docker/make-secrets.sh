#!/bin/sh
# Makes the secrets that docker/compose.yaml reads, each at random, in DIRECTORY (default: docker/secrets). Keeps what is there.
set -eu
directory=${1:-$(dirname "$0")/secrets}

umask 077
mkdir -p "$directory"
cd "$directory"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE TEXT: the directory keeps others out; containers read single files as any user.
put() {
  [ -e "$1" ] || { printf '%s\n' "$2" >"$1.new" && chmod 444 "$1.new" && mv "$1.new" "$1"; }
}

put postgres_password "$(random)"
put rabbitmq_password "$(random)"
put bootstrap_token "$(random)"
put rabbitmq.conf "default_user = attune
default_pass = $(cat rabbitmq_password)"
put database_url "postgres://attune:$(cat postgres_password)@postgres:5432/attune"
put message_queue_url "amqp://attune:$(cat rabbitmq_password)@rabbitmq:5672/"
echo "secrets are in $PWD"
