#!/bin/sh
# check.sh: installs what is missing, builds with gcc and clang (warnings are errors), runs all tests but the nightly ones, and the quick
# ones under the sanitizers. Its last line is "N passed, N failed".
#
#   CHECK_FAST=1   leaves out clang and the sanitizers
set -u
cd "$(dirname "$0")/.." || exit 1
exec </dev/null # no test waits for a person
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 # by default undefined behaviour is told and the test passes
jobs=$(nproc)
broken=0  # steps that failed outside of a test program
unhappy=0 # runs of ctest that did not end well

step() { # NAME COMMAND...: runs quietly, shows the output only when it fails
    name=$1
    shift
    began=$(date +%s)
    log=build/check-$name.log
    if "$@" >"$log" 2>&1; then
        echo "ok      $name ($(($(date +%s) - began)) s)"
    else
        echo "FAILED  $name ($(($(date +%s) - began)) s)"
        tail -n 60 "$log"
        return 1
    fi
}

tests() { # NAME FOLDER ARGUMENTS...: failures are counted from the log; the exit code is for those that it does not tell
    name=$1 folder=$2
    shift 2
    rm -f "$folder/Testing/Temporary/LastTest.log"
    step "$name" ctest --test-dir "$folder" --output-on-failure -j "$jobs" "$@" || unhappy=$((unhappy + 1))
    [ -f "$folder/Testing/Temporary/LastTest.log" ] || broken=$((broken + 1))
}

mkdir -p build
if ! scripts/setup.sh build test; then
    echo "the packages that building needs could not be installed"
    echo "0 passed, 1 failed"
    exit 1
fi
step configure cmake --preset dev || broken=$((broken + 1))
step build cmake --build --preset dev -j "$jobs" || broken=$((broken + 1))
tests tests build/dev -LE nightly
also=
if [ -z "${CHECK_FAST:-}" ]; then
    step clang-configure cmake -S . -B build/clang -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
        -DTILTH_WEB=OFF -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-O0 || broken=$((broken + 1))
    step clang-build cmake --build build/clang -j "$jobs" || broken=$((broken + 1))
    step sanitizers-configure cmake --preset asan -DTILTH_WEB=OFF || broken=$((broken + 1))
    step sanitizers-build cmake --build --preset asan -j "$jobs" || broken=$((broken + 1))
    tests sanitizers build/asan -L quick -LE 'nightly|house|golden'
    also=build/asan/Testing/Temporary/LastTest.log
fi
# shellcheck disable=SC2086
exec scripts/count.py --broken $broken --unhappy $unhappy build/dev/Testing/Temporary/LastTest.log $also
