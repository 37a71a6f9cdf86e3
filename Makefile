# Kelvin: what a person does with this repository. `make` alone tells.
SHELL := /bin/bash

# A JDK 25: JAVA_HOME if it is one, else the `java` on PATH, else where systems put JDKs.
jdk_candidates = $(JAVA_HOME) $(patsubst %/bin/javac,%,$(realpath $(shell command -v javac))) \
  $(wildcard /usr/lib/jvm/*25* /Library/Java/JavaVirtualMachines/*25*/Contents/Home $(HOME)/.sdkman/candidates/java/25*)
JDK := $(shell for d in $(jdk_candidates); do \
  [ -x "$$d/bin/javac" ] && "$$d/bin/javac" -version 2>&1 | grep -q '^javac 25' && echo "$$d" && break; done)
MVN = JAVA_HOME="$(JDK)" mvn -B -q

# Simulation: how many fresh seeds, or the one to replay.
SEEDS ?= 1000
SEED ?=
# Chaos: how long faults happen to real processes (SEED: the one to schedule them from).
SECONDS ?= 60
# Comparison with etcd, request by request: how many random programs (SEED: the one to draw them from).
PROGRAMS ?= 2000
# Fuzzing of the doors: how many frames (SEED: the one to draw them from).
FRAMES ?= 1000000
# End to end: one scenario only, for example QuickStartIT.
TEST ?=
# Extra options for the comparison with etcd.
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help run test sim chaos differential fuzz bench image e2e manifests format clean jdk

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

jdk:
	@[ -n "$(JDK)" ] || { echo "no JDK 25 found: install one (for example Temurin 25) or point JAVA_HOME at it" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "no mvn found: install Maven 3.8.6 or later" >&2; exit 1; }

run: jdk ## three nodes on this machine, data under data/, until Ctrl-C
	@$(MVN) -pl node -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/local-cluster

test: jdk ## everything that is tested, in about ten minutes
	@JAVA_HOME="$(JDK)" mvn -B -T 2 verify

sim: jdk ## simulated clusters: SEEDS=1000 fresh seeds, or SEED=n again
	@$(MVN) -pl node -am test-compile
	@JAVA_HOME="$(JDK)" bin/simulate $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

chaos: jdk ## real processes killed, stopped and cut off: SECONDS=60, SEED=n again
	@$(MVN) -pl node -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

differential: jdk ## random programs on etcd (on PATH) and on Kelvin, answers compared: PROGRAMS=2000, SEED=n again
	@$(MVN) -pl node -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/differential --programs $(PROGRAMS) $(if $(SEED),--seed $(SEED))

fuzz: jdk ## odd and broken frames to the TCP protocols and HTTP: FRAMES=1000000, SEED=n again
	@$(MVN) -pl node -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/fuzz --frames $(FRAMES) $(if $(SEED),--seed $(SEED))

bench: jdk ## the same load on three etcd and three Kelvin nodes, compared
	@$(MVN) package -DskipTests
	@JAVA_HOME="$(JDK)" "$(JDK)/bin/java" -XX:+UseSerialGC --sun-misc-unsafe-memory-access=allow \
	  -jar bench/target/kelvin-bench.jar compare $(BENCH)

image: jdk ## the images kelvin/node and kelvin/operator (and kelvin/client, for e2e), in Docker
	@$(MVN) -pl node,operator,checker -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/image node operator client

e2e: jdk ## on a real Kubernetes, K3s in Docker or E2E_KUBECONFIG=true KUBECONFIG=…: TEST=QuickStartIT for one
	@for tool in helm kubectl etcdctl; do command -v $$tool >/dev/null || \
	  { echo "make e2e: needs $$tool, and finds no such command" >&2; exit 1; }; done
	@[ "$$E2E_KUBECONFIG" = true ] || docker version >/dev/null 2>&1 || { echo "make e2e: needs Docker to start K3s in," \
	  "and none answers; or a cluster: E2E_KUBECONFIG=true KUBECONFIG=FILE" >&2; exit 1; }
	@[ "$$E2E_KUBECONFIG" = true ] || $(MAKE) --no-print-directory image
	@JAVA_HOME="$(JDK)" mvn -B -Pe2e -pl e2e -am verify $(if $(TEST),-Dit.test=$(TEST))

manifests: ## what follows from crds/ and charts/: deploy/kelvin-operator.yaml (needs helm)
	@bin/manifests

format: jdk ## format the sources
	@$(MVN) spotless:apply

clean: jdk ## remove what was built (data/ stays)
	@$(MVN) clean
