# The targets of this project; `make help` lists them. Each target installs what it needs, or says how to install it.
ARCH ?= $(shell uname -m | sed s/arm64/aarch64/)
AGENT := dist/attune-agent-$(ARCH)
FAULTY := dist/attune-agent-faults-$(ARCH)
COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
IN_DOCKER := DOCKER_BUILDKIT=1 docker build --file docker/Dockerfile.agent --build-arg COMMIT=$(COMMIT) $(DOCKER_FLAGS)
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(PATH)
SOURCES := $(shell find src -type f) package.json bun.lock

.DEFAULT_GOAL := help
.PHONY: help setup setup-test test-kubernetes try-fresh port-is-free build-cross built-cross built-for-tests check static-checks unit test bench scale chaos faults fuzz sign release push-chart audit image-matrix docs client screenshots build-agent build-agent-faults docker-build-agent compose-secrets compose-up run-agent run-sample run-agent-release clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  %-20s %s\n", $$1, $$2 }'

setup: ## install Bun, the packages and the C toolchain, where they are missing
	@.ci/setup.sh

setup-test:
	@.ci/setup.sh test

build-agent: setup $(AGENT) ## build the static file: dist/attune-agent-<arch>, with .sha256 and .map

$(AGENT): $(SOURCES)
	@if [ -e .tools/link-in-docker ]; then .ci/link-in-docker.sh $@; else bun src/static-linker/main.ts --arch $(ARCH); fi

build-agent-faults: setup $(FAULTY) ## build the file that tests can make kill itself at chosen points

$(FAULTY): $(SOURCES)
	@if [ -e .tools/link-in-docker ]; then .ci/link-in-docker.sh $@ --faults; else bun src/static-linker/main.ts --arch $(ARCH) --out $@ --faults; fi

docker-build-agent: ## build the scratch and the init image with Docker
	@command -v docker >/dev/null || { echo "docker-build-agent: Docker not found: install Docker Engine, or use make build-agent" >&2; exit 1; }
	$(IN_DOCKER) --target agent-binary --tag attune-agent:scratch --tag "attune-agent:$$(sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)" .
	$(IN_DOCKER) --target agent-init --tag attune-agent:init .

compose-secrets: ## make random secrets for docker/compose.yaml in docker/secrets; existing ones stay
	@docker/make-secrets.sh

COMPOSE := docker compose -f docker/compose.yaml -f docker/compose.workers.yaml
compose-up: compose-secrets ## run a whole Attune with workers in Docker Compose, and print a token for its API
	@docker image inspect attune-agent:scratch attune-agent:init >/dev/null 2>&1 || $(MAKE) -s docker-build-agent
	$(COMPOSE) up --detach --wait
	@echo "The page is at http://127.0.0.1:$${ATTUNE_PORT:-8080}, with this token, which is shown once:"
	@$(COMPOSE) exec -T server /attune-agent token create --name "compose-$$(date +%s)" --scope admin

PORT ?= 8080
port-is-free:
	@.ci/port-is-free.sh "$(PORT)"

run-agent: port-is-free build-agent ## run a whole Attune in one process at PORT=…, with the sample pack; Ctrl-C ends it
	@ATTUNE_PACKS_DIR=$${ATTUNE_PACKS_DIR:-test/packs} ATTUNE_DATA_DIR=$${ATTUNE_DATA_DIR:-$(CURDIR)/.attune} $(AGENT) --standalone --port "$(PORT)"

run-sample: build-agent ## detect what this machine has, then run the sample pack with it
	@bun test/support/run-sample.ts $(AGENT)

run-agent-release: ## run the sample pack with the file that docker-build-agent built
	@id=$$(docker create attune-agent:scratch -) && trap "docker rm $$id >/dev/null" EXIT && mkdir -p dist/release \
		&& docker cp $$id:/attune-agent dist/release/attune-agent >/dev/null && $(MAKE) -s setup && bun test/support/run-sample.ts dist/release/attune-agent

check: setup static-checks unit ## check lint, types and dead code, and run the unit tests: under a minute

static-checks:
	@bun run --silent --bun lint
	@bun run --silent --bun types
	@bun run --silent --bun dead

unit:
	@bun test test/unit test/chaos/history.test.ts test/faults/judge.test.ts

# Builds the file for aarch64 as well, where the cross toolchain is installed.
build-cross: setup-test built-cross

