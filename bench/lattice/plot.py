#!/usr/bin/env python3
"""Draws docs/img/lattice-scaling.svg from what bench/lattice/run.sh --out wrote: time per cell and peak memory against cells; and
docs/img/lattice-convergence.svg from `bench_solver convergence`: residual against iteration.
    bench/lattice/plot.py results.csv docs/img/lattice-scaling.svg
    bench/lattice/plot.py convergence.csv docs/img/lattice-convergence.svg
Standard library only; SVGs of some hundred lines need no plotting package."""
import csv
import math
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 330, 62, 34, 20, 46


def axis(low, high):
    """Powers of ten that hold [low, high], and their range."""
    a, b = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return a, max(b, a + 1)


def panel(x0, width, points, title, unit, out):
    """One log-log panel: points are (cells, value, threads)."""
    ax, bx = axis(min(p[0] for p in points), max(p[0] for p in points))
    ay, by = axis(min(p[1] for p in points), max(p[1] for p in points))
    inner, tall = width - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    def at(cells, value):
        return (x0 + LEFT + inner * (math.log10(cells) - ax) / (bx - ax),
                TOP + tall * (1 - (math.log10(value) - ay) / (by - ay)))
    out.append(f'<text x="{x0 + LEFT}" y="20" font-weight="bold">{title} [{unit}]</text>')
    for power in range(ax, bx + 1):
        x, _ = at(10.0 ** power, 10.0 ** ay)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + tall}" stroke="#ddd"/>'
                   f'<text x="{x:.1f}" y="{TOP + tall + 18}" text-anchor="middle">1e{power}</text>')
    for power in range(ay, by + 1):
        _, y = at(10.0 ** ax, 10.0 ** power)
        out.append(f'<line x1="{x0 + LEFT}" y1="{y:.1f}" x2="{x0 + LEFT + inner}" y2="{y:.1f}" stroke="#ddd"/>'
                   f'<text x="{x0 + LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
    out.append(f'<text x="{x0 + LEFT + inner / 2}" y="{HEIGHT - 8}" text-anchor="middle">cells</text>')
    for threads, colour in ((1, "#1b6ca8"), (2, "#c8553d")):
        line = [at(c, v) for c, v, t in points if t == threads]
        if not line:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in line]
        out.append(f'<text x="{line[-1][0] - 4:.1f}" y="{line[-1][1] + (22 if threads == 1 else -8):.1f}" text-anchor="end" fill="{colour}">'
                   f'{threads} thread{"s" if threads > 1 else ""}</text>')


COLOURS = {"none": "#1b6ca8", "blocks": "#c8553d", "5 % of cells": "#3f7d3a"}
NAMES = {"none": "nothing searched", "blocks": "blocks, weights over six orders", "5 % of cells": "5 % of the cells, scattered"}
DASHES = {"256": "none", "1024": "6 3", "300": "2 3"}
SIZES = {"256": "256 x 256", "1024": "1024 x 1024", "300": "300 x 40"}


def residuals(x0, width, rows, spread, out):
    """One panel: all runs of one range; residual (log) against iteration, and the goal's corner."""
    top, tall, inner, last, low = 60, 250, width - 66, 22, -7
    def at(k, value):
        return x0 + 50 + inner * k / last, top + tall * math.log10(max(value, 1e-7)) / low
    out.append(f'<text x="{x0 + 50}" y="50" font-weight="bold">range {spread} cells</text>')
    for power in range(0, low - 1, -1):
        _, y = at(0, 10.0 ** power)
        out.append(f'<line x1="{x0 + 50}" y1="{y:.1f}" x2="{x0 + 50 + inner}" y2="{y:.1f}" stroke="#ddd"/>'
                   f'<text x="{x0 + 44}" y="{y + 4:.1f}" text-anchor="end">1e{power}</text>')
    for k in range(0, last + 1, 5):
        x, _ = at(k, 1.0)
        out.append(f'<text x="{x:.1f}" y="{top + tall + 16}" text-anchor="middle">{k}</text>')
    x, y = at(20, 1e-6)
    out.append(f'<polyline points="{x0 + 50},{y:.1f} {x:.1f},{y:.1f} {x:.1f},{top + tall}" fill="none" stroke="#666" stroke-width="1.5"/>')
    for weights, colour in COLOURS.items():
        for side, dash in DASHES.items():
            line = [at(int(r["iteration"]), float(r["residual"])) for r in rows if r["weights"] == weights and r["n_x"] == side]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dash}"/>')
    out.append(f'<text x="{x0 + 50 + inner / 2}" y="{top + tall + 34}" text-anchor="middle">iterations</text>')


def convergence(rows):
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 390" font-family="sans-serif" font-size="12">',
           '<rect width="900" height="390" fill="white"/>',
           '<text x="50" y="24" font-size="14" font-weight="bold">Residual of a solve; grey: the goal, 1e-6 in 20 iterations</text>']
    for k, spread in enumerate(["5", "40", "500"]):
        residuals(300 * k, 300, [r for r in rows if r["range"] == spread], spread, out)
    x = 50
    for weights, colour in COLOURS.items():
        out.append(f'<line x1="{x}" y1="372" x2="{x + 22}" y2="372" stroke="{colour}" stroke-width="3"/>'
                   f'<text x="{x + 28}" y="376">{NAMES[weights]}</text>')
        x += 50 + 7 * len(NAMES[weights])
    x = 500
    for side, dash in DASHES.items():
        out.append(f'<line x1="{x}" y1="20" x2="{x + 30}" y2="20" stroke="#222" stroke-width="1.6" stroke-dasharray="{dash}"/>'
                   f'<text x="{x + 36}" y="24">{SIZES[side]}</text>')
        x += 54 + 7 * len(SIZES[side])
    out.append("</svg>")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


def main():
    rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
    if "residual" in rows[0]:
        convergence(rows)
        return
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    take = [(float(r["cells"]), r, int(r["threads"])) for r in rows]
    panel(0, WIDTH // 2, [(c, 1e6 * float(r["cpu_s"]) / c, t) for c, r, t in take],
          "Processor time a cell", "microseconds", out)
    panel(WIDTH // 2, WIDTH // 2, [(c, float(r["peak_MiB"]) / 1024, t) for c, r, t in take],
          "Peak memory", "GiB", out)
    out.append("</svg>")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
