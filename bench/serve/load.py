#!/usr/bin/python3
"""
64 people reading and 4 writing for a minute, on the loopback:

    python3 bench/serve/load.py BUILD/bin [--readers 64] [--writers 4] [--seconds 60] [--think 1.0]

Prints errors, lost writes (each is looked up in the log and in the record), the times of reads and writes, the server's processor time and its peak memory as JSON.
A reader thinks a second between views of up to 18 tiles, a writer two between records. Exit code 1 on any error or lost write.
"""
import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "serve"))
import load  # noqa: E402
from server import project  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--readers", type=int, default=64)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=1.0)
    options = parser.parse_args()
    os.environ["PATH"] = os.path.abspath(options.bin) + os.pathsep + os.environ["PATH"]
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        load.prepare(folder, "p.gpkg", options.readers, options.writers)
        found = load.run(path, options.readers, options.writers, options.seconds, options.think, 2 * options.think, [-75.2, 7.0, -75.02, 7.18])
    found["n_errors"], found["n_lost"] = len(found["errors"]), len(found["lost"])
    found["errors"], found["lost"] = found["errors"][:10], found["lost"][:10]
    print(load.as_text(found))
    sys.exit(1 if found["n_errors"] or found["n_lost"] else 0)


if __name__ == "__main__":
    main()
