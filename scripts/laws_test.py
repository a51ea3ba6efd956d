#!/usr/bin/python3
"""Tests of laws.py: a small house that breaks each law once, and one that breaks none."""
import contextlib
import io
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import laws  # noqa: E402

GOOD = {
    "include/tilth/grid.h": "#ifndef G\n#define G\n#ifdef __cplusplus\nextern \"C\" {\n#endif\nint tl_grid_one(void);\n#ifdef __cplusplus\n}\n#endif\n#endif\n",
    "src/geo/grid.c": "#include \"tilth/grid.h\"\n\n/* It is never safe to say so in a comment only. */\nint tl_grid_one(void)\n{\n    return 1;\n}\n",
    "src/geo/grid_test.c": "#include <stdio.h>\n#include \"tilth/grid.h\"\n\nint main(void)\n{\n    printf(\"safe in a test\\n\");\n    return 0;\n}\n",
}
LONG = "#include \"tilth/grid.h\"\nint tl_grid_one(void)\n{\n" + "    ;\n" * 101 + "    return 1;\n}\n"
DEEP = ("int tl_grid_one(void)\n{\n    for (;;) {\n        if (1) {\n            while (1) {\n                if (1)\n"
        "                    return 1;\n            }\n        }\n    }\n}\n")
# law, file, its text: each breaks that law and is put beside (or over) the good house.
BAD = [
    ("includes", "src/geo/up.h", "#include \"store/sql.h\"\n"),
    ("includes", "src/cli/down.c", "#include \"core/core.h\"\n"),
    ("includes", "src/field/side.c", "#include \"tilth/grid.h\"\n"),
    ("includes", "src/attic/odd.c", "\n"),
    ("foreign", "src/geo/db.h", "#include <sqlite3.h>\n"),
    ("foreign", "src/geo/new.h", "#include <curl/curl.h>\n"),
    ("foreign", "include/tilth/crs.h", "#include <proj.h>\n"),
    ("length", "src/geo/grid.c", LONG),
    ("length", "src/geo/tall.h", "\n" * 801),
    ("nesting", "src/geo/grid.c", DEEP),
    ("printing", "src/geo/grid.c", "void f(void)\n{\n    printf(\"x\");\n}\n"),
    ("printing", "src/geo/grid.c", "void f(void)\n{\n    exit(1);\n}\n"),
    ("memory", "src/geo/grid.c", "void f(void *p)\n{\n    free(p);\n}\n"),
    ("tests", "src/geo/lonely.c", "int x;\n"),
    ("words", "src/geo/grid.c", "const char *a = \"this field is safe\";\n"),
    ("words", "src/geo/grid.c", "const char *a = \"Safely so\";\n"),
    ("headers", "include/tilth/raster.h", "int tl_raster_one(size_t n);\n"),
    ("headers", "include/tilth/raster.h", "int *tl_raster_new(int class);\n"),
    ("exceptions", "scripts/laws.txt", "memory src/geo/grid.c for a reason long gone\n"),
]
# Texts that look like breaches and are none.
FINE = [
    ("memory", "src/geo/grid.c", "void f(void *p)\n{\n    tl_free(p);\n    GEOSFree_r(p);\n    p->free(p);\n}\n"),
    ("printing", "src/geo/grid.c", "const char *a = \"printf(x)\"; /* exit(1) */\nint print_all(void);\n"),
    ("words", "src/geo/grid.c", "const char *a = \"unsafe, safeguard\";\n"),
    ("nesting", "src/geo/grid.c", DEEP.replace("                if (1)\n    ", "    ")),
]


def run(files, build=False):
    """Verdict of each law on a house made of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        arguments = ["--root", root]
        if build:
            folder = os.path.join(root, "libs", "src", "geo")
            os.makedirs(folder)
            subprocess.run(["gcc", "-c", "-I", os.path.join(root, "include"), "-o", os.path.join(folder, "grid.o"),
                            os.path.join(root, "src/geo/grid.c")], check=True)
            subprocess.run(["ar", "rc", os.path.join(folder, "libtl_geo.a"), os.path.join(folder, "grid.o")], check=True)
            arguments += ["--libs", os.path.join(root, "libs")]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            laws.main(arguments)
        verdicts = {}
        for line in out.getvalue().splitlines():
            word, _, rest = line.partition(" ")
            if word in ("passed", "FAILED", "skipped"):
                verdicts[rest.split(":")[0]] = word
        return verdicts


def main():
    results = []

    def case(name, good):
        results.append(good)
        print("passed" if good else "FAILED", name)

    verdicts = run(GOOD, build=True)
    case("a good house breaks no law", "FAILED" not in verdicts.values() and len(verdicts) >= 12)
    for law, path, text in BAD:
        verdicts = run({**GOOD, path: text})
        case(f"{law}: {path} is a breach", verdicts[law] == "FAILED")
    for law, path, text in FINE:
        verdicts = run({**GOOD, path: text})
        case(f"{law}: {path} is none", verdicts[law] == "passed")
    verdicts = run({**GOOD, "src/geo/grid.c": "int tl_other_one(void);\nint tl_other_one(void)\n{\n    return 1;\n}\n"}, build=True)
    case("symbols: a stranger's prefix is a breach", verdicts["symbols"] == "FAILED")
    verdicts = run({**GOOD, "src/geo/grid.c": "static int n;\nint tl_grid_one(void);\nint tl_grid_one(void)\n{\n    return n++;\n}\n"}, build=True)
    case("state: a static counter is a breach", verdicts["state"] == "FAILED")
    verdicts = run({**GOOD, "src/geo/lonely.c": "\n", "scripts/laws.txt": "tests src/geo/lonely.c because\n"})
    case("an exception excepts", verdicts["tests"] == "passed" and verdicts["exceptions"] == "passed")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed, 0 skipped")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
