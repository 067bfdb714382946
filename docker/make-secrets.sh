#!/bin/sh
# make-secrets.sh [DIRECTORY]: makes the random secrets that docker/compose.yaml reads, in docker/secrets by default.
# Secrets that are there already stay. Each file can be read by its owner alone: as root that is the user of the containers
# (65534), else it is you, and the containers run as you. ATTUNE_USER=UID:GID names another one (0:0 for Docker without root).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=${1:-$here/secrets}
if [ "$(id -u)" = 0 ]; then own=65534:65534; else own=$(id -u):$(id -g); fi
user=${ATTUNE_USER:-$own}

umask 077
mkdir -p "$directory"
cd "$directory"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE TEXT
put() {
  [ -e "$1" ] || { printf '%s\n' "$2" >"$1.new" && chmod 400 "$1.new" && mv "$1.new" "$1"; }
}

put postgres_password "$(random)"
put server_password "$(random)"
put rabbitmq_password "$(random)"
put encryption_key "$(random)"
put worker_token "att_$(random)"
put rabbitmq.conf "default_user = attune
default_pass = $(cat rabbitmq_password)
default_user_tags.administrator = false"
put database_url "postgres://attune:$(cat postgres_password)@postgres:5432/attune"
put server_database_url "postgres://attune_control:$(cat server_password)@postgres:5432/attune"
put message_queue_url "amqp://attune:$(cat rabbitmq_password)@rabbitmq:5672/"

# Those of an earlier version could be read by all.
chmod 400 -- *
if [ "$(id -u)" = 0 ]; then chown "$user" -- *; fi

# Compose reads it beside compose.yaml.
if [ "$directory" = "$here/secrets" ]; then
  echo "ATTUNE_USER=$user" >"$here/.env"
  echo "the secrets are in $PWD"
else
  echo "the secrets are in $PWD: ATTUNE_SECRETS=$PWD ATTUNE_USER=$user docker compose …"
fi
