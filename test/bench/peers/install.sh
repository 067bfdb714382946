#!/bin/sh
# Installs the peers into the directory $1, from their registries. Needs python3, npm and go.
set -e
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/graphile" "$1/river"
[ -x "$1/celery/bin/python" ] || python3 -m venv "$1/celery"
"$1/celery/bin/python" -m pip install -q celery==5.7.0
cp "$here/celery_tasks.py" "$1/celery/"
[ -d "$1/graphile/node_modules" ] || npm install --silent --prefix "$1/graphile" graphile-worker@0.17.3
cp "$here/graphile.mjs" "$1/graphile/"
cp "$here/river.go" "$1/river/main.go"
cd "$1/river"
[ -e go.mod ] || go mod init peers >/dev/null 2>&1
go get github.com/riverqueue/river@v0.51.2 github.com/riverqueue/river/riverdriver/riverpgxv5@v0.51.2 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go build -o river .
