#!/usr/bin/env python3
"""Writes N points with a date, a category and a note as CSV: points.py N FILE. The same N gives the same bytes."""
import sys

n, path = int(sys.argv[1]), sys.argv[2]
state = 1
with open(path, "w") as out:
    out.write("lon,lat,date,category,description,team\n")
    for i in range(n):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        a, b = state >> 43, (state >> 11) % 2**21
        out.write(
            f"{30.0005 + a / 2**21 * 0.999:.6f},{50.0005 + b / 2**21 * 0.999:.6f},"
            f"{1990 + i % 30}-{1 + i % 12:02d}-{1 + i % 28:02d},{'AP mine' if i % 3 else 'UXO'},"
            f"sign seen by the road no {i},T{i % 17}\n"
        )
