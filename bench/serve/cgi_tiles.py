#!/usr/bin/python3
"""cgi_tiles.py MAPSERV MAPFILE TILES N: tiles by MapServer's CGI, a process each; microseconds of processor time a tile."""
import os
import resource
import subprocess
import sys

HALF = 20037508.342789244


def main():
    tiles = [tuple(map(int, line.split())) for line in open(sys.argv[3], encoding="utf-8")][: int(sys.argv[4])]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for z, x, y in tiles:
        side = 2 * HALF / (1 << z)
        box = f"{-HALF + x * side},{HALF - (y + 1) * side},{-HALF + (x + 1) * side},{HALF - y * side}"
        query = f"SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS=r&STYLES=&SRS=EPSG:3857&BBOX={box}&WIDTH=256&HEIGHT=256&FORMAT=image/png&TRANSPARENT=true"
        env = {**os.environ, "REQUEST_METHOD": "GET", "QUERY_STRING": query, "MS_MAPFILE": sys.argv[2], "MAPSERVER_CONFIG_FILE": os.path.dirname(sys.argv[2]) + "/ms.conf"}
        out = subprocess.run([sys.argv[1]], env=env, capture_output=True, timeout=60, check=False).stdout
        if b"PNG" not in out[:400]:
            sys.exit("no picture: " + out[:300].decode(errors="replace").replace("\n", " "))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / len(tiles):.1f}")


main()
