#!/bin/sh
# run.sh BIN [DRAWS]: three scenarios of eight classes over 50 years, by tilth and by NumPy in the same run. Needs python3-numpy.
set -eu
bin=$1 draws=${2:-10000}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 "$here/make.py" "$work"
cd "$work"
for run in 1 2 3; do
    begun=$(date +%s.%N)
    "$bin/tilth" forecast bench0.yaml bench1.yaml bench2.yaml --draws "$draws" --no-shares --quiet
    ended=$(date +%s.%N)
    numpy=$(/usr/bin/python3 "$here/model.py" "$draws")
    echo "$begun $ended $numpy" | awk '{ printf "tilth %.3f s, numpy %.3f s, %.1f times\n", $2 - $1, $3, $3 / ($2 - $1) }'
done
begun=$(date +%s.%N)
"$bin/tilth" forecast bench0.yaml bench1.yaml bench2.yaml --draws "$draws" --json >forecast.json
ended=$(date +%s.%N)
echo "$begun $ended" | awk '{ printf "tilth with variance shares and JSON %.3f s\n", $2 - $1 }'
/usr/bin/python3 - <<END
import json
f = json.load(open("forecast.json"))["scenarios"][0]["observed"]["all"]["casualties_sum"]
print("casualties in all, first scenario, observed: tilth %.1f +- %.1f, numpy $numpy" % (f["mean"][-1], f["mcse"][-1]))
END
