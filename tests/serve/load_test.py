#!/usr/bin/python3
"""load_test.py BIN: eight readers and two writers at once for five seconds: no error, no lost write, and the log is whole. No timing is asserted."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load  # noqa: E402
from server import Cases, project  # noqa: E402


def main():
    run = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        load.prepare(folder, "p.gpkg", 8, 2)
        found = load.run(path, 8, 2, 5, 0.05, 0.05, [-75.2, 7.0, -75.02, 7.18])
        run.check("no error", not found["errors"], found["errors"][:3])
        run.check("something was read and written", found["read"]["n"] > 100 and found["n_written"] > 5, (found["read"]["n"], found["n_written"]))
        run.check("no write was lost: each is in the log and in the record", not found["lost"], found["lost"][:3])
        checked = subprocess.run(["tilth", "check", path, "--quiet"], capture_output=True, text=True, check=False)
        run.check("the project is whole, its log too", checked.returncode == 0, checked.stdout[-600:] + checked.stderr)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
