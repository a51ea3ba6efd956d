#!/usr/bin/python3
"""count.py [--broken N] [--unhappy N] LOG [ALSO...]: sums the test cases of ctest's LastTest.log.

Each test program ends with "N passed, N failed[, N skipped]"; one that says nothing of the kind is one case by ctest's own verdict; one
that crashed counts as a failure beside what it had said; one whose program is missing never started, though ctest's log calls it
passed. N runs of ctest ended unhappily: were none of their reasons in the logs, that is a failure of its own. Of ALSO (the same tests under sanitizers) only failures count: a case that
passes twice is still one case. Prints "N passed, N failed" last; exit code 1 when anything failed.
"""
import re
import sys

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.M)
TEST = re.compile(r"^\d+/\d+ Test: (\S+)$(.*?)^(Test (?:Passed|Failed|Not Run)[^\n]*|\"\S+\" end time)",
                  re.M | re.S)


def verdicts(log):
    """Yields (name, passed, failed, skipped) for each test program of a log's text."""
    for name, text, verdict in TEST.findall(log):
        started = re.search(r'^"\S+" start time: *\S', text, re.M)
        ended_well = verdict.startswith("Test Passed") and started is not None
        summaries = SUMMARY.findall(text)
        if not summaries:
            yield name, int(ended_well), int(not ended_well), 0
            continue
        passed, failed, skipped = (int(figure or 0) for figure in summaries[-1])
        if not ended_well and failed == 0:
            failed = 1
        yield name, passed, failed, skipped


def main(arguments):
    failed = passed = skipped = 0
    told = {"--broken": 0, "--unhappy": 0}
    while arguments[:1] and arguments[0] in told:
        told[arguments[0]] = int(arguments[1])
        arguments = arguments[2:]
    failed = told["--broken"]
    for number, path in enumerate(arguments):
        try:
            with open(path, encoding="utf-8", errors="replace") as log:
                text = log.read()
        except OSError as why:
            print(f"count: {path}: {why.strerror}")
            failed += 1
            continue
        for name, n_passed, n_failed, n_skipped in verdicts(text):
            if n_failed:
                print(f"failed: {name} ({n_failed})" + (" under sanitizers" if number else ""))
            failed += n_failed
            if number == 0:
                passed += n_passed
                skipped += n_skipped
    if not failed and told["--unhappy"]:
        print("failed: ctest itself, for a reason that its log does not tell")
        failed = told["--unhappy"]
    if skipped:
        print(f"{skipped} skipped (their data or tools are absent)")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
