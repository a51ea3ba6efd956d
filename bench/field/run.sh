#!/bin/sh
# Field engine against TMB on the peers' simulated data, in one run: time, peak memory, RMSE, coverage.
#   bench/field/run.sh [--sizes "128 256"] [--tmb-seeds N] [--seeds N] [--engine exact|lattice|auto] [--bench PROGRAM]
# --tmb-seeds: seeds on which both run (default 1); --seeds: seeds on which ours runs (default 10; accuracy).
# TILTH_PEERS: folder of the simulator and the fit scripts (default ../shared/peers). Needs Rscript and r-cran-tmb.
set -eu
. "$(dirname "$0")/../common.sh"
peers=${TILTH_PEERS:-$here/../shared/peers}
sizes="128"; tmb_seeds=1; seeds=10; engine=auto; bench=${TILTH_BUILD:-$here/build/release}/bench/field/tl_bench_field
options "sizes tmb-seeds seeds engine bench" "$@"
for need in Rscript g++; do
    command -v "$need" >/dev/null || { echo "skipped: $need is not installed"; exit 0; }
done
[ -f "$peers/sim.R" ] || { echo "skipped: no peers in $peers"; exit 0; }
built tl_bench_field
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT INT TERM
cp "$peers"/* "$work"; cd "$work"; mkdir -p data
if [ "$tmb_seeds" -gt 0 ]; then
    Rscript -e 'TMB::compile("lgcp.cpp", framework = "TMBad")' >compile.log 2>&1 || { tail -5 compile.log >&2; exit 1; }
fi
# "wall seconds, processor seconds, peak MB" of a command whose RES line goes to $1
measure() {
    out=$1; shift
    /usr/bin/time -f "%e %U %S %M" -o time.txt "$@" >"$out" 2>err.txt || { cat err.txt >&2; return 1; }
    awk '{printf "%.2f %.2f %.0f", $1, $2 + $3, $4 / 1024}' time.txt
}
field() { tr ',' '\n' <"$1" | sed -n "s/^$2=\([-0-9.e]*\).*/\1/p" | head -1; }
machine
echo "size seed engine  fit+predict_s  wall_s   cpu_s  peak_MB  rmse   coverage95"
line() { # size seed engine seconds wall cpu peak file
    printf '%4s %4s %-7s %13s %7s %7s %8s  %s %s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$(field "$8" rmse)" "$(field "$8" cov95)"
}
for n in $sizes; do
    for seed in $(seq 1 "$seeds"); do
        Rscript sim.R "$n" "$seed" >/dev/null
        both=$(measure ours.txt "$bench" "data/sim_${n}_$seed.bin" --pad 0 --engine "$engine")
        ours=$(field ours.txt fit_s)
        line "$n" "$seed" tilth "$ours" $both ours.txt
        if [ "$seed" -le "$tmb_seeds" ]; then
            theirs=$(OPENBLAS_NUM_THREADS=1 measure tmb.out Rscript fit_tmb.R "data/sim_${n}_$seed.rds")
            grep '^RES' tmb.out >tmb.txt
            fit=$(field tmb.txt fit_s); pred=$(field tmb.txt pred_s)
            line "$n" "$seed" TMB "$(echo "$fit $pred" | awk '{print $1 + $2}')" $theirs tmb.txt
            echo "$fit $pred $ours $both $theirs" | awk -v n="$n" \
                '{printf "     ratio at %s: %.1f times faster (wall %.1f, processor %.1f), peak memory %.2f of TMB'"'"'s\n", n, ($1 + $2) / $3, $7 / $4, $8 / $5, $6 / $9}'
        fi
        echo "$n $(field ours.txt rmse) $(field ours.txt cov95) $ours" >>all.txt
        rm -f "data/sim_${n}_$seed".*
    done
    awk -v n="$n" '$1 == n {k++; r += $2; c += $3; s += $4} END {printf "%4s mean of %d seeds: rmse %.4f coverage %.4f seconds %.2f\n", n, k, r / k, c / k, s / k}' all.txt
done
