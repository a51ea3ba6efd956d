#!/bin/sh
# run.sh [BUILD_FOLDER]: speed of tiles, against tileserver-gl-light (npm), MapServer's CGI and GDAL reading per request. Loopback only; requests and times are
# bounded. Figures are processor time (user + system) of the server, which other work on the machine disturbs least; tiles/s of the wall clock
# stand beside them. What is not installed is left out with a notice. Servers are stopped by their process ids.
# "Made anew": nothing is kept anywhere. "From disk": a server that was started again, as one with an MBTiles file is. "From memory": again.
#   N=2000 AREAS=100000 SIDE=10000 SLOW=60 WORK=a-folder-to-keep NPM=where-it-is-installed bench/serve/run.sh build/release
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
row() { # GROUP NAME MICROSECONDS REMARK: a line of the table
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$work/table.txt"
}
left_out() {
    echo "$1" | tee -a "$work/notices.txt"
}
: >table.txt
: >notices.txt

[ -f p.gpkg ] || {
    $python "$here/make.py" areas "$areas" areas.geojson
    "$tilth" new p.gpkg --area=30,47.5,33,49.5 --cell 5km --quiet
    "$tilth" import p.gpkg areas.geojson --as hazard-area --quiet
}
$python "$here/make.py" urls "{z} {x} {y}" tiles.txt "$n"
rasters=yes
$python -c 'import osgeo, numpy' 2>/dev/null || { rasters=; left_out "rasters: left out, there is no python3-gdal with numpy to make one"; }
[ -z "$rasters" ] || [ -f r.tif ] || $python "$here/make.py" raster "$side" r.tif

# bench_tile prints "NAME   12.3 us of CPU a tile, ..."
rows() { # GROUP FILE PREFIX
    sed -n 's/^\(.*[^ ]\)  *\([0-9.]*\) us of CPU a tile.*, \([0-9.]* KiB each\)$/\1\t\2\t\3/p' "$2" | grep -v '^(' | while IFS="$(printf '\t')" read -r name us size; do
        row "$1" "$3$name" "$us" "$size"
    done
}
echo "== vector tiles of $areas polygons, $n requests, function calls"
"$bench" vector p.gpkg tiles.txt >vector.txt
cat vector.txt
rows vector vector.txt "tilth, a function: "
if [ -n "$rasters" ]; then
    echo "== raster tiles of $side x $side cells, $n requests, function calls"
    "$bench" raster r.tif tiles.txt >raster.txt
    cat raster.txt
    rows raster raster.txt "tilth, a function: "
    row raster "memory of that process at most" "" "$(awk '/most memory/ {print $3 " MiB"}' raster.txt)"
    row raster "tilth, the first look at the raster" "$(awk '/first look/ {print 1e6 * $7; exit}' raster.txt)" "once, not a tile"
fi

