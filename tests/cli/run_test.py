#!/usr/bin/python3
"""Tests of run.py: a golden test that cannot fail would prove nothing."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run as runner  # noqa: E402


def verdict(cmd, **expected):
    """What run() says of a case; the binary is a made-up tilth."""
    with tempfile.TemporaryDirectory() as folder:
        binary, case = os.path.join(folder, "bin"), os.path.join(folder, "case")
        os.makedirs(binary)
        os.makedirs(case)
        with open(os.path.join(binary, "tilth"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho tilth 9.9\n")
        os.chmod(os.path.join(binary, "tilth"), 0o755)
        for name, text in {"cmd.sh": cmd, **expected}.items():
            with open(os.path.join(case, name), "w", encoding="utf-8") as file:
                file.write(text)
        return runner.run(binary, case, False)


def main():
    cases = [
        ("the same text passes", verdict("echo a", stdout="a\n") == []),
        ("another text fails", verdict("echo a", stdout="b\n") != []),
        ("missing text fails", verdict("true", stdout="b\n") != []),
        ("text where nothing is expected fails", verdict("echo a >&2", stdout="") != []),
        ("another exit code fails", verdict("exit 3") != []),
        ("the expected exit code passes", verdict("exit 3", exit="3\n") == []),
        ("77 skips", verdict("exit 77") is None),
        ("a pattern holds for its line", verdict("echo took 12 s", stdout="~ took \\d+ s\n") == []),
        ("a pattern must hold for the whole line", verdict("echo took 12 s now", stdout="~ took \\d+ s\n") != []),
        ("dots stand for any lines", verdict("echo a; echo b; echo c", stdout="a\n...\nc\n") == []),
        ("dots do not stand for what follows", verdict("echo a; echo b", stdout="a\n...\nc\n") != []),
        ("version and folder have names", verdict("tilth; pwd", stdout="tilth VERSION\nDIR\n") == []),
        ("times and sums have names", verdict("echo 2026-11-22T10:11:12Z; printf '' | sha256sum", stdout="TIME\nHASH  -\n") == []),
    ]
    for name, good in cases:
        print("passed" if good else "FAILED", name)
    n_failed = sum(not good for _, good in cases)
    print(f"{len(cases) - n_failed} passed, {n_failed} failed, 0 skipped")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
