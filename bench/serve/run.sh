#!/bin/sh
# run.sh [BUILD_FOLDER]: speed of tiles, against tileserver-gl-light (npm), MapServer's CGI and GDAL reading per request. Loopback only; requests and times are
# bounded. Figures are processor time (user + system) of the server, which other work on the machine disturbs least; tiles/s of the wall clock
# stand beside them. What is not installed is left out with a notice. Servers are stopped by their process ids.
#   N=4000 AREAS=100000 SIDE=10000 bench/serve/run.sh build/release
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build/release}" && pwd)
n=${N:-2000} areas=${AREAS:-100000} side=${SIDE:-10000} slow=${SLOW:-60}
work=${WORK:-$(mktemp -d)}
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null || :; done; [ -n "${WORK:-}" ] || rm -rf "$work"' EXIT INT TERM
mkdir -p "$work"
cd "$work"
tilth=$build/bin/tilth bench=$build/bench/serve/bench_tile
python=/usr/bin/python3

cpu_of() { # hundredths of a second of a process and its threads
    awk '{print $14 + $15}' "/proc/$1/stat"
}
peak_of() {
    awk '/VmHWM/ {printf "%.0f MiB", $2 / 1024}' "/proc/$1/status"
}
free_port() {
    $python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

[ -f p.gpkg ] || {
    $python "$here/make.py" areas "$areas" areas.geojson
    "$tilth" new p.gpkg --area=30,47.5,33,49.5 --cell 5km --quiet
    "$tilth" import p.gpkg areas.geojson --as hazard-area --quiet
}
$python "$here/make.py" urls "{z} {x} {y}" tiles.txt "$n"
[ -f r.tif ] || $python "$here/make.py" raster "$side" r.tif

echo "== vector tiles of $areas polygons, $n requests, function calls"
"$bench" vector p.gpkg tiles.txt
echo "== raster tiles of $side x $side cells, $n requests, function calls"
"$bench" raster r.tif tiles.txt | tee raster.txt

# wrk's own rate is over all of its seconds, also those after the last request of a bounded pass: it says something where passes are not bounded (0).
# As a browser asks: pass 1 has every tile made, pass 2 has them from the cache; then some seconds of the same ones.
drive() { # NAME PID URLS COOKIE PASSES
    cat >drive.lua <<LUA
local urls, at = {}, 0
for line in io.lines("$3") do urls[#urls + 1] = line end
wrk.headers["Cookie"] = "$4"
wrk.headers["Accept-Encoding"] = "gzip"
function request() at = at + 1; return wrk.format("GET", urls[(at - 1) % #urls + 1]) end
function response() done = (done or 0) + 1; if $5 > 0 and done >= #urls * $5 then wrk.thread:stop() end end
LUA
    before=$(cpu_of "$2")
    wrk -t1 -c8 -d"${SECONDS_EACH:-8}s" -s drive.lua "$6" >wrk.txt
    after=$(cpu_of "$2")
    count=$(awk '/requests in/ {print $1}' wrk.txt)
    awk -v name="$1" -v cpu=$((after - before)) -v count="$count" -v wall="$(awk '/Requests\/sec/ {print $2}' wrk.txt)" -v peak="$(peak_of "$2")" \
        -v bad="$(awk '/Non-2xx/ {print $NF}' wrk.txt)" \
        'BEGIN {printf "%-34s %8.1f us of CPU a tile, %9.0f tiles/s of CPU, %7.0f of wall clock, %s%s\n", name, 1e4 * cpu / count, 100 * count / (cpu + 0.5), wall, peak, bad == "" ? "" : ", not 2xx: " bad}'
}
if command -v wrk >/dev/null; then
    echo "== the same over HTTP, $n requests a pass"
    port=$(free_port)
    "$tilth" serve p.gpkg --port "$port" >serve.txt 2>serve.err &
    ours=$!
    pids="$pids $ours"
    while ! grep -q http serve.txt; do sleep 0.2; done
    key=$(sed 's/.*?//' serve.txt | head -1)
    cookie=$($python -c "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', $port); c.request('GET', '/?' + sys.argv[1]); print(c.getresponse().headers['Set-Cookie'].split(';')[0])" "$key")
    awk '{print "/api/1/tiles/vector/hazard-area/" $1 "/" $2 "/" $3 ".mvt"}' tiles.txt >ours.txt
    drive "tilth serve, each made" "$ours" ours.txt "$cookie" 1 "http://127.0.0.1:$port"
    drive "tilth serve, cached" "$ours" ours.txt "$cookie" 0 "http://127.0.0.1:$port"
    if command -v npm >/dev/null && { [ -d npm/node_modules/tileserver-gl-light ] ||
        (mkdir -p npm && cd npm && timeout 900 npm install --no-audit --no-fund tileserver-gl-light >npm.log 2>&1); }; then
        rm -f areas.mbtiles
        $python "$here/make.py" mbtiles "127.0.0.1:$port" "$cookie" areas.mbtiles
        other=$(free_port)
        echo '{"options": {"paths": {"root": ".", "fonts": ".", "styles": ".", "mbtiles": "."}}, "styles": {}, "data": {"areas": {"mbtiles": "areas.mbtiles"}}}' >other.json
        node npm/node_modules/tileserver-gl-light/src/main.js -c other.json --bind 127.0.0.1 --port "$other" >other.txt 2>&1 &
        theirs=$!
        pids="$pids $theirs"
        i=0
        until $python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$other/data/areas.json')" 2>/dev/null || [ $i -gt 60 ]; do sleep 0.5; i=$((i + 1)); done
        if [ $i -le 60 ]; then
            awk '{print "/data/areas/" $1 "/" $2 "/" $3 ".pbf"}' tiles.txt >theirs.txt
            drive "tileserver-gl-light, first pass" "$theirs" theirs.txt "" 1 "http://127.0.0.1:$other"
            drive "tileserver-gl-light, again" "$theirs" theirs.txt "" 0 "http://127.0.0.1:$other"
        else
            echo "tileserver-gl-light: left out, it does not start here ($(tail -1 other.txt | cut -c1-100))"
        fi
    else
        echo "tileserver-gl-light: left out, npm cannot install it here"
    fi
else
    echo "HTTP: left out, there is no wrk"
fi

echo "== rasters of others, $slow requests each"
ours_us=$(awk '/tiles not kept/ {print $5}' raster.txt)
line() { awk -v name="$1" -v us="$2" -v ours="$ours_us" 'BEGIN {printf "%-34s %8.1f us of CPU a tile: %.1f times ours (%.1f)\n", name, us, us / ours, ours}'; }
if $python -c 'import osgeo, numpy' 2>/dev/null; then
    line "GDAL, a file opened per request" "$($python "$here/gdal_tiles.py" r.tif tiles.txt "$slow")"
else
    echo "GDAL: left out, there is no python3-gdal"
fi
mapserv=$(command -v mapserv || echo /usr/lib/cgi-bin/mapserv)
if [ -x "$mapserv" ]; then
    cat >r.map <<MAPFILE
MAP
  EXTENT 300000 5270000 500000 5470000
  SIZE 256 256
  PROJECTION "init=epsg:3857" END
  OUTPUTFORMAT NAME "png" DRIVER AGG/PNG IMAGEMODE RGBA END
  WEB METADATA "wms_enable_request" "*" "wms_srs" "EPSG:3857" END END
  LAYER
    NAME "r" TYPE RASTER STATUS ON DATA "$work/r.tif"
    PROJECTION "init=epsg:32636" END
    PROCESSING "NODATA=nan"
    CLASS STYLE COLORRANGE 68 1 84 253 231 37 DATARANGE 0 0.001 END END
  END
END
MAPFILE
    us=$($python - "$mapserv" "$work/r.map" tiles.txt "$slow" <<'PY'
import os, resource, subprocess, sys
half, size = 20037508.342789244, 0
tiles = [tuple(map(int, l.split())) for l in open(sys.argv[3])][: int(sys.argv[4])]
before = resource.getrusage(resource.RUSAGE_CHILDREN)
for z, x, y in tiles:
    side = 2 * half / (1 << z)
    box = f"{-half + x * side},{half - (y + 1) * side},{-half + (x + 1) * side},{half - y * side}"
    query = f"SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS=r&STYLES=&SRS=EPSG:3857&BBOX={box}&WIDTH=256&HEIGHT=256&FORMAT=image/png&TRANSPARENT=true"
    env = {**os.environ, "REQUEST_METHOD": "GET", "QUERY_STRING": query, "MS_MAPFILE": sys.argv[2], "MAPSERVER_CONFIG_FILE": os.path.dirname(sys.argv[2]) + "/ms.conf"}
    out = subprocess.run([sys.argv[1]], env=env, capture_output=True).stdout
    if b"PNG" not in out[:400]:
        sys.exit("MapServer: " + out[:300].decode(errors="replace"))
after = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / len(tiles):.1f}")
PY
    ) && line "MapServer, CGI" "$us" || echo "MapServer: left out: $us"
else
    echo "MapServer: left out, there is no mapserv"
fi
