#!/bin/sh
# setup.sh GROUP...: installs the packages of these groups (scripts/packages.txt) that are missing. When all are there,
# nothing is asked of the network.
set -eu
here=$(dirname "$0")
missing=
for group in "$@"; do
    for package in $(sed -n "s/^$group //p" "$here/packages.txt"); do
        # "npm:npm" is a package and a program: where the program is there from elsewhere, nothing is missing.
        case $package in *:*) command -v "${package#*:}" >/dev/null && continue ;; esac
        package=${package%%:*}
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: these packages are missing, and installing them needs root or sudo:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "Installing:$missing"
$as_root apt-get -qq update
# shellcheck disable=SC2086 # one word a package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
