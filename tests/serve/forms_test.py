#!/usr/bin/python3
"""forms_test.py BIN: what the pages make their forms of: kinds of record from the register's table, and what a typed position means."""
import os
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project  # noqa: E402

POSITION = "/api/1/position?text="


def kinds(cases, server):
    entry = server.client("Entry")
    reply = entry.get("/api/1/kinds")
    cases.check("kinds are as their schema says", reply.status == 200 and not wrong(reply.json, "tilth.kinds/1"), reply.body[:400])
    by_name = {kind["name"]: kind for kind in reply.json["kinds"]}
    cases.check("all seven are there", sorted(by_name) == ["accident", "hazard-area", "item", "line", "place", "report", "search"], list(by_name))
    columns = {column["name"]: column for column in by_name["search"]["columns"]}
    cases.check("a choice has its choices", columns["type"]["choices"] == ["NTS", "TS", "clearance", "inspection", "other"], columns["type"])
    cases.check("a number has its range", columns["passes"]["type"] == "integer" and (columns["passes"]["min"], columns["passes"]["max"]) == (0, 100), columns["passes"])
    for name, kind in by_name.items():
        row = entry.get(f"/api/1/records/{name}?limit=1").json["records"]
        wanted = {column["name"] for column in kind["columns"]} | {"code", "lon", "lat"}
        cases.check(f"a form of {name} has every column of its records", not row or set(row[0]) == wanted, row)
    uk = entry.get("/api/1/kinds", **{"Accept-Language": "uk"}).json["kinds"]
    english = {(k["name"], c["name"]): c["meaning"] for k in reply.json["kinds"] for c in k["columns"]}
    same = [key for key, meaning in ((( k["name"], c["name"]), c["meaning"]) for k in uk for c in k["columns"]) if meaning == english[key]]
    cases.check("every meaning is there in Ukrainian", not same, same)
    cases.check("a guest gets no forms", server.client().get("/api/1/kinds").status == 401)


def positions(cases, server):
    entry = server.client("Entry")
    for text, lon, lat, accuracy in (("7.05N 75.10W", -75.1, 7.05, None), ("18N VN 78000 79000", None, None, 0.5), ("7°03'00\"N 75°06'00\"W", -75.1, 7.05, None),
                                     ("-75.1 7.05", -75.1, 7.05, None)):
        reply = entry.get(POSITION + urllib.parse.quote(text))
        good = reply.status == 200 and not wrong(reply.json, "tilth.position/1")
        near = good and (lon is None or abs(reply.json["lon"] - lon) < 1e-9 and abs(reply.json["lat"] - lat) < 1e-9)
        cases.check(f"{text} is read", near and (accuracy is None or reply.json["accuracy_m"] == accuracy), reply.body[:400])
        made = entry.post("/api/1/records/accident", {"position": text})
        kept = entry.get(made.headers["Location"]).json
        cases.check(f"{text}: a record keeps what was shown", good and all(abs(a - b) < 1e-6 for a, b in zip(kept["geometry"]["coordinates"], (reply.json["lon"], reply.json["lat"]))) and
                    abs(kept["accuracy_m"] - reply.json["accuracy_m"]) <= 1e-6 * max(1, kept["accuracy_m"]), (kept["geometry"], kept["accuracy_m"], reply.body))
    for text, part in (("by the tree", ""), ("7.05N 75.10E", "would lie inside"), ("50N 30E", "outside the area"), ("95N 30E", "")):
        reply = entry.get(POSITION + urllib.parse.quote(text))
        cases.check(f"{text}: says what is wrong", reply.status == 422 and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"], reply.body[:400])
    reply = entry.get(POSITION + urllib.parse.quote("50N 30E") + "&outside=yes")
    cases.check("outside, where somebody says so", reply.status == 200 and reply.json["lon"] == 30, reply.body)
    cases.check("nothing to read", entry.get(POSITION).status in (400, 422) and entry.get("/api/1/position").status == 400)
    cases.check("a guest reads none", server.client().get(POSITION + "7N").status == 401)


def main():
    cases = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            kinds(cases, server)
            positions(cases, server)
        finally:
            server.stop()
        cases.check("the server said nothing", server.errors == "", server.errors)
    cases.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
