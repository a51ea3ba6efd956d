#!/usr/bin/python3
"""run.py [--update] BIN CASE...: golden tests of the command line.

A case is a folder with cmd.sh and what it must give: stdout, stderr (absent = nothing), exit (absent = 0). cmd.sh runs under sh in a
fresh folder of its own with BIN first in PATH, tests/cli/lib.sh at $LIB, and the case's folder at $CASE. Exit code 77 skips it.

What differs from run to run is named before the comparison: the fresh folder DIR, the version VERSION, times TIME, SHA-256 sums HASH, unfinished files .part. In
an expected text a line "~ PATTERN" is a regular expression for the whole line, and a line "..." stands for any lines.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 120


def normal(text, folder, version):
    text = text.replace(folder, "DIR").replace(f"tilth {version}", "tilth VERSION").replace(f'"{version}"', '"VERSION"')
    text = re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", "TIME", text)
    text = re.sub(r"today \(\d{4}-\d\d-\d\d\)", "today (DATE)", text)
    return re.sub(r"\.part[-\w]+", ".part", text)


def matches(expected, got):
    """Whether lines match a list of expected lines with patterns."""
    if not expected:
        return not got
    if expected[0] == "...":
        return any(matches(expected[1:], got[at:]) for at in range(len(got) + 1))
    if not got:
        return False
    if expected[0].startswith("~ "):
        same = re.fullmatch(expected[0][2:], got[0]) is not None
    else:
        same = expected[0] == got[0]
    return same and matches(expected[1:], got[1:])


def read(path, absent):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return absent


def write(path, text, absent):
    if text == absent:
        if os.path.exists(path):
            os.remove(path)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def differences(case, name, got, update):
    expected = read(os.path.join(case, name), "")
    if matches(expected.splitlines(), got.splitlines()):
        return []
    if update:
        write(os.path.join(case, name), got, "")
        return []
    return list(difflib.unified_diff(expected.splitlines(), got.splitlines(), f"{name} expected", f"{name} given", lineterm=""))


def run(binary, case, update):
    """Lines that say what is wrong; None when the case was skipped."""
    version = subprocess.run([os.path.join(binary, "tilth"), "--version"], capture_output=True, text=True,
                             check=True).stdout.split()[-1]
    with tempfile.TemporaryDirectory(prefix="tilth-case-") as folder:
        os.chmod(folder, 0o777)
        environment = {**os.environ, "PATH": binary + os.pathsep + os.environ["PATH"], "LIB": os.path.join(HERE, "lib.sh"),
                       "CASE": case, "HOME": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        try:
            done = subprocess.run(["sh", os.path.join(case, "cmd.sh")], cwd=folder, env=environment, capture_output=True,
                                  text=True, errors="replace", timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return [f"took longer than {TIMEOUT_S} s"]
        if done.returncode == 77:
            print(f"  skipped: {done.stdout.strip()}")
            return None
        wrong = []
        for name, got in (("stdout", done.stdout), ("stderr", done.stderr)):
            wrong += differences(case, name, normal(got, folder, version), update)
        code = int(read(os.path.join(case, "exit"), "0"))
        if code != done.returncode and update:
            write(os.path.join(case, "exit"), f"{done.returncode}\n", "0\n")
        elif code != done.returncode:
            wrong.append(f"exit code {done.returncode}, expected {code}")
        return wrong


def main(arguments):
    update = arguments[:1] == ["--update"]
    binary, *cases = arguments[1:] if update else arguments
    passed = failed = skipped = 0
    for case in cases:
        case = os.path.abspath(case)
        wrong = run(os.path.abspath(binary), case, update)
        if wrong is None:
            skipped += 1
        elif wrong:
            failed += 1
            print("FAILED", os.path.basename(case))
            for line in wrong:
                print("  " + line)
        else:
            passed += 1
            print("passed", os.path.basename(case))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
