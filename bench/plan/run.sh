#!/bin/sh
# Plans on made-up problems. Goals: 500 tasks x 20 teams x 3 years to a gap under 1 % in under 60 s (needs coinor-cbc); 20,000 tasks by the search within 5 % of
# a proved bound. Says the machine's load, because other work on it shows at once.
#   bench/plan/run.sh [--seeds N] [--bench PROGRAM]
set -eu
. "$(dirname "$0")/../common.sh"
seeds=3; bench=${TILTH_BUILD:-$here/build/release}/bench/plan/tl_bench_plan
options "seeds bench" "$@"
built tl_bench_plan
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
machine
seed=1
while [ "$seed" -le "$seeds" ]; do
    echo "500 tasks, 20 teams, 3 years, seed $seed"
    "$bench" 500 20 3 "$seed"
    seed=$((seed + 1))
done
echo "20,000 tasks, 200 teams, 3 years, by search"
"$bench" 20000 200 3 1 search
