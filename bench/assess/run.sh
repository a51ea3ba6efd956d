#!/bin/sh
# Speed of assessments: one area of 50 ha at 10 m cells (goal: under 2 s with its margin) and many areas in one call (goal: at least 20 areas/s
# on two cores). Says the machine's load, because other work on it shows at once.
#   bench/assess/run.sh [--areas N] [--bench PROGRAM]
set -eu
export OMP_WAIT_POLICY=passive # as the program sets it for itself
here=$(cd "$(dirname "$0")/../.." && pwd)
areas=1000; bench=${TILTH_BUILD:-$here/build/release}/bench/assess/tl_bench_assess
while [ $# -gt 0 ]; do
    case $1 in
        --areas) areas=$2; shift 2 ;;
        --bench) bench=$2; shift 2 ;;
        *) echo "unknown option $1" >&2; exit 2 ;;
    esac
done
[ -x "$bench" ] || { echo "build it first: cmake --build --preset release --target tl_bench_assess" >&2; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT INT TERM
echo "$(date -u +%Y-%m-%d) cores $(nproc) load $(cut -d' ' -f1 /proc/loadavg)"
"$bench" "$areas" "$work"
