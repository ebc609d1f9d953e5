# Two commands matter: `make demo` and `make test`. Each sets up what it needs, once.
PYTHON ?= python3
# (nproc alone tells OMP_NUM_THREADS where that is set)
CORES ?= $(shell env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || echo 2)
WORKERS ?= 2
PAIRS ?= 200
FAULTS ?= 60
SLURM_TESTS ?= tests/slurm
MINUTES ?= 0
TRANSFORMERS := .transformers
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LINKS := $(if $(PIP_FIND_LINKS),--find-links "$(PIP_FIND_LINKS)")
NEW := predict={bundle: ../../results/bundle, videos: ../../demo/new_videos.tsv}
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --rerun-incomplete

.PHONY: help setup demo test test-slurm test-transformers drill drill-faults lint clean lock schema docs \
	fuzz-videos

help:
	@echo "make demo    set up, then raw videos -> keypoints -> recognisers -> scores, report, bundle,"
	@echo "             and the bundle applied to whole videos that no stage has seen"
	@echo "make test    set up, then all tests"
	@echo "make test-slurm  a real SLURM on this machine (root) runs small jobs and the workflow"
	@echo "make test-transformers  VideoMAE against transformers, which it installs beside the rest"
	@echo "make lint    ruff, snakefmt, snakemake --lint"
	@echo "make clean   remove what the workflow made (results, logs, benchmarks)"

setup: $(READY)

$(READY): requirements.lock requirements-cuda.lock
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true
	if test -x $(BIN)/uv; then \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(LINKS) -r requirements.lock; \
	else \
		$(BIN)/python -m pip install --quiet --no-deps -r requirements.lock; \
	fi
	@# The CUDA wheel of torch needs NVIDIA's libraries; the CPU wheel must not get them.
	if $(BIN)/python -c 'import importlib.metadata as m, sys; sys.exit("+cpu" in m.version("torch"))' && test "$$(uname)" = Linux; then \
		$(BIN)/python -m pip install --quiet --no-deps -r requirements-cuda.lock; \
	fi
	touch $@

demo: $(READY)
	$(SNAKEMAKE) -- all bundle
	$(BIN)/snakemake --report results/report.html --quiet all
	$(SNAKEMAKE) --directory runs/new --config '$(NEW)' -- predict
	@$(BIN)/python -m microgesture.figures.summary results runs/new/results

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# A real SLURM on this machine, as root (tests/slurm/cluster.py; skipped with the reason elsewhere).
test-slurm: $(READY)
	if test "$$(id -u)" = 0 && ! command -v slurmctld >/dev/null && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			slurm-wlm slurmctld slurmd slurm-client munge || \
			echo "SLURM could not be installed: its tests will be skipped" >&2; \
	fi
	$(BIN)/python -m pip install --quiet --no-deps snakemake-executor-plugin-cluster-generic==1.0.9 || \
		echo "its package could not be installed: the test of profiles/cluster will be skipped" >&2
	MICROGESTURE_TEST_SLURM=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SLURM_TESTS) -v -rs -s

# transformers has the published VideoMAE. It stands in a folder of its own: mmpose would import it.
test-transformers: $(READY)
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(TRANSFORMERS) -r requirements-transformers.txt
	PYTHONPATH=$(TRANSFORMERS) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -v -rs \
		tests/models/test_video_mae.py tests/pretraining/test_tubes.py

# Law 4 at length: pairs of random edits, each run twice. It goes on where the last call stopped.
drill: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.workflow.drill --pairs $(PAIRS) --minutes $(MINUTES)

# Whole runs that meet random faults (docs/faults.md); as root also a full disk. It goes on, too.
drill-faults: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.workflow.drill_faults --faults $(FAULTS) --minutes $(MINUTES) --page docs/faults.md

# Every container, codec and cut of tests/videos/cut_videos.py (a quarter of an hour; needs ffmpeg).
fuzz-videos: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.videos.fuzz_videos --page docs/videos.md

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

clean:
	rm -rf results logs benchmarks .snakemake runs/new
	mkdir -p results && touch results/.gitkeep

lock: $(READY)
	$(BIN)/uv pip compile requirements.in --override overrides.txt $(LINKS) --python-version 3.11 --no-annotate --quiet -o requirements.lock
	sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.lock
	sed -i "s/^\(mediapipe==[0-9.]*\)$$/\1 ; python_version < '3.13'/" requirements.lock

schema: $(READY)
	$(BIN)/python -m microgesture.configuration.schema

docs: schema
	$(BIN)/python -m microgesture.configuration.documentation
	$(BIN)/python -m microgesture.pose.documentation
	$(BIN)/python -m tests.errors.page
	$(BIN)/python -m microgesture.provenance.packages
