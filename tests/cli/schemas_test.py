#!/usr/bin/python3
"""schemas_test.py BIN SCHEMAS: runs every command with --json and validates what it prints; also the JSON files that map and field write."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Cases:
    def __init__(self, folder, schemas):
        import jsonschema
        self.validator = jsonschema.Draft202012Validator
        self.folder, self.schemas, self.results = folder, schemas, []

    def verdict(self, name, wrong):
        self.results.append(not wrong)
        print("FAILED" if wrong else "passed", name, wrong or "")

    def check(self, text, schema):
        """What is wrong with a JSON text, "" when it is valid."""
        with open(os.path.join(self.schemas, f"tilth.{schema}.1.json"), encoding="utf-8") as file:
            rules = json.load(file)
        try:
            value = json.loads(text)
        except ValueError as why:
            return f"is no JSON: {why}"
        error = next(iter(sorted(self.validator(rules).iter_errors(value), key=lambda e: list(map(str, e.path)))), None)
        return "" if error is None else f"{'/'.join(map(str, error.path))}: {error.message[:300]}"

    def command(self, schema, *arguments):
        done = subprocess.run(["tilth", *arguments, "--json"], cwd=self.folder, capture_output=True, text=True, check=False)
        wrong = f"exit {done.returncode}: {done.stderr}" if done.returncode not in (0, 12) else self.check(done.stdout, schema)
        self.verdict(f"{schema}: tilth {' '.join(arguments)}", wrong)

    def file(self, schema, path):
        try:
            with open(os.path.join(self.folder, path), encoding="utf-8") as file:
                self.verdict(f"{schema}: {path}", self.check(file.read(), schema))
        except OSError as why:
            self.verdict(f"{schema}: {path}", str(why))


def run(folder, schemas):
    cases = Cases(folder, schemas)
    subprocess.run(["sh", "-c", '. "$LIB"; accidents a.csv; echo nothing,here >>a.csv; raster y.asc 4 3 0 1 0 2 0 0 0 0 1 0 0 3; '
                    "area h.geojson -75.15 7.05 -75.12 7.08; raster e.asc 4 3 9e3 9e3 9e3 9e3 9e3 9e3 9e3 9e3 9e3 9e3 9e3 9e3"], cwd=folder, check=True,
                   env={**os.environ, "LIB": os.path.join(HERE, "lib.sh")})
    cases.command("help", "help")
    cases.command("help", "help", "map")
    cases.command("forecast-scenarios", "forecast", "--builtin", "list")
    cases.command("forecast", "forecast", "--builtin", "ukraine-persistent", "--builtin", "ukraine-non-persistent", "--draws", "256")
    with open(os.path.join(folder, "casualties.csv"), "w", encoding="utf-8") as file:
        file.write("year,killed,injured\n2001,3,9\n2002,2,7\n2003,4,4\n2004,1,6\n")
    cases.command("forecast-calibration", "forecast", "calibrate", "casualties.csv")
    cases.command("new", "new", "p.gpkg", "--area=-75.2,7.0,-75.02,7.18", "--cell", "1km")
    cases.command("account", "account", "p.gpkg", "list")
    cases.command("import", "import", "p.gpkg", "a.csv", "--as", "accident", "--map", "date=year", "--dry-run")
    cases.command("import", "import", "p.gpkg", "a.csv", "--as", "accident", "--map", "date=year")
    cases.command("map-run", "map", "p.gpkg", "--out", "m")
    cases.file("map", "m/map.json")
    cases.command("explain", "explain", "p.gpkg", "--at", "-75.11,7.05")
    cases.command("import", "import", "p.gpkg", "h.geojson", "--as", "hazard-area")
    cases.command("map-run", "map", "p.gpkg", "--out", "m", "--overwrite")
    cases.command("methods", "methods", "p.gpkg", "--write", "methods.yaml")
    cases.command("methods", "methods", "p.gpkg", "--edit", "methods.yaml")
    cases.command("assess", "assess", "p.gpkg", "--area", "HA-0001", "--criteria", os.path.join(HERE, "criteria.yaml"), "--out", "dossier")
    cases.file("assess", "dossier/assess.json")
    cases.command("assess", "assess", "p.gpkg", "--polygon", "h.geojson", "--depth", "20cm", "--what-if", "manual,2")
    cases.command("assess-all", "assess", "p.gpkg", "--all")
    cases.command("release", "release", "p.gpkg", "--area", "HA-0001", "--as", "cleared", "--by", "O. K.", "--role", "approver", "--reason", "x")
    cases.command("assess", "assess", "p.gpkg", "--area", "HA-0001", "--no-keep")
    subprocess.run(["sh", "-c", "echo 'lon,lat\n-75.13,7.06' >n.csv"], cwd=folder, check=True)
    cases.command("import", "import", "p.gpkg", "n.csv", "--as", "accident")
    cases.command("findings", "findings", "p.gpkg")
    cases.command("findings", "findings", "p.gpkg", "--answer", "1", "--by", "I. B.", "--role", "approver", "--reason", "y", "--all")
    with open(os.path.join(folder, "teams.yaml"), "w", encoding="utf-8") as file:
        file.write('start: 2027-01-01\nteams: [{name: A, base: "-75.1, 7.1", methods: [manual], size: 2000 deminers, cost: 1 kUSD/day}]\n'
                   'districts: [{name: N, areas: [B-1]}]\nfloors: [{district: N, share: 5 %}]\n')
    with open(os.path.join(folder, "b.csv"), "w", encoding="utf-8") as file:
        file.write('id,name,status,wkt\nB-1,Поле,open,"POLYGON((-75.14 7.05,-75.12 7.05,-75.12 7.06,-75.14 7.05))"\n')
    subprocess.run(["tilth", "import", "p.gpkg", "b.csv", "--as", "hazard-area", "--quiet"], cwd=folder, check=True)
    cases.command("plan", "plan", "p.gpkg", "--budget", "1MUSD", "--years", "2", "--teams", "teams.yaml", "--solver", "heuristic", "--out", "plan")
    cases.file("plan", "plan/plan.json")
    cases.command("plan-explain", "plan", "explain", "p.gpkg", "--task", "HA-0002")
    cases.command("plan", "plan", "p.gpkg", "--budget", "100kUSD", "--years", "1", "--teams", "teams.yaml", "--objective", "land", "--solver", "heuristic")
    cases.command("run-plan", "map", "p.gpkg", "--out", "never", "--plan")
    cases.command("transects", "survey", "transects", "p.gpkg", "--area", "HA-0001", "--width", "2m", "--target", "circle 40m", "--spacing", "500m")
    cases.command("inspect", "survey", "inspect", "--units", "1000", "--free", "99%", "--confidence", "95%")
    cases.command("inspect", "survey", "inspect", "--from", "p.gpkg", "--area", "HA-0001", "--free", "90%", "--confidence", "90%", "--stratify", "risk", "--unit", "100m")
    cases.command("next", "survey", "next", "p.gpkg", "--hours", "400", "--method", "manual", "--out", "n.geojson")
    cases.command("progress", "progress", "p.gpkg", "--by", "both", "--out", "tables")
    cases.file("progress", "tables/progress.json")
    cases.command("attachments", "attach", "p.gpkg", "accident", "AC-0001", "--file", "a.csv")
    cases.command("attachment", "attach", "p.gpkg", "--get", "1", "--out", "back.csv")
    cases.command("victims", "victims", "p.gpkg", "add", "AC-0001", "--outcome", "killed", "--tampering", "no")
    cases.command("victims", "victims", "p.gpkg", "list", "AC-0002")
    cases.command("victim-persons", "victims", "p.gpkg", "people")
    cases.command("info", "info", "p.gpkg")
    cases.command("check", "check", "p.gpkg")
    cases.command("export", "export", "p.gpkg", "--as", "accident", "--out", "a.geojson")
    cases.command("simulate", "simulate", "d", "--seed", "3")
    cases.command("field", "field", "--counts", "y.asc", "--effort", "e.asc", "--out", "f")
    cases.file("field", "f/summary.json")
    # A validator that takes anything would prove nothing.
    cases.verdict("another shape is refused", "" if cases.check('{"schema": "tilth.export/1", "rows": -1}', "export") else "it was taken")
    print(f"{sum(cases.results)} passed, {len(cases.results) - sum(cases.results)} failed, 0 skipped")
    return 0 if all(cases.results) else 1


def main(binary, schemas):
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        print("python3-jsonschema is not installed\n0 passed, 0 failed, 1 skipped")
        return 0
    os.environ["PATH"] = os.path.abspath(binary) + os.pathsep + os.environ["PATH"]
    with tempfile.TemporaryDirectory() as folder:
        return run(folder, os.path.abspath(schemas))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
