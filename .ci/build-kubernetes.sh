#!/usr/bin/env bash
# Builds kube-apiserver and etcd, in the versions of test/kubernetes/go.mod, and a registry from the module proxy of Go, and
# takes the CustomResourceDefinitions of KEDA, cert-manager and the operator of Prometheus from their modules. All of it is
# kept in the cache of the tests: minutes the first time, nothing later. Prints the directory.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "build-kubernetes: $*" >&2; exit 1; }
command -v go >/dev/null || die "Go 1.21 or newer is missing (it fetches the version that Kubernetes needs by itself)"

modules=(github.com/kedacore/keda/v2@v2.20.2 github.com/cert-manager/cert-manager@v1.21.2 github.com/prometheus-operator/prometheus-operator@v0.85.0)
version=$(sed -n 's,^\tk8s.io/kubernetes \(v[0-9.]*\).*,\1,p' test/kubernetes/go.mod)
sum=$(cat test/kubernetes/go.* "$0" | sha256sum | cut -c1-12)
made=${ATTUNE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attune-agent-test}/kubernetes-$version-$sum
[ ! -d "$made" ] || { echo "$made"; exit; }

unfinished=$made.$$
trap 'rm -rf "$unfinished"' EXIT
mkdir -p "$unfinished/crd"

export CGO_ENABLED=0 GOWORK=off
numbers=$(IFS=.; read -r major minor _ <<<"${version#v}"; echo "-X k8s.io/component-base/version.gitMajor=$major -X k8s.io/component-base/version.gitMinor=$minor")
build() { (cd test/kubernetes && go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version $numbers" -o "$unfinished/$1" "$2"); }
echo "build-kubernetes: building etcd and kube-apiserver $version: about five minutes on two cores" >&2
build etcd go.etcd.io/etcd/server/v3
GOBIN=$unfinished go install -trimpath -ldflags '-s -w' github.com/distribution/distribution/v3/cmd/registry@v3.1.2
build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver

for module in "${modules[@]}"; do
  directory=$(go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$directory" ] || die "$module could not be downloaded"
  for folder in config/crd/bases deploy/crds example/prometheus-operator-crd; do
    find "$directory/$folder" -name '*.yaml' ! -name kustomiz* -exec cp {} "$unfinished/crd/" \; 2>/dev/null || true
  done
done
mv "$unfinished" "$made"
echo "$made"
