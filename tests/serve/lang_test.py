#!/usr/bin/python3
"""lang_test.py BIN: the server speaks the language that is asked for. Runs other tests with the pages in Ukrainian and looks at every sentence that comes back: none may
be left in English. What is kept (refused rows, assessments) stays as it was made and is said in the language of whoever reads it."""
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project  # noqa: E402

OTHERS = ["roles", "edit", "forms", "attach", "victims", "field"]
UNTOLD_MAX = 0  # sentences without a translation among all that come back; the number may only fall
UK, EN = {"Accept-Language": "uk"}, {"Accept-Language": "en"}


def ukrainian(text):
    return re.search("[а-яіїєґ]", text, re.I) is not None


def others(cases, folder):
    file = os.path.join(folder, "heard")
    for name in OTHERS:
        subprocess.run([sys.executable, os.path.join(HERE, f"{name}_test.py"), sys.argv[1]], cwd=folder, capture_output=True, check=False,
                       env={**os.environ, "TILTH_TEST_LANGUAGE": "uk", "TILTH_TEST_HEARD": file})
    with open(file, encoding="utf-8") as lines:
        said = {tuple(json.loads(line)) for line in lines}
    untold = sorted({said for said, _ in said if not ukrainian(said)})
    cases.check("other tests hear many different sentences", len(said) >= 70, len(said))
    cases.check(f"at most {UNTOLD_MAX} of them are not told in Ukrainian", len(untold) <= UNTOLD_MAX, "\n" + "\n".join(untold))
    print(f"{len(said)} different sentences, {len(untold)} not in Ukrainian")
    for one in untold:
        print("  ", one)
    values = [(said, english) for said, english in said if english and '"' in english]
    lost = [(said, english) for said, english in values for value in re.findall('"([^"]+)"', english) if value not in said and value[:20] not in said]
    cases.check("what somebody wrote is quoted as they wrote it", len(values) > 10 and not lost, lost[:5])


def words_of(assessment):
    lists = [a["words"] for a in assessment["assumptions"]] + [w["words"] for w in assessment["warnings"]] + [r["words"] for r in assessment["reasons"]]
    return lists + [assessment["speaks_of"]["words"]]


def kept(cases, server):
    client = server.client("Verifier")
    for made, read in ((UK, EN), (EN, UK)):
        code, there = made["Accept-Language"], read["Accept-Language"]
        done = client.ask("POST", "/api/1/areas/HA-0001/assess", {"draws": 256, "seed": 3 if code == "uk" else 4, "keep": True}, headers=made)
        own = client.ask("GET", "/api/1/areas/HA-0001", headers=made).json["assessment"]
        other = client.ask("GET", "/api/1/areas/HA-0001", headers=read).json["assessment"]
        cases.check(f"an assessment made in {code} is kept and read so", done.status == 200 and own == done.json and own["language"] == code, done.body[:300])
        cases.check(f"and read in {there}", other["language"] == there and not wrong(other, "tilth.assess/1"), wrong(other, "tilth.assess/1"))
        left = [w for w in words_of(other) if ukrainian(w) != (there == "uk")]
        cases.check(f"with all its {len(words_of(other))} sentences", len(words_of(other)) > 8 and not left, left)
        asked = client.ask("POST", "/api/1/areas/HA-0001/assess", {"draws": 256, "seed": 3 if code == "uk" else 4}, headers=read).json
        differs = [(a, b) for a, b in zip(words_of(other), words_of(asked)) if a != b]
        cases.check("word for word as if it had been made in that language", not differs and len(words_of(other)) == len(words_of(asked)), differs)
        figures = [{**a, "language": 0, "speaks_of": 0, "assumptions": 0, "warnings": 0, "reasons": 0, "criteria": 0, "programme": 0} for a in (own, other)]
        cases.check("its figures are the same", figures[0] == figures[1])
        for language in ("en", "uk"):
            pdf = client.get(f"/api/1/areas/HA-0001/dossier.pdf?language={language}")
            text = subprocess.run(["pdftotext", "-", "-"], input=pdf.body, capture_output=True, check=False) if pdf.status == 200 else None
            if text is not None and text.returncode == 0:
                page = re.sub(r"\s+", " ", text.stdout.decode())
                phrase = "Items lie independently of each other" in page
                cases.check(f"its dossier in {language} says what was taken for granted in {language}", phrase == (language == "en"), page[:300])


