#!/usr/bin/env python3
"""Draws docs/img/lattice-scaling.svg from what bench/lattice/run.sh --out wrote: time per cell and peak memory against cells.
    bench/lattice/plot.py results.csv docs/img/lattice-scaling.svg
Standard library only; an SVG of some 60 lines needs no plotting package."""
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
    out.append(f'<text x="{x0 + LEFT}" y="20" font-weight="bold">{title}</text>')
    for power in range(ax, bx + 1):
        x, _ = at(10.0 ** power, 10.0 ** ay)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + tall}" stroke="#ddd"/>'
                   f'<text x="{x:.1f}" y="{TOP + tall + 18}" text-anchor="middle">1e{power}</text>')
    for power in range(ay, by + 1):
        _, y = at(10.0 ** ax, 10.0 ** power)
        out.append(f'<line x1="{x0 + LEFT}" y1="{y:.1f}" x2="{x0 + LEFT + inner}" y2="{y:.1f}" stroke="#ddd"/>'
                   f'<text x="{x0 + LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
    out.append(f'<text x="{x0 + LEFT + inner / 2}" y="{HEIGHT - 8}" text-anchor="middle">cells ({unit})</text>')
    for threads, colour in ((1, "#1b6ca8"), (2, "#c8553d")):
        line = [at(c, v) for c, v, t in points if t == threads]
        if not line:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in line]
        out.append(f'<text x="{line[-1][0] - 4:.1f}" y="{line[-1][1] - 8:.1f}" text-anchor="end" fill="{colour}">'
                   f'{threads} thread{"s" if threads > 1 else ""}</text>')


def main():
    rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
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