built-cross:
	@if [ "$$(uname -m)" = x86_64 ] && command -v aarch64-linux-gnu-g++ >/dev/null && [ -e /usr/lib/aarch64-linux-musl/libc.a ]; then $(MAKE) -s dist/attune-agent-aarch64 ARCH=aarch64; fi

# Once everything is installed, the files that tests use are built beside each other.
built-for-tests: $(AGENT) $(FAULTY) built-cross

test: setup-test ## run every test, on real programs, servers, root file systems and containers
	@$(MAKE) --no-print-directory -j2 -O built-for-tests
	@.ci/test.sh

test-kubernetes: setup-test build-agent ## try the chart and the webhook on a real API server of Kubernetes, built by Go: minutes the first time
	@programs=$$(.ci/build-kubernetes.sh) && helm=$$(.ci/find-helm.sh) \
		&& ATTUNE_TEST_KUBERNETES=$$programs ATTUNE_TEST_HELM=$$helm bun test --timeout 300000 ./test/kubernetes/main.ts

try-fresh: ## follow the README in bare Debian roots, as root and not, with npm and with curl; ROOTS=… and TESTS=… choose
	@.ci/try-fresh.sh

scale: setup-test ## measure how costs grow, each at three sizes, with exponents: minutes; ARGS=--json prints objects
	@bun test/scale/main.ts $(ARGS)

bench: setup-test build-agent ## measure start-up, detection and execution as ratios to bare baselines, and the longest pauses of the loops
	@failed=; for file in start detect spawn execute masking loop-pauses message-pauses data-pauses worker server environments; do bun test/bench/$$file.ts $(AGENT) || failed="$$failed $$file"; done; [ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

sign: build-agent ## sign the files in dist with SIGNING_KEY=… (PEM, P-256), as cosign does: FILE.sig beside each
	@bun src/static-linker/sign.ts "$(SIGNING_KEY)" $(wildcard dist/attune-agent-x86_64 dist/attune-agent-aarch64)

release: setup ## make the archives, chart, checksums and images of this version, in dist/release; SIGNING_KEY=… signs them
	@SIGNING_KEY="$(SIGNING_KEY)" .ci/release.sh

push-chart: setup ## push the chart that release has packaged to REGISTRY=oci://…; HELM_FLAGS=--plain-http for one without TLS
	@.ci/push-chart.sh "$(REGISTRY)" $(HELM_FLAGS)

audit: setup ## ask the package registry for known vulnerabilities
	@.ci/audit.sh

SECONDS ?= 120
SEED ?= $(shell date +%s)
chaos: setup-test build-agent-faults ## let everything fail in turn for SECONDS=…, by SEED=…, with BROKER=away without one, with KIND=standalone in one process, with KIND=joined for the Rust control plane, then check the history
	@bun test/chaos/main.ts $(FAULTY) $(SECONDS) $(SEED) $(BROKER) $(KIND)

faults: setup-test build-agent-faults ## do to each kind of process whatever can happen; writes the table in docs/operations.md, and dist/FAULTS.json; ONLY=… tries some
	@bun test/faults/main.ts $(FAULTY) --json dist/FAULTS.json --write docs/operations.md $(if $(ONLY),--only "$(ONLY)")

FUZZ_SECONDS ?= 600
fuzz: setup-test build-agent ## feed every parser and every route nonsense for FUZZ_SECONDS=… each, by SEED=…
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$(SEED) bun test --timeout 86400000 test/fuzz
	@ATTUNE_FUZZ_REQUESTS=$$(($(FUZZ_SECONDS) * 500)) ATTUNE_FUZZ_SEED=$(SEED) bun test --timeout 86400000 ./test/system/server/fuzz.test.ts

image-matrix: setup-test build-agent build-cross ## try the file in many root file systems, and write docs/image-matrix.md
	@bun test/system/matrix/main.ts $(AGENT)

docs: setup ## write the references in docs/ that are made from the code: cli.md and configuration.md
	@bun .ci/docs.ts

client: setup-test ## write the types of the TypeScript client, which are made from the document of the API
	@bun .ci/client.ts

screenshots: setup-test build-agent ## make pictures of every page in dist/screenshots: desktop and phone, dark and light
	@mkdir -p dist/screenshots && ATTUNE_TEST_SCREENSHOTS=$(CURDIR)/dist/screenshots bun test --timeout 600000 ./test/system/server/page.test.ts --test-name-pattern 'every page is accessible'

clean: ## remove what was built; root file systems of the tests stay cached outside the tree
	rm -rf dist
