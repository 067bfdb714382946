#!/usr/bin/env bash
# find-helm.sh: prints the path of Helm: that of PATH, else the one that the tests take from the npm registry. Fails without one.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v helm && exit
PATH=$PWD/.tools/bin:$PWD/node_modules/.bin:$PATH
bun --print "(await import('./test/support/root-file-systems.ts')).rootFileSystem('helm') + '/bin/helm'" 2>/dev/null
