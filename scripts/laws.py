#!/usr/bin/python3
"""laws.py [--root FOLDER] [--libs FOLDER] [--only LAW]: the laws of the house (docs/house.md), checked.

Prints "passed LAW" or "FAILED LAW" with a line for each breach, then "N passed, N failed, N skipped". What is excepted stands in
scripts/laws.txt, each with its reason; an exception that nothing needs any more is a breach itself.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys

ROOMS = ["core", "par", "geo", "store", "evidence", "field", "hazard", "release", "survey", "forecast", "plan", "tile", "simulate", "report", "serve", "cli"]
PUBLIC = {"ctx": "core", "err": "core", "coord": "geo", "crs": "geo", "grid": "geo", "raster": "geo", "project": "store",
          "register": "store", "evidence": "evidence", "field": "field", "hazard": "hazard", "new": "hazard",
          "outdir": "hazard", "page": "report", "report": "report", "simulate": "simulate",
          "method": "store", "decision": "store", "local": "evidence", "tally": "evidence", "lattice": "field", "release": "release",
          "survey": "survey", "dossier": "report", "forecast": "forecast",
          "fan": "report", "plan_page": "report", "tile": "tile", "serve": "serve", "plan": "plan", "log": "store", "geometry": "geo", "facet": "store", "edit": "store", "attach": "store", "victim": "store", "fieldwork": "store", "basemap": "tile", "entry": "evidence", "rows": "geo", "pixels": "geo"}
# Pure rooms: what they may know beside themselves.
ONLY = {"core": [], "par": ["core"], "field": ["core", "par"], "geo": ["core", "par"]}
FOREIGN = [(r"gdal.*|ogr.*|cpl_.*", "geo"), (r"geos_c\.h", "geo"), (r"proj\.h|geodesic\.h", "geo"),
           (r"GeographicLib/.*", "geo"), (r"sqlite3\.h", "store"), (r"zip\.h|zlib\.h", "store"),
           (r"cholmod\.h|cblas\.h|lapacke?\.h", "field"), (r"cairo.*|pango/.*", "report"), (r"jansson\.h", "core"),
           (r"sodium\.h|sodium/.*", "core"), (r"libfyaml\.h", "core"), (r"omp\.h", "par"),
           (r"microhttpd\.h|seccomp\.h|linux/(landlock|seccomp)\.h|sys/syscall\.h", "serve"),
           (r"libdeflate\.h|png\.h", "tile")]
STANDARD = set("""assert.h complex.h ctype.h dirent.h errno.h fcntl.h fenv.h float.h iconv.h inttypes.h langinfo.h limits.h locale.h
    math.h poll.h pthread.h pwd.h signal.h spawn.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h
    time.h unistd.h termios.h arpa/inet.h netinet/in.h sys/socket.h sys/ioctl.h sys/mman.h sys/prctl.h sys/resource.h sys/stat.h sys/time.h sys/types.h sys/utsname.h sys/wait.h sys/file.h
    sys/statvfs.h sys/uio.h immintrin.h xmmintrin.h emmintrin.h
    algorithm cmath cstdio cstdlib cstring exception limits new string""".split())
FUNCTION_LINES, FILE_LINES, NESTING = 100, 800, 3
CODE = (".c", ".h", ".cc")


class House:
    def __init__(self, root, libs):
        self.root, self.libs = root, libs
        self.breaches, self.used, self.exceptions = [], set(), {}
        path = os.path.join(root, "scripts", "laws.txt")
        if os.path.exists(path):
            for line in open(path, encoding="utf-8"):
                if line.strip() and not line.startswith("#"):
                    law, what, reason = line.rstrip("\n").split(None, 2)
                    self.exceptions[(law, what)] = reason

    def breach(self, law, what, line, words):
        """One breach, unless `what` (a path or path:name) is excepted from this law."""
        for key in ((law, what), (law, what.split(":")[0])):
            if key in self.exceptions:
                self.used.add(key)
                return
        self.breaches.append(f"{what}{':' + str(line) if line else ''}: {words}")

    def files(self, *folders):
        for folder in folders:
            for path in sorted(glob.glob(os.path.join(self.root, folder, "**", "*"), recursive=True)):
                if path.endswith(CODE) and os.path.isfile(path):
                    yield os.path.relpath(path, self.root)

    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def lines(self, path):
        return self.text(path).splitlines()


def room_of(path):
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if path.startswith("include/tilth/") and len(parts) == 3:
        return PUBLIC.get(parts[2].removesuffix(".h"))
    return None


def is_test(path):
    return re.search(r"_(test|bench)\.(c|cc)$|/(fixture|made_up|decode)\.h$", path) is not None


def without_comments(text, strings=True):
    """The text with comments (and, unless wanted, the insides of strings) blanked; lines stay where they are."""
    def blank(match):
        found = match.group(0)
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        return found if strings else found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)


def law_includes(house):
    """An include never goes up the list of rooms; cli knows only the public headers."""
    for path in house.files("src", "include"):
        room = room_of(path)
        if room not in ROOMS:
            house.breach("includes", path, 0, "is in no room that laws.py knows; expected one of " + " ".join(ROOMS))
            continue
        for number, line in enumerate(house.lines(path), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match or (is_test(path) and "/" not in match.group(1)):
                continue
            other = match.group(1).split("/")[0]
            if other == "tilth":
                other = PUBLIC.get(match.group(1).split("/")[-1].removesuffix(".h"))
            elif room == "cli" and other != "cli" and not is_test(path):
                house.breach("includes", path, number, f"cli includes {match.group(1)}; expected public headers only")
            elif room == "serve" and other not in ("serve", "core", "par") and not is_test(path):
                house.breach("includes", path, number, f"serve includes {match.group(1)}; expected public headers, core's and par's only")
            if other not in ROOMS:
                house.breach("includes", path, number, f"includes {match.group(1)}, which is in no room")
            elif ROOMS.index(other) > ROOMS.index(room):
                house.breach("includes", path, number, f"room {room} includes {match.group(1)} of {other}, which stands above it")
            elif room in ONLY and other != room and other not in ONLY[room]:
                house.breach("includes", path, number, f"room {room} includes {match.group(1)} of {other}; it may know only "
                             + " ".join(ONLY[room] or ["itself"]))


def law_foreign(house):
    """A foreign header lives in one room."""
    for path in house.files("src", "include"):
        for number, line in enumerate(house.lines(path), 1):
            match = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if not match or match.group(1) in STANDARD:
                continue
            home = next((room for pattern, room in FOREIGN if re.fullmatch(pattern, match.group(1))), None)
            if home is None:
                house.breach("foreign", path, number, f"<{match.group(1)}> has no room; give it one in laws.py")
            elif home != room_of(path):
                house.breach("foreign", path, number, f"<{match.group(1)}> belongs to room {home}")
            elif path.startswith("include/"):
                house.breach("foreign", path, number, f"<{match.group(1)}> in a public header")


def functions(lines):
    """(name, first line, last line) of each function: a body stands between "{" and "}" at the margin."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            head = start - 1
            while head > 1 and lines[head - 2].strip() and lines[head - 2][:1] not in "}/ *#":
                head -= 1
            match = re.search(r"(\w+)\s*\(", " ".join(lines[head - 1:start - 1]))
            name = match.group(1) if match else "?"
            if name == "TEST":
                name = re.search(r"TEST\((\w+)", " ".join(lines[head - 1:start - 1])).group(1)
            yield name, start, number
            start = None


