#!/bin/sh
# The lattice engine from 256 x 256 cells to a country, each size in a process of its own, one table; then the plots for the docs.
#   bench/lattice/run.sh [--sides "256 512 1024 3162"] [--samples 32] [--threads "1 2"] [--memory GIB] [--folder F] [--bench PROGRAM]
#                        [--out FILE.csv] [--img FOLDER] [--cells "1e6 1e7"] [--exact "256 512 1024"]
# --exact SIDES: on areas of these sides both engines, each in a process of its own, and nothing else: with theta held (range 12, sd 1), then free.
#   Time, memory, RMSE, coverage, largest differences. The exact engine takes 5 GB and some minutes at 1024.
# First this machine's triad and the solver's share of it (of --cells), then the fits, then the pictures into --img (docs/img).
# A country, all that docs/rooms/lattice.md has a place for:
#   bench/lattice/run.sh --sides "3162 10000" --memory 10 --cells "1e6 1e7 1e8"; bench/lattice/run.sh --sides 17320 --memory 20 --threads 2
# 1e8 cells are --sides 10000 (--memory 10), 3e8 --sides 17320 (--memory 20); the simulated area takes 16 bytes a cell in
# the folder, draws and samples on disk 4 bytes a cell each.
set -eu
. "$(dirname "$0")/../common.sh"
sides="256 512 1024 2048"; samples=32; threads="1 2"; memory=0; folder=; out=; exact=; img=$here/docs/img; cells="1e6 4e6"
bench=${TILTH_BUILD:-$here/build/release}/bench/lattice/tl_bench_lattice
options "sides samples threads memory folder bench out img cells exact" "$@"
built tl_bench_lattice bench_solver
work=${folder:-$(mktemp -d)}
mkdir -p "$work"
[ -n "$folder" ] || trap 'rm -rf "$work"' EXIT INT TERM
[ -n "$out" ] || out=$work/fits.csv
solver=$(dirname "$bench")/bench_solver
field() { tr ',' '\n' <"$1" | sed -n "s/^$2=\([-0-9.e]*\).*/\1/p" | head -1; }
for n in $exact; do
    echo "$(date -u +%Y-%m-%d) $n x $n, both engines, load $(cut -d' ' -f1 /proc/loadavg)"
    "$bench" sim "$n" 1 "$work/area.bin"
    for theta in "--range 12 --sigma 1" ""; do
        # shellcheck disable=SC2086 # options of their own
        "$bench" compare "$work/area.bin" "$work" --threads 2 $theta || echo "exact: no answer at $n (${theta:-theta free})"
    done
done
[ -z "$exact" ] || exit 0
machine
# shellcheck disable=SC2086 # several sizes
"$solver" speed $cells
printf '%10s %7s %9s %9s %9s %9s %7s %9s %7s %8s %10s %9s\n' cells threads wall_s cpu_s us_cell peak_MiB rmse cover95 range mcse_sd iterations GB_moved
echo "cells,threads,wall_s,cpu_s,us_cell,peak_MiB,rmse,cov95,range,mcse_sd,iterations,GB_moved" >"$out"
for n in $sides; do
    "$bench" sim "$n" 1 "$work/area.bin"
    for t in $threads; do
        "$bench" fit "$work/area.bin" "$work" --threads "$t" --samples "$samples" --memory "$memory" >"$work/res.txt"
        set -- "$((n * n))" "$t" "$(field "$work/res.txt" s)" "$(field "$work/res.txt" cpu_s)" "$(field "$work/res.txt" us_per_cell)" \
            "$(field "$work/res.txt" peak_MiB)" "$(field "$work/res.txt" rmse)" "$(field "$work/res.txt" cov95)" \
            "$(field "$work/res.txt" range)" "$(field "$work/res.txt" mcse_sd)" "$(field "$work/res.txt" iterations)" \
            "$(field "$work/res.txt" GB_moved)"
        printf '%10s %7s %9s %9s %9s %9s %7s %9s %7s %8s %10s %9s\n' "$@"
        (IFS=,; echo "$*") >>"$out"
    done
    rm -f "$work/area.bin"
done
mkdir -p "$img"
"$here/bench/lattice/plot.py" "$out" "$img/lattice-scaling.svg"
"$solver" convergence >"$work/convergence.csv"
"$here/bench/lattice/plot.py" "$work/convergence.csv" "$img/lattice-convergence.svg"
