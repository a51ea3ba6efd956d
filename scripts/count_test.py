#!/usr/bin/python3
"""Tests of count.py on made-up logs of ctest."""
import contextlib
import io
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import count  # noqa: E402

TEMPLATE = """{n}/9 Testing: {name}
{n}/9 Test: {name}
Command: "/x/{name}"
Directory: /x
"{name}" start time: Nov 22 16:00 UTC
Output:
----------------------------------------------------------
{output}
<end of output>
Test time =   0.01 sec
----------------------------------------------------------
{verdict}
"{name}" end time: Nov 22 16:00 UTC
----------------------------------------------------------

"""
GOOD = TEMPLATE.format(n=1, name="geo_grid", output="passed a\npassed b\n3 passed, 0 failed, 1 skipped", verdict="Test Passed.")
BAD = TEMPLATE.format(n=2, name="geo_crs", output="FAILED a\n2 passed, 1 failed, 0 skipped", verdict="Test Failed.")
CRASH = TEMPLATE.format(n=3, name="geo_geom", output="passed a", verdict="Test Failed.")
LEAK = TEMPLATE.format(n=4, name="geo_leak", output="4 passed, 0 failed, 0 skipped\nLeakSanitizer: ...", verdict="Test Failed.")
GONE = GOOD.replace("geo_grid", "geo_gone").replace("start time: Nov 22 16:00 UTC", "start time: ").replace(
    "passed a\npassed b\n3 passed, 0 failed, 1 skipped\n", "")
PLAIN = TEMPLATE.format(n=5, name="opens", output="fine", verdict="Test Passed.")


def last_line(*logs, broken=0, unhappy=0):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(logs):
            paths.append(os.path.join(folder, str(number)))
            if text is not None:
                with open(paths[-1], "w", encoding="utf-8") as file:
                    file.write("Start testing\n" + text)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = count.main(["--broken", str(broken), "--unhappy", str(unhappy)] + paths)
        return out.getvalue().splitlines()[-1], code


def main():
    cases = [
        ("cases are summed", last_line(GOOD + PLAIN), ("4 passed, 0 failed", 0)),
        ("failures are counted", last_line(GOOD + BAD), ("5 passed, 1 failed", 1)),
        ("a crash is a failure", last_line(GOOD + CRASH), ("3 passed, 1 failed", 1)),
        ("a failure after the summary is one", last_line(LEAK), ("4 passed, 1 failed", 1)),
        ("of sanitizers only failures count", last_line(GOOD, GOOD + LEAK), ("3 passed, 1 failed", 1)),
        ("a log that is not there is a failure", last_line(GOOD, None), ("3 passed, 1 failed", 1)),
        ("broken steps are failures", last_line(GOOD, broken=2), ("3 passed, 2 failed", 1)),
        ("a program that is missing is a failure", last_line(GOOD + GONE), ("3 passed, 1 failed", 1)),
        ("an unhappy end that no log explains is a failure", last_line(GOOD, unhappy=1), ("3 passed, 1 failed", 1)),
        ("an unhappy end that the log explains is counted once", last_line(GOOD + BAD, unhappy=1), ("5 passed, 1 failed", 1)),
        ("no test at all is no success", last_line(""), ("0 passed, 0 failed", 1)),
    ]
    n_failed = 0
    for name, got, expected in cases:
        print("passed" if got == expected else f"FAILED {got}", name)
        n_failed += got != expected
    print(f"{len(cases) - n_failed} passed, {n_failed} failed, 0 skipped")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