def refused(cases, server, path):
    client = server.client("Entry")
    table = "id,lon,lat,date\nz,0,0,2020\nf,-75.1,7.1,2099-01-01\ns,7.1,-75.1,2019\no,-60,7.1,2019\nx,here,7.1,2019\nd,-75.1,7.1,31.31.2019\n"
    up = client.ask("POST", "/api/1/imports?name=t.csv", raw=table.encode(), headers={"Content-Type": "application/octet-stream", **UK})
    upload = up.json["id"]
    tried = client.ask("POST", f"/api/1/imports/{upload}/try", {"as": "accident"}, headers=UK).json
    cases.check("a trial's rows and reasons are told in Ukrainian", tried["counts"]["refused"] == 6 and all(ukrainian(r["message"]) for r in tried["refused"])
                and all(ukrainian(r["example"]) for r in tried["reasons"]) and not wrong(tried, "tilth.import-try/1"), tried["refused"])
    cases.check("and what columns mean", all(ukrainian(f["title"]) for f in tried["fields"]), [f["title"] for f in tried["fields"] if not ukrainian(f["title"])])
    done = client.ask("POST", f"/api/1/imports/{upload}/commit", {"token": tried["token"]}, headers=EN)
    cases.check("the trial of one language is taken in in another", done.status == 200 and done.json["counts"]["refused"] == 6, done.body[:300])
    shown = {language: client.ask("GET", "/api/1/refused", headers={"Accept-Language": language}).json["refused"] for language in ("uk", "en")}
    cases.check("refused rows are told in the language of whoever reads them", all(ukrainian(r["message"]) for r in shown["uk"])
                and not any(ukrainian(r["message"]) for r in shown["en"]), shown)
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = [row[0] for row in base.execute("SELECT message FROM refused")]
    base.close()
    cases.check("and kept as they were made", rows and not any(ukrainian(row) for row in rows), rows)


def make_plan(folder, path):
    """A plan of a few areas, one of which waits for another, kept in the project."""
    teams = os.path.join(folder, "teams.yaml")
    with open(teams, "w", encoding="utf-8") as out:
        out.write('start: 2027-01-01\nteams:\n  - {name: A, base: "-75.11, 7.08", methods: [manual, "metal detector"], pace: {manual: 900 m2/day, "metal detector": 700 m2/day}, '
                  "cost: 900 USD/day}\n")
    return subprocess.run(["tilth", "plan", path, "--budget", "150kUSD", "--years", "2", "--teams", teams, "--objective", "hectares", "--solver", "heuristic", "--quiet"],
                          capture_output=True, text=True, check=False)


def plans(cases, server):
    """The plan that is kept is English; each reader has its reasons and what it takes for granted in their language, and methods' sources."""
    client = server.client("Verifier")
    uk, en = (client.ask("GET", "/api/1/plan", headers=h).json for h in (UK, EN))
    for name in ("assumptions", "notes"):
        cases.check(f"a plan's {name} are told in Ukrainian", all(ukrainian(a) for a in uk[name]) and not any(ukrainian(a) for a in en[name]), uk[name])
    cases.check("and its reasons", all(ukrainian(t["why"]) for t in uk["tasks"]) and not any(ukrainian(t["why"]) for t in en["tasks"]), [t["why"] for t in uk["tasks"]])
    cases.check("in the shape that was agreed", not wrong(uk, "tilth.plan/1") and not wrong(en, "tilth.plan/1"), wrong(uk, "tilth.plan/1"))
    one = client.ask("GET", f"/api/1/plan/tasks/{uk['tasks'][0]['task'].split('/')[0]}", headers=UK).json
    cases.check("a task's reason alone, too", all(ukrainian(t["why"]) for t in one["tasks"]) and not wrong(one, "tilth.plan-explain/1"), one)
    methods = client.ask("GET", "/api/1/methods", headers=UK).json
    english = [m["source"] for m in methods["methods"] if not ukrainian(m["source"])]
    cases.check("sources of the methods that are built in are told in Ukrainian", not english and not wrong(methods, "tilth.methods/1"), english)


def errors(cases, server):
    client = server.client("Entry")
    for path, language, begins in (("/api/1/records/mine", "uk-UA,uk;q=0.9,en;q=0.8", "виду записів"), ("/api/1/records/mine", "fr,uk;q=0.5", "виду записів"),
                                   ("/api/1/records/mine", "fr", "there is no kind"), ("/api/1/records/mine", "en,uk", "there is no kind"),
                                   ("/ogc/collections/mine", "uk", "виду записів")):
        reply = client.ask("GET", path, headers={"Accept-Language": language})
        said = reply.json
        cases.check(f"{path} in {language}", reply.status == 404 and said["message"].startswith(begins) and '"mine"' in said["message"].replace("«", '"').replace("»", '"')
                    and not wrong(said, "tilth.error/1") and (("in_english" in said) == ukrainian(said["message"])), said)


def main():
    cases = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        made = make_plan(folder, path)
        cases.check("a plan is made", made.returncode == 0, made.stderr)
        server = Server(path)
        try:
            plans(cases, server)
            errors(cases, server)
            refused(cases, server, path)
            kept(cases, server)
        finally:
            server.stop()
        others(cases, folder)
    cases.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