# wrk's own rate is over all of its seconds, also those after the last request of a bounded pass.
drive() { # NAME PID URLS COOKIE PASSES(0 = for some seconds) ADDRESS
    cat >drive.lua <<LUA
local urls, at = {}, 0
for line in io.lines("$3") do urls[#urls + 1] = line end
wrk.headers["Cookie"] = "$4"
wrk.headers["Accept-Encoding"] = "gzip"
function request() at = at + 1; return wrk.format("GET", urls[(at - 1) % #urls + 1]) end
function response() done = (done or 0) + 1; if $5 > 0 and done >= #urls * $5 then wrk.thread:stop() end end
LUA
    seconds=${SECONDS_EACH:-8}
    [ "$5" = 0 ] || seconds=$((seconds * 8)) # a pass ends by itself
    before=$(cpu_of "$2")
    wrk -t1 -c8 --timeout 30s -d"${seconds}s" -s drive.lua "$6" >wrk.txt
    after=$(cpu_of "$2")
    count=$(awk '/requests in/ {print $1}' wrk.txt)
    bad=$(awk '/Non-2xx/ {print ", not 2xx: " $NF}' wrk.txt)
    us=$(awk -v cpu=$((after - before)) -v count="$count" 'BEGIN {printf "%.1f", 1e4 * cpu / count}')
    echo "$1: $us us of CPU a tile, $count requests, $(peak_of "$2")$bad"
    row vector "$1" "$us" "HTTP, $(peak_of "$2") at most$bad"
}
serve_up() { # starts tilth on p.gpkg: sets ours, port, cookie
    port=$(free_port)
    : >serve.txt
    "$tilth" serve p.gpkg --port "$port" >serve.txt 2>serve.err &
    ours=$!
    pids="$pids $ours"
    i=0
    while ! grep -q http serve.txt && [ $i -lt 150 ]; do sleep 0.2; i=$((i + 1)); done
    key=$(grep -o 'key=[0-9a-f]*' serve.txt | head -1)
    cookie=$($python -c "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', $port); c.request('GET', '/?' + sys.argv[1]); print(c.getresponse().headers['Set-Cookie'].split(';')[0])" "$key")
}
serve_down() {
    kill "$ours" 2>/dev/null || :
    wait "$ours" 2>/dev/null || :
}
other_server() {
    rm -f areas.mbtiles
    $python "$here/make.py" mbtiles "127.0.0.1:$port" "$cookie" areas.mbtiles "$n"
    other=$(free_port)
    echo '{"options": {"paths": {"root": ".", "fonts": ".", "styles": ".", "mbtiles": "."}}, "styles": {}, "data": {"areas": {"mbtiles": "areas.mbtiles"}}}' >other.json
    node "$npm/node_modules/tileserver-gl-light/src/main.js" -c other.json --bind 127.0.0.1 --port "$other" >other.txt 2>&1 &
    theirs=$!
    pids="$pids $theirs"
    i=0
    until $python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$other/data/areas.json')" 2>/dev/null || [ $i -gt 120 ]; do sleep 0.5; i=$((i + 1)); done
    if [ $i -gt 120 ]; then
        left_out "tileserver-gl-light: left out, it does not start here ($(tail -1 other.txt | cut -c1-100))"
        return
    fi
    awk '{print "/data/areas/" $1 "/" $2 "/" $3 ".pbf"}' tiles.txt >theirs.txt
    drive "tileserver-gl-light, first pass" "$theirs" theirs.txt "" 1 "http://127.0.0.1:$other"
    drive "tileserver-gl-light, again" "$theirs" theirs.txt "" 0 "http://127.0.0.1:$other"
}
npm=${NPM:-$work/npm}
if command -v wrk >/dev/null; then
    echo "== the same over HTTP, $n requests a pass"
    awk '{print "/api/1/tiles/vector/hazard-area/" $1 "/" $2 "/" $3 ".mvt"}' tiles.txt >ours.txt
    rm -rf p.gpkg.tiles
    serve_up
    drive "tilth serve, made anew" "$ours" ours.txt "$cookie" 1 "http://127.0.0.1:$port"
    drive "tilth serve, from memory" "$ours" ours.txt "$cookie" 0 "http://127.0.0.1:$port"
    serve_down
    serve_up # nothing in memory: from disk, as the other server does
    drive "tilth serve, from disk" "$ours" ours.txt "$cookie" 1 "http://127.0.0.1:$port"
    if [ ! -d "$npm/node_modules/tileserver-gl-light" ] && command -v npm >/dev/null; then
        mkdir -p "$npm"
        (cd "$npm" && timeout 900 npm install --no-audit --no-fund tileserver-gl-light && timeout 600 npm rebuild sqlite3 --foreground-scripts) >npm.log 2>&1 || :
    fi
    if [ -d "$npm/node_modules/tileserver-gl-light" ]; then
        other_server
    else
        left_out "tileserver-gl-light: left out, npm cannot install it here"
    fi
    serve_down
else
    left_out "HTTP and tileserver-gl-light: left out, there is no wrk"
fi

mapserver() {
    mapserv=$(command -v mapserv || echo /usr/lib/cgi-bin/mapserv)
    [ -x "$mapserv" ] || { left_out "MapServer: left out, there is no mapserv (cgi-mapserver)"; return; }
    sed "s|@WORK@|$work|" "$here/mapserver.map" >r.map
    if us=$($python "$here/cgi_tiles.py" "$mapserv" "$work/r.map" tiles.txt "$slow" 2>cgi.err); then
        row raster "MapServer, CGI" "$us" "$slow tiles"
    else
        left_out "MapServer: left out: $(tail -1 cgi.err | cut -c1-200)"
    fi
}
if [ -n "$rasters" ]; then
    echo "== rasters of others, $slow requests each"
    row raster "GDAL, the file opened for each tile" "$($python "$here/gdal_tiles.py" r.tif tiles.txt "$slow")" "$slow tiles"
    mapserver
fi

$python "$here/table.py" table.txt
cat notices.txt
