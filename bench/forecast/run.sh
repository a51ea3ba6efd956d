#!/bin/sh
# run.sh [BUILD] [DRAWS]: three scenarios of eight classes over 50 years, by tilth and by NumPy in the same run. Needs python3-numpy.
# The ratio is of the model alone (without the start of either program); the whole command, with its start, stands beside it.
set -eu
build=$(cd "${1:-${TILTH_BUILD:-build/release}}" && pwd) draws=${2:-10000}
here=$(cd "$(dirname "$0")" && pwd)
cmake --build "$build" --target tl_bench_forecast tilth >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 "$here/make.py" "$work"
cd "$work"
for run in 1 2 3; do
    model=$("$build/bench/forecast/tl_bench_forecast" "$draws" bench0.yaml bench1.yaml bench2.yaml)
    begun=$(date +%s.%N)
    "$build/bin/tilth" forecast bench0.yaml bench1.yaml bench2.yaml --draws "$draws" --no-shares --quiet
    ended=$(date +%s.%N)
    numpy=$(/usr/bin/python3 "$here/model.py" "$draws")
    last=$(date +%s.%N)
    echo "$begun $ended $last $model $numpy" | awk '{
        printf "tilth %.3f s (processor %.3f s), numpy %.3f s: %.1f times; whole commands %.3f s and %.3f s: %.1f times; ", $4, $5, $9, $9 / $4, $2 - $1, $3 - $2, ($3 - $2) / ($2 - $1)
        printf "casualties in all %.1f +- %.1f and %.1f +- %.1f\n", $7, $8, $10, $11 }'
done
begun=$(date +%s.%N)
"$build/bin/tilth" forecast bench0.yaml bench1.yaml bench2.yaml --draws "$draws" --json >forecast.json
ended=$(date +%s.%N)
echo "$begun $ended" | awk '{ printf "tilth with variance shares and JSON %.3f s\n", $2 - $1 }'
