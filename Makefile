# The front door. Each target does the set-up that it needs (Debian 12; root or sudo) and leaves its results in build/.
BUILD := build
JOBS := $(shell nproc)
PREFIX ?= /usr/local

.PHONY: all demo check bench nightly format install clean setup

all: setup
	@cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX) --log-level=WARNING
	@cmake --build --preset release -j $(JOBS) --target tilth tilth_docs

setup:
	@scripts/setup.sh build

# A simulated district, from its dirty files to its hazard map.
demo: all
	@scripts/demo.sh $(BUILD)/release/bin $(BUILD)/demo

# Every test but the nightly ones; the last line is "N passed, N failed".
check:
	@scripts/check.sh

# Speed and accuracy beside other programs; takes long.
bench: all
	@scripts/setup.sh bench
	@cmake --build --preset release -j $(JOBS) --target tl_bench_field store_bench tl_bench_plan tl_bench_lattice bench_solver
	@scripts/bench.sh $(BUILD)/release

nightly: all
	@scripts/setup.sh test
	@cmake --build --preset release -j $(JOBS)
	ctest --test-dir $(BUILD)/release --output-on-failure

format:
	@scripts/setup.sh test
	@scripts/format.sh

install: all
	cmake --install $(BUILD)/release

clean:
	rm -rf $(BUILD) out
