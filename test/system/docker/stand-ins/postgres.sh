#!/bin/sh
# As the official image starts: POSTGRES_USER, POSTGRES_DB and POSTGRES_PASSWORD_FILE count when the volume is empty.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
as="setpriv --reuid=postgres --regid=postgres --init-groups"

mkdir -p $data
chown postgres:postgres $data
chmod 700 $data
if [ ! -s $data/PG_VERSION ]; then
  install -o postgres -m 400 "$POSTGRES_PASSWORD_FILE" /tmp/password
  $as "$bin/initdb" --encoding=UTF8 -D $data -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256
  echo "host all all all scram-sha-256" >>$data/pg_hba.conf
  $as "$bin/pg_ctl" -D $data -o "-c listen_addresses= -c unix_socket_directories=/tmp" -w start
  "$bin/createdb" -h /tmp -U "$POSTGRES_USER" "$POSTGRES_DB"
  $as "$bin/pg_ctl" -D $data -m fast -w stop
fi
exec $as "$bin/postgres" -D $data -c listen_addresses='*' -c unix_socket_directories=/tmp
