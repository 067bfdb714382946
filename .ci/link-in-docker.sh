#!/bin/sh
# link-in-docker.sh FILE: builds the agent in Docker, for machines without a C toolchain. It needs BuildKit.
set -eu
cd "$(dirname "$0")/.."
out=$1
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT

# shellcheck disable=SC2086
DOCKER_BUILDKIT=1 docker build --file docker/Dockerfile.agent --target agent-binary --build-arg "COMMIT=$commit" \
  --output "type=local,dest=$parts" ${DOCKER_FLAGS:-} .
mkdir -p "$(dirname "$out")"
mv "$parts/attune-agent" "$out"
(cd "$(dirname "$out")" && sha256sum "$(basename "$out")" >"$(basename "$out").sha256")
