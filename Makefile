# Two commands matter: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
UV = PYTHONPATH=.tools $(PYTHON) -m uv
BIN = .venv/bin
READY = .venv/.ready

.PHONY: demo test soak durability wine bench-classify bench-explain bench-explain-time bench-flood bench-footprint bench-ingest \
  bench-layouts bench-refusals bench-scale bench-suggest extension check wheels lock \
  system-packages clean

demo: $(READY)
	@exec $(BIN)/planwhy demo $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest

# How right explanations are against simulated truth: an hour or more; minutes with ARGS="--per-cause 10 --months 5".
bench-explain: $(READY)
	@$(BIN)/python -m tests.bench.explain_accuracy $(ARGS)

# The tests that kill collectors, databases and agents for an hour or so, long random walks, and what a browser does in its
# own time; KILLS and WALKS say how many of each.
soak: $(READY)
	@$(BIN)/python -m pytest -m soak $(ARGS)

# The agent on trial: 1,000 kills, a power cut at every write, 1,000 flipped bytes, disks, clocks, servers, a month away;
# half an hour. ARGS="kills --state FILE --slice-s 240" does a part and goes on from there; ARGS=--small is a quick look.
durability: $(READY)
	@$(BIN)/python -m tests.durability $(ARGS)

# What refusing a wrong request costs the collector in time and memory; about a minute.
bench-refusals: $(READY)
	@$(BIN)/python -m tests.bench.refusals $(ARGS)

# What the agent costs the PC it runs on, and how it starts with a full spool; four minutes.
bench-footprint: $(READY)
	@$(BIN)/python -m tests.bench.agent_footprint $(ARGS)

# How much processor time an explanation takes; about a minute.
bench-explain-time: $(READY)
	@$(BIN)/python -m tests.bench.explain_time $(ARGS)

# How fast contexts are judged by 500 rules and by the whole catalogue; half a minute.
bench-classify: $(READY)
	@$(BIN)/python -m tests.bench.classify_speed $(ARGS)

# How fast batches are stored over HTTP, and what a span takes on the disk, on both databases; some minutes.
bench-ingest: $(READY)
	@$(BIN)/python -m tests.bench.ingest $(ARGS)

# Rows or blocks: what the choice of how spans are stored rests on; some minutes.
bench-layouts: $(READY)
	@$(BIN)/python -m tests.bench.layouts $(ARGS)

# How fast a collector with 20 million stored spans answers, and a year of 1,000 people changes its rules: an hour, 6 GB;
# ARGS="--spans 200000 --year 20" is a quick look, ARGS=--postgres takes a server.
bench-scale: $(READY)
	@$(BIN)/python -m tests.bench.scale $(ARGS)

# How good suggestions are on the product's rules alone, and what learning costs; a minute. ARGS="--embedding FOLDER".
bench-suggest: $(READY)
	@$(BIN)/python -m tests.bench.suggest_quality $(ARGS)

# The browser extension for many machines, signed with KEY (made if it is not there): packages, policies, native host.
extension: $(READY)
	@$(BIN)/planwhy-agent extension pack installers/extension/out --key $(KEY) $(ARGS)

# What a browser that sends 10,000 messages a second costs the agent and its native hosts; about two minutes.
bench-flood: $(READY)
	@$(BIN)/python -m tests.bench.browser_flood $(ARGS)

# The agent's types are checked a second time as they are on Windows, but for what never runs there.
NOT_ON_WINDOWS = x11|pulse|virtual|macos|linux|xdg|_unix
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 $$(ls agent/planwhy_agent/*.py agent/planwhy_agent/*/*.py | grep -vE '$(NOT_ON_WINDOWS)')
	$(BIN)/lint-imports

# The agent on Windows, as far as Wine shows it: its tests under a Windows Python, and the whole agent killed again and
# again (KILLS=8). Needs Debian's wine64, gcc-mingw-w64-x86-64 and binutils-mingw-w64-x86-64, and says so without them.
# Not part of CI, whose machine has none of it.
WINE = $(firstword $(wildcard /usr/bin/wine64 /usr/lib/wine/wine64 /usr/local/bin/wine64))
wine: build/wine/.ready
	@$(BIN)/python -m pytest -m wine tests/wine $(ARGS)

build/wine/.ready: $(READY) installers/windows/wine-python.sh requirements.lock shared/pyproject.toml agent/pyproject.toml
	@if [ -z "$(WINE)" ] || ! command -v x86_64-w64-mingw32-gcc >/dev/null; then \
	  echo "make wine: there is no Wine or no mingw here, so its tests are skipped"; \
	else PYTHON=$(PYTHON) installers/windows/wine-python.sh build/wine && touch $@; fi

# The agent is installed alone: none of the collector's code may come with it or be needed by it.
wheels: $(READY)
	@rm -rf build/wheels build/alone
	@for member in shared agent collector; do $(UV) build --quiet --wheel --out-dir build/wheels $$member; done
	@$(UV) venv --quiet --python $(PYTHON) build/alone
	@$(UV) pip install --quiet --python build/alone/bin/python --constraint requirements.lock build/wheels/planwhy_shared-*.whl build/wheels/planwhy_agent-*.whl
	@build/alone/bin/planwhy-agent --help >/dev/null
	@! build/alone/bin/python -c 'import flask' 2>/dev/null
	@! build/alone/bin/python -c 'import planwhy_collector' 2>/dev/null
	@echo "wheels: the agent installs and starts without the collector"

# What the desktop and browser tests use on Debian and Ubuntu; run once, as root.
system-packages:
	apt-get update
	apt-get install -y --no-install-recommends $$(grep -v '^#' installers/linux/test-packages.txt)

$(READY): requirements.lock pyproject.toml shared/pyproject.toml agent/pyproject.toml collector/pyproject.toml
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools --upgrade uv
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e shared -e agent -e collector
	@touch $@

lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --group dev shared/pyproject.toml agent/pyproject.toml collector/pyproject.toml \
	  --no-emit-package planwhy-shared -o requirements.lock

clean:
	rm -rf .venv .tools .demo
