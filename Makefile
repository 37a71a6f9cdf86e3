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
# Extra options for the comparison with etcd.
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help run test sim chaos bench format clean jdk

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

jdk:
	@[ -n "$(JDK)" ] || { echo "no JDK 25 found: install one (for example Temurin 25) or point JAVA_HOME at it" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "no mvn found: install Maven 3.8.6 or later" >&2; exit 1; }

run: jdk ## three nodes on this machine, data under data/, until Ctrl-C
	@$(MVN) -pl node -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/local-cluster

test: jdk ## everything that is tested, in under ten minutes
	@JAVA_HOME="$(JDK)" mvn -B verify

sim: jdk ## simulated clusters: SEEDS=1000 fresh seeds, or SEED=n again
	@$(MVN) -pl node -am test-compile
	@JAVA_HOME="$(JDK)" bin/simulate $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

chaos: jdk ## real processes killed, stopped and cut off: SECONDS=60, SEED=n again
	@$(MVN) -pl node -am package -DskipTests
	@JAVA_HOME="$(JDK)" bin/chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

bench: jdk ## the same load on three etcd and three Kelvin nodes, compared
	@$(MVN) package -DskipTests
	@JAVA_HOME="$(JDK)" "$(JDK)/bin/java" -XX:+UseSerialGC --sun-misc-unsafe-memory-access=allow \
	  -jar bench/target/kelvin-bench.jar compare $(BENCH)

format: jdk ## format the sources
	@$(MVN) spotless:apply

clean: jdk ## remove what was built (data/ stays)
	@$(MVN) clean