def law_length(house):
    """Functions have at most 100 lines, files at most 800."""
    for path in house.files("src", "include", "tests", "bench", "fuzz"):
        lines = house.lines(path)
        if len(lines) > FILE_LINES:
            house.breach("length", path, 0, f"has {len(lines)} lines; expected at most {FILE_LINES}")
        for name, first, last in functions(lines):
            if last - first - 1 > FUNCTION_LINES:
                house.breach("length", f"{path}:{name}", first, f"{last - first - 1} lines; expected at most {FUNCTION_LINES}")


def law_nesting(house):
    """Control statements nest at most three deep (tests may go deeper: they are tables)."""
    for path in house.files("src"):
        if is_test(path):
            continue
        lines = without_comments(house.text(path), strings=False).splitlines()
        for name, first, last in functions(lines):
            depth_at = []  # indents of the controls that are open
            for number in range(first, last - 1):
                line = lines[number]
                match = re.match(r"( +)(?:\} else )?(if|for|while|switch|do)\b", line)
                indent = len(line) - len(line.lstrip())
                if line.strip() and not line.lstrip().startswith(("case ", "default:", "#")):
                    while depth_at and indent <= depth_at[-1]:
                        depth_at.pop()
                if match:
                    depth_at.append(indent)
                    if len(depth_at) > NESTING:
                        house.breach("nesting", f"{path}:{name}", number + 1, f"nests {len(depth_at)} deep; expected at most {NESTING}")


