#!/usr/bin/python3
"""run_docs.py BIN FILE.md...: runs the ```sh blocks of documents, in order, each document in a fresh folder.

A block fails when a command of it fails (sh -e). What a block needs or must say stands in its info string:

    ```sh                      runs
    ```sh data=colombia        runs where the real data are ($TILTH_DATA/colombia, copied beside), is skipped elsewhere
    ```sh exit=4               must end with this exit code
    ```sh norun                is not run (it installs things)

A block ```output after one holds beginnings of lines that must come in what the block printed, in that order.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(sh|output)([^\n]*)\n(.*?)^```$", re.M | re.S)


def run_block(text, folder, expected_code):
    done = subprocess.run(["sh", "-e", "-c", text], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=500, stdin=subprocess.DEVNULL)
    wrong = ""
    if done.returncode != expected_code:
        wrong = f"exit code {done.returncode}, expected {expected_code}:\n{done.stdout}"
    return done.stdout, wrong


def missing_line(expected, printed):
    """The first line of `expected` that does not come, in order; None when all do."""
    lines = iter(printed.splitlines())
    for line in expected.splitlines():
        if line.strip() and not any(given.startswith(line.rstrip()) for given in lines):
            return line
    return None


def place(data, folder):
    """Copies real data beside the commands; False where they are absent."""
    source = os.path.join(os.environ.get("TILTH_DATA", ""), data)
    if not os.environ.get("TILTH_DATA") or not os.path.isdir(source):
        return False
    for name in os.listdir(source):
        if os.path.isfile(os.path.join(source, name)):
            shutil.copy(os.path.join(source, name), folder)
    return True


def run_document(path):
    """(passed, failed, skipped) of a document; after a failure the rest of it is not run."""
    passed = failed = skipped = 0
    printed = None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as folder:
        for match in BLOCK.finditer(text):
            language, info, body = match.groups()
            line = text.count("\n", 0, match.start()) + 1
            what = f"{os.path.basename(path)}:{line}"
            settings = dict(item.partition("=")[::2] for item in info.split())
            if language == "output":
                if printed is None:
                    continue
                missing = missing_line(body, printed)
                failed += missing is not None
                passed += missing is None
                print("passed" if missing is None else "FAILED", what, "" if missing is None else f"does not say: {missing}\n{printed}")
                continue
            if "norun" in settings or ("data" in settings and not place(settings["data"], folder)):
                printed = None
                skipped += "norun" not in settings
                continue
            printed, wrong = run_block(body, folder, int(settings.get("exit", 0)))
            print("FAILED" if wrong else "passed", what, wrong)
            passed += not wrong
            failed += bool(wrong)
            if wrong:
                break
    return passed, failed, skipped


def main(binary, *paths):
    os.environ["PATH"] = os.path.abspath(binary) + os.pathsep + os.environ["PATH"]
    totals = [run_document(path) for path in paths]
    passed, failed, skipped = (sum(column) for column in zip(*totals))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
