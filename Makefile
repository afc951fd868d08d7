# Everything that CI and a person run. `make` alone checks and tests.
#
#   make demo             sets up and runs the main job on two invented people (OUT=folder says where)
#   make test             sets up, checks and runs all tests
#   make plugin           packs the Thunderbird plugin: dist/ownhand.xpi
#   make test-plugin      the tests of the plugin alone, in a real Thunderbird
#   make system           Debian's packages for the tests that use Dovecot or Thunderbird; needs root or sudo
#
# Variables for a person's own machine:
#   PYTHON       the interpreter to build the environment with (3.11 or newer)
#   VENV         where the environment is
#   TORCH_INDEX  an index of torch builds without CUDA. On Linux the default index brings some gigabytes of
#                CUDA libraries along, which work but are not needed: give the address of PyTorch's CPU builds.

.DEFAULT_GOAL := all
SHELL := /bin/bash
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
OUT ?= demo-run
PYTEST_ARGS ?=

PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PEERS := build/peers
TRAINERS := build/trainers
NODE_STAMP := plugin/node_modules/.installed
PROTOS := $(sort $(wildcard proto/ownhand/v1/*.proto proto/ownhand/worker/v1/*.proto))
PROTOC = $(PY) -m grpc_tools.protoc -I proto
SOURCES := daemon trainer plugin/host scripts tests benchmarks
PIP_FLAGS := --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: all setup environment proto proto-check format check test demo plugin plugin-tools test-plugin bench-own-words bench-libraries bench-relay bench-imap bench-serve bench-train base system wheel clean

all: test

setup: $(STAMP)

# Editable, with all that the tests need. The stamp makes the second time quick.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ownhand needs Python 3.11 or newer; name one with PYTHON=...")'
	@test -x $(PY) || $(MAKE) --no-print-directory environment
	@$(PY) -m pip install -q $(PIP_FLAGS) --upgrade 'pip>=25.1'
	$(PY) -m pip install -q $(PIP_FLAGS) --group dev -e '.[demo,gguf,mlx,qlora]'
	@touch $@

# Debian's python3 has venv without ensurepip until python3-venv is installed; its own pip does as well.
environment:
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
		|| { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(PY) install -q pip; } \
		|| { rm -rf $(VENV); echo "this Python can make no environment: on Debian, install python3-venv" >&2; exit 1; }

# Generated code and the API as text, from the .proto files. Commit all three.
proto: $(STAMP)
	$(PROTOC) --python_out=proto --pyi_out=proto --grpc_python_out=proto $(PROTOS)
	$(PY) scripts/api.py > proto/api.txt
	$(PY) scripts/typings.py > plugin/types/ownhand.d.ts

proto-check: $(STAMP)
	@set -eu -o pipefail; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PROTOC) --python_out="$$folder" --pyi_out="$$folder" --grpc_python_out="$$folder" $(PROTOS); \
	for file in $$(cd "$$folder" && find . -type f); do \
		cmp -s "$$folder/$$file" "proto/$$file" \
			|| { echo "proto/$$file is not what its .proto says: run make proto" >&2; exit 1; }; \
	done; \
	$(PY) scripts/api.py | diff proto/api.txt - \
		|| { echo "proto/api.txt is not the API: run make proto" >&2; exit 1; }; \
	$(PY) scripts/typings.py | diff plugin/types/ownhand.d.ts - \
		|| { echo "plugin/types/ownhand.d.ts is not the API: run make proto" >&2; exit 1; }

format: $(STAMP)
	$(VENV)/bin/ruff check -q --fix-only $(SOURCES)
	$(VENV)/bin/ruff format -q $(SOURCES)

check: $(STAMP) proto-check
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/ruff format --check -q $(SOURCES)
	$(VENV)/bin/mypy daemon/ownhand trainer/ownhand plugin/host/ownhand scripts
	$(PY) -m pytest tests/test_layers.py

test: check plugin-tools
	$(PY) -m pytest $(PYTEST_ARGS)

plugin: $(STAMP)
	$(PY) scripts/pack.py dist/ownhand.xpi

test-plugin: $(STAMP) plugin-tools
	$(PY) -m pytest tests/plugin tests/unit/test_host_clients.py tests/unit/test_nativehost.py tests/rpc/test_host.py

# What checks the plugin's sources; nothing of it ships. Without npm the tests that need it say so.
plugin-tools: $(NODE_STAMP)

$(NODE_STAMP): plugin/package-lock.json
	@command -v npm >/dev/null || { echo "no npm here: the checks of the plugin's sources are left out"; \
		[ "$${CI:-}" != true ]; exit; }; \
	cd plugin && npm ci --silent && touch ../$@

demo: $(STAMP)
	$(VENV)/bin/ownhand demo --out "$(OUT)"

# How well own words are found, beside five other reply parsers on the same cases. They have an environment of their
# own and are no dependency of ours; one that cannot be installed is named in the table.
bench-own-words: $(STAMP) $(PEERS)/.peers
	$(PY) benchmarks/own_words.py --peers $(PEERS)/bin/python

$(PEERS)/.peers: benchmarks/peers.txt
	@test -x $(PEERS)/bin/python || $(MAKE) --no-print-directory environment VENV=$(PEERS)
	@grep '^[^#]' $< | while read -r package; do \
		$(PEERS)/bin/python -m pip install -q $(PIP_FLAGS) --no-deps "$$package" \
			|| echo "could not install $$package" >&2; \
	done
	@touch $@

# Parsers of HTML, guessers of charsets and a mender of broken text, on the same mails in one run each.
bench-libraries: $(PEERS)/.peers
	$(PEERS)/bin/python benchmarks/html_parsers.py
	$(PEERS)/bin/python benchmarks/charsets.py

# The relay's speed beside a direct connection and aiosmtpd's Proxy, and its memory.
bench-relay: $(STAMP)
	$(PY) benchmarks/relay.py

# The first sync of a large Sent folder, beside mbsync (Debian's isync) and imapclient.
bench-imap: $(STAMP)
	$(PY) benchmarks/imap.py

# How quickly the worker answers on the base that ships, and its memory; then all engines side by side, on that base
# and on random weights in the shape of a hub's smallest (3 GB on disk meanwhile).
bench-serve: $(STAMP)
	$(PY) benchmarks/serve.py
	$(PY) benchmarks/engines.py

# The trainer beside TRL, the Trainer of transformers and mlx-lm's own, on the same samples; 2 GB on disk meanwhile.
bench-train: $(STAMP) $(TRAINERS)/.peers
	$(PY) benchmarks/train.py --peers $(TRAINERS)/bin/python

# The project's own torch and transformers, and the peers on top.
$(TRAINERS)/.peers: benchmarks/train-peers.txt $(STAMP)
	@test -x $(TRAINERS)/bin/python || $(MAKE) --no-print-directory environment VENV=$(TRAINERS)
	@$(PY) -c 'import sys; print(*[p for p in sys.path if p], sep="\n")' \
		> $$($(TRAINERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth
	$(TRAINERS)/bin/python -m pip install -q $(PIP_FLAGS) -r $<
	@touch $@

# Makes the embedded base anew, from invented people only: the weights that ship, byte for byte on one kind of
# machine.
base: $(STAMP)
	$(PY) -m ownhand.trainer.base.make

# Debian's own IMAP server, for the tests that use one. Elsewhere those tests say why they are left out.
system:
	@set -eu; \
	if ! command -v apt-get >/dev/null; then \
		echo "no apt-get here: the tests that need Debian's packages are left out"; exit 0; fi; \
	missing=; for name in $$(grep -v '^#' system-packages.txt); do \
		dpkg-query -W -f '$${Status}' "$$name" 2>/dev/null | grep -q '^install ok installed' \
			|| missing="$$missing $$name"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	as_root=; [ "$$(id -u)" = 0 ] || as_root="sudo -n"; \
	export DEBIAN_FRONTEND=noninteractive; \
	{ $$as_root apt-get update -q && $$as_root apt-get install -qy --no-install-recommends $$missing; } || { \
		echo "could not install$$missing; install it as root, or do without the tests that need it" >&2; \
		[ "$${CI:-}" != true ]; }

wheel: $(STAMP)
	$(PY) -m build --no-isolation --outdir dist

clean:
	rm -rf $(VENV) dist build demo-run .pytest_cache .mypy_cache .ruff_cache .hypothesis