def law_printing(house):
    """Only cli prints or exits."""
    pattern = re.compile(r"\b(printf|puts|putchar|vprintf|perror|stdout|stderr|exit|_exit|quick_exit|abort)\b\s*(\(?)")
    for path in house.files("src"):
        if is_test(path) or room_of(path) == "cli":
            continue
        for number, line in enumerate(without_comments(house.text(path), strings=False).splitlines(), 1):
            for word, bracket in pattern.findall(line):
                if bracket or word in ("stdout", "stderr"):
                    house.breach("printing", path, number, f"{word} outside cli")


def law_memory(house):
    """No malloc or free outside core."""
    pattern = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf|getline|aligned_alloc|"
                         r"posix_memalign|reallocarray|alloca)\s*\(")
    for path in house.files("src"):
        if is_test(path) or room_of(path) == "core":
            continue
        for number, line in enumerate(without_comments(house.text(path), strings=False).splitlines(), 1):
            for word in pattern.findall(line):
                house.breach("memory", path, number, f"{word} outside core; expected tl_alloc and tl_free")


def law_tests(house):
    """A test file stands beside each source file."""
    for path in house.files("src"):
        if path.endswith((".c", ".cc")) and not is_test(path):
            beside = re.sub(r"\.cc?$", "_test.c", path)
            if not os.path.exists(os.path.join(house.root, beside)):
                house.breach("tests", path, 0, f"has no {os.path.basename(beside)} beside it")


def law_words(house):
    """The program never says "safe"."""
    for path in house.files("src", "include"):
        if is_test(path):
            continue
        text = without_comments(house.text(path))
        for match in re.finditer(r'"(?:\\.|[^"\\\n])*"', text):
            if re.search(r"\bsafe(ly|ty|st|r)?\b", match.group(0), re.I):
                house.breach("words", path, text.count("\n", 0, match.start()) + 1, f"says {match.group(0)}")


