#!/bin/sh
# bench.sh BUILD: runs every bench/*/run.sh with the built programs in PATH.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
PATH=$build/bin:$build/bench:$PATH
export PATH
TILTH_BUILD=$build
export TILTH_BUILD
for bench in bench/*/run.sh; do
    echo "== $bench"
    sh "$bench"
done
