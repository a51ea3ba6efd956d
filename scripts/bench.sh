#!/bin/sh
# bench.sh BUILD: runs every bench/*/run (or bench/*.sh) with the built programs in PATH.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
PATH=$build/bin:$build/bench:$PATH
export PATH
TILTH_BUILD=$build
export TILTH_BUILD
found=0
for bench in bench/*/run.sh bench/*.sh; do
    [ -f "$bench" ] || continue
    found=1
    echo "== $bench"
    sh "$bench"
done
[ $found = 1 ] || { echo "bench: there is no bench/*.sh" >&2; exit 1; }
