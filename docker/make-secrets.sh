#!/bin/sh
# make-secrets.sh [DIRECTORY]: makes the random secrets that docker/compose.yaml reads, in docker/secrets by default.
# Secrets that are there already stay.
set -eu
directory=${1:-$(dirname "$0")/secrets}

umask 077
mkdir -p "$directory"
cd "$directory"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE TEXT: writes a file that any user may read, since containers run as other users; the directory keeps others out.
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
echo "the secrets are in $PWD"