def law_headers(house):
    """Each public header compiles alone, as C17 and as C++17."""
    if shutil.which("gcc") is None:
        return "there is no gcc"
    for path in house.files("include"):
        for language, standard in (("c", "c17"), ("c++", "c++17")):
            done = subprocess.run(["gcc", "-x", language, f"-std={standard}", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                                   "-I", os.path.join(house.root, "include"), "-include", os.path.join(house.root, path), "/dev/null"],
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                house.breach("headers", path, 0, f"does not compile alone as {standard}: " + done.stderr.strip().splitlines()[0])
    return None


def types_of(house, room):
    """Names that may begin a symbol of a room: the room, its files, its public headers, its types."""
    names = {room} | {name for name, home in PUBLIC.items() if home == room}
    for path in house.files("src", "include"):
        if room_of(path) == room:
            names.add(re.sub(r"\.\w+$", "", os.path.basename(path)))
            if path.endswith(".h"):
                names.update(re.findall(r"\b(?:struct|enum)\s+tl_(\w+)", house.text(path)))
    return names


def symbols(house):
    for room in ROOMS:
        library = os.path.join(house.libs, "src", room, f"libtl_{room}.a")
        if os.path.exists(library):
            done = subprocess.run(["nm", "-f", "sysv", library], capture_output=True, text=True, check=True)
            for line in done.stdout.splitlines():
                fields = [field.strip() for field in line.split("|")]
                if len(fields) == 7:
                    yield room, fields[0], fields[2], fields[6]


def law_symbols(house):
    """A symbol starts with tl_ and its file's, type's or room's name."""
    if house.libs is None or shutil.which("nm") is None:
        return "there is no build to look at (--libs)"
    allowed = {room: types_of(house, room) for room in ROOMS}
    for room, name, kind, _ in symbols(house):
        if kind not in ("T", "D", "B", "R", "C") or name.startswith(("_Z", "__", "DW.")):
            continue
        good = name.startswith("tl_") and (room == "core" or any(
            name in (f"tl_{prefix}", f"tl_{prefix}s") or name.startswith(f"tl_{prefix}_") for prefix in allowed[room]))
        if not good:
            house.breach("symbols", f"src/{room}:{name}", 0, "does not start with tl_ and its file's, type's or room's name")
    return None


def law_state(house):
    """No global state: nothing that can be written lives outside of functions and memory that is owned."""
    if house.libs is None or shutil.which("nm") is None:
        return "there is no build to look at (--libs)"
    for room, name, kind, section in symbols(house):
        writable = section in (".bss", ".data", "*COM*", ".tbss", ".tdata") or (
            section.startswith((".data.", ".bss.")) and not section.startswith(".data.rel.ro"))
        if writable and kind in "bBdDC" and not name.startswith(("__", ".", "DW.", "_Z")):
            house.breach("state", f"src/{room}:{name}", 0, f"is global state ({section})")
    return None


def law_commits(house):
    """Nothing generated is committed, and no path of anyone's machine."""
    done = subprocess.run(["git", "-C", house.root, "ls-files"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return "this is no git checkout"
    for path in done.stdout.splitlines():
        if path.startswith("docs/img/"):
            continue  # the pictures that pages show
        if re.search(r"\.(o|a|so|1|gpkg|tif|tiff|pdf|png|pyc|gcda|gcno|log)$|^build/|__pycache__", path):
            house.breach("commits", path, 0, "is generated")
        elif os.path.isfile(os.path.join(house.root, path)) and not path.startswith("scripts/laws"):
            with open(os.path.join(house.root, path), "rb") as file:
                if re.search(rb"(?<![\w.])/(work|home/\w|root)/", file.read()):
                    house.breach("commits", path, 0, "names a path of someone's machine")
    return None


LAWS = [law_includes, law_foreign, law_length, law_nesting, law_printing, law_memory, law_tests, law_words, law_headers, law_symbols,
        law_state, law_commits]


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    parser.add_argument("--libs", help="build folder whose static libraries are looked at")
    parser.add_argument("--only", help="one law")
    options = parser.parse_args(arguments)
    house = House(os.path.abspath(options.root), options.libs)
    passed = failed = skipped = 0
    checked = set()
    for law in LAWS:
        name = law.__name__.removeprefix("law_")
        if options.only not in (None, name):
            continue
        house.breaches = []
        why = law(house)
        if why:
            print(f"  {why}\nskipped {name}")
            skipped += 1
            continue
        checked.add(name)
        for breach in house.breaches:
            print(f"  {breach}")
        print(("FAILED" if house.breaches else "passed"), f"{name}: {law.__doc__}")
        passed += not house.breaches
        failed += bool(house.breaches)
    stale = [key for key in house.exceptions if key[0] in checked and key not in house.used]
    for law, what in stale:
        print(f"  scripts/laws.txt: nothing needs the exception {law} {what} any more")
    if options.only is None:
        print("FAILED" if stale else "passed", "exceptions: Each exception is needed.")
        passed += not stale
        failed += bool(stale)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
