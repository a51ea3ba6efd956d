#!/bin/sh
# format.sh [--check]: formats the C and C++ sources, or says which are not formatted.
set -eu
cd "$(dirname "$0")/.."
sources=$(find src include tests bench fuzz -name '*.[ch]' -o -name '*.cc')
if [ "${1:-}" = --check ]; then
    # shellcheck disable=SC2086
    clang-format --dry-run -Werror $sources
else
    # shellcheck disable=SC2086
    clang-format -i $sources
fi
