#!/bin/sh
# kill.sh FOLDER-OF-TILTH LIB [N]: kills commands that write at N moments spread over the time they take, and looks at what they leave: the
# project checks, and is what it was before or what it is after the command, never between.
set -eu
export PATH="$1:$PATH"
. "$2"
n=${3:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

project base.gpkg
accidents a.csv
tilth import base.gpkg a.csv --as accident --map date=year --quiet
area h.geojson -75.15 7.05 -75.12 7.08
tilth import base.gpkg h.geojson --as hazard-area --quiet
tilth map base.gpkg --out m --quiet
tilth assess base.gpkg --area HA-0001 --quiet >/dev/null
tilth methods base.gpkg --write w.yaml --quiet
sed 's/^\( *\)source: .*/\1source: "changed by hand"/' w.yaml >edit.yaml
cp base.gpkg released.gpkg
tilth release released.gpkg --area HA-0001 --as cleared --by "O. Koval" --role approver --reason done --quiet
printf 'id,lon,lat,year,category\nX,-75.13,7.06,2026,AP mine\n' >later.csv
tilth import released.gpkg later.csv --as accident --map date=year --quiet 2>/dev/null

# What the project says, without times.
state() {
    cp p.gpkg look.gpkg
    for suffix in -journal -wal; do if [ -f "p.gpkg$suffix" ]; then cp "p.gpkg$suffix" "look.gpkg$suffix"; fi; done
    { tilth methods look.gpkg --json; tilth findings look.gpkg --all --json; tilth info look.gpkg --json; } |
        grep -v '"project"\|"path"\|_bytes"\|"head"\|20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T' | sha256sum
    rm -f look.gpkg*
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# moments NAME BASE COMMAND...
moments() {
    name=$1 base=$2
    shift 2
    cp "$base" p.gpkg
    old=$(state)
    "$@" >/dev/null 2>&1
    new=$(state)
    if [ "$old" = "$new" ]; then
        echo "$name: changes nothing, so that the test would show nothing"
        exit 1
    fi
    rm -rf d
    cp "$base" p.gpkg
    begin=$(milliseconds)
    "$@" >/dev/null 2>&1
    takes=$(($(milliseconds) - begin))
    was_old=0 was_new=0 i=0
    while [ "$i" -lt "$n" ]; do
        i=$((i + 1))
        rm -rf p.gpkg* d
        cp "$base" p.gpkg
        "$@" >/dev/null 2>&1 &
        pid=$!
        sleep "$(awk "BEGIN { print $takes * ($i - 0.5) / $n / 1000 }")"
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        now=$(state)
        if [ "$now" = "$old" ]; then
            was_old=$((was_old + 1))
        elif [ "$now" = "$new" ]; then
            was_new=$((was_new + 1))
        else
            echo "$name: killed at moment $i of $n, the project is neither what it was nor what it becomes"
            exit 1
        fi
        tilth check p.gpkg >check.txt 2>&1 || { cat check.txt; exit 1; }
        # Whatever stands in the folder of results stands there whole: the JSON, which is moved last, says so.
        if [ -e d/assess.json ] && ! [ -s d/dossier.pdf ]; then
            echo "$name: the folder says that it is whole, and is not"
            exit 1
        fi
    done
    echo "$name: $n kills within $takes ms: old $was_old, new $was_new"
}

moments methods base.gpkg tilth methods p.gpkg --edit edit.yaml
moments release base.gpkg tilth release p.gpkg --area HA-0001 --as cleared --by "O. Koval" --role approver --reason done
moments answer released.gpkg tilth findings p.gpkg --answer 1 --by "O. Koval" --role approver --reason "looked at"
moments assess base.gpkg tilth assess p.gpkg --area HA-0001 --seed 7 --draws 256 --out d
