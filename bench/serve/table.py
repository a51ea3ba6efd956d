#!/usr/bin/python3
"""table.py FILE: the table that run.sh ends with, from lines of group, name, microseconds of processor time, remark; ratios to the others."""
import sys

PEERS = {"vector": ["tileserver-gl-light, first pass", "tileserver-gl-light, again"], "raster": ["GDAL, the file opened for each tile", "MapServer, CGI"]}
SHORT = dict(zip([peer for peers in PEERS.values() for peer in peers], ["theirs, first pass", "theirs, again", "GDAL", "MapServer"]))
OURS = {"vector": "tilth serve", "raster": "tilth, a function"} # what is the same kind of thing as the others'
TITLES = {"vector": "vector tiles", "raster": "raster tiles"}


def main():
    rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
    for group, peers in PEERS.items():
        mine = [row for row in rows if row[0] == group]
        if not mine:
            continue
        cost = {name: float(us) for _, name, us, _ in mine if us}
        here = [peer for peer in peers if cost.get(peer)]
        print(f"\n{TITLES[group]:<52} {'us of CPU':>10}", *(f"{SHORT[peer]:>20}" for peer in here), " remark")
        for _, name, us, remark in mine:
            ratios = [f"{cost[peer] / cost[name]:>18.1f} x" if name.startswith(OURS[group]) and "once" not in remark and cost.get(name) else " " * 20 for peer in here]
            print(f"{name:<52} {us:>10}", *ratios, "", remark)


main()
