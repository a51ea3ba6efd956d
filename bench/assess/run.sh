#!/bin/sh
# Speed of assessments: one area of 50 ha at 10 m cells (goal: under 2 s with its margin) and many areas in one call (goal: at least 20 areas/s
# on two cores). Says the machine's load, because other work on it shows at once.
#   bench/assess/run.sh [--areas N] [--bench PROGRAM]
set -eu
. "$(dirname "$0")/../common.sh"
areas=1000; bench=${TILTH_BUILD:-$here/build/release}/bench/assess/tl_bench_assess
options "areas bench" "$@"
built tl_bench_assess
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT INT TERM
machine
"$bench" "$areas" "$work"
