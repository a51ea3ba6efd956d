#!/usr/bin/python3
"""api_test.py BIN: a real server, used as the pages use it: records, search, areas, assessments, a release and what comes after it; every reply against its schema."""
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import PASSWORD, Cases, Server, accounts, project, tilth  # noqa: E402


class Run(Cases):
    def valid(self, what, reply, schema, status=200):
        bad = f"{reply.status} {reply.body[:300]}" if reply.status != status else wrong(reply.json, schema)
        self.check(f"{what}: {schema}", not bad, bad)
        return reply.json if not bad else {}


def local_person(run, folder):
    """Without accounts: one person, one key, no release."""
    told = subprocess.Popen(["tilth", "serve", os.path.join(folder, "p.gpkg"), "--json"], stdout=subprocess.PIPE, text=True)
    lines = [told.stdout.readline() for _ in range(5)]
    told.send_signal(signal.SIGTERM)
    run.check("the address as JSON; SIGTERM ends it", told.wait(20) == 0 and not wrong(json.loads("".join(lines)), "tilth.serve/1"), lines)
    told.stdout.close()
    server = Server(os.path.join(folder, "p.gpkg"))
    try:
        local = server.local()
        me = run.valid("the local person", local.get("/api/1/session"), "tilth.session/1")
        run.check("is administrator without accounts", me["role"] == "administrator" and me["local"] and not me["accounts"], me)
        second = server.client()
        reply = second.ask("GET", "/?" + server.address.split("?")[1])
        run.check("the key lets a second browser in, too", reply.status == 303 and second.cookie is not None, reply.status)
        second = server.client()
        run.check("the same browser may use the address again", local.ask("GET", "/?" + server.address.split("?")[1]).status == 303)
        guessed = server.client().ask("GET", "/?key=" + "0" * 64)
        run.check("a guessed key is refused", guessed.status == 403)
        refused = local.post("/api/1/areas/HA-0001/release", {"as": "cleared", "reason": "r", "password": "p"})
        run.check("a release needs accounts, in words", refused.status == 403 and "needs accounts" in refused.json["message"], refused.body)
        run.check("no account can be guessed where there are none", second.log_in("local", "").status in (400, 401))
    finally:
        run.check("Ctrl-C ends the server with success", server.stop() == 0, server.process.returncode)
        run.check("and nothing was said", server.errors == "", server.errors)


def guest(run, server):
    nobody = server.client()
    session = run.valid("nobody", nobody.get("/api/1/session"), "tilth.session/1")
    run.check("nobody is a guest", session["role"] == "guest" and session["csrf"] is None)
    shown = run.valid("areas of a guest", nobody.get("/api/1/records/hazard-area"), "tilth.records/1")
    run.check("a guest sees four columns", set(shown["records"][0]) == {"code", "name", "classification", "status", "lon", "lat"}, shown)
    one = run.valid("one area of a guest", nobody.get("/api/1/records/hazard-area/HA-0001"), "tilth.record/1")
    run.check("a guest sees no source and no history", not {"source", "history", "remarks"} & set(one), list(one))
    page = run.valid("an area's page of a guest", nobody.get("/api/1/areas/HA-0001"), "tilth.area/1")
    run.check("a guest sees no assessment", set(page) == {"schema", "area", "geometry"}, list(page))
    for path in ("/api/1/records/item", "/api/1/records/accident/AC-0001", "/api/1/records/hazard-area?q=Pole", "/api/1/records/hazard-area?organisation=Pole"):
        run.check(f"a guest may not ask {path}", nobody.get(path).status == 403)
    run.check("a guest's search tells nothing by what is hidden", nobody.get("/api/1/search?q=Pole").json["hits"] == [])
    run.check("a guest finds areas by name", [h["code"] for h in nobody.get("/api/1/search?q=" + "%D0%BF%D0%BE%D0%BB%D0%B5%201").json["hits"]] == ["HA-0001"])
    run.check("a guest's project names one kind", [k["kind"] for k in nobody.get("/api/1/project").json["kinds"]] == ["hazard-area"])


def reading(run, server):
    c = server.client("Entry")
    told = run.valid("project", c.get("/api/1/project"), "tilth.project/1")
    run.check("counts", {k["kind"]: k["count"] for k in told["kinds"]}["accident"] == 12, told)
    found = run.valid("records", c.get("/api/1/records/accident?from=1998&to=2000&limit=2&offset=1"), "tilth.records/1")
    run.check("filtered by years, a page of them", found["total"] == 3 and [r["code"] for r in found["records"]] == ["AC-0005", "AC-0006"], found)
    found = c.get("/api/1/records/accident?bbox=-75.105,7.0,-75.095,7.2").json
    run.check("filtered by a box", found["total"] == 3 and all(r["lon"] == -75.1 for r in found["records"]), found)
    run.check("filtered by words", c.get("/api/1/records/accident?q=a7").json["total"] == 1)
    record = run.valid("record", c.get("/api/1/records/item/IT-0002"), "tilth.record/1")
    run.check("its history", len(record["history"]) == 1 and record["history"][0]["op"] == "insert" and record["history_complete"], record)
    run.check("no such record", c.get("/api/1/records/item/IT-9999").status == 404 and c.get("/api/1/records/wombat").status == 404)
    hits = run.valid("search", c.get("/api/1/search?q=%D0%9F%D0%9E%D0%9B%D0%95"), "tilth.search/1")["hits"]
    run.check("search without regard to case, in Cyrillic", [h["code"] for h in hits] == ["HA-0001", "HA-0002"], hits)
    hits = c.get("/api/1/search?q=18N%20VN%2078000%2073000").json["hits"] + c.get("/api/1/search?q=7.1N%2075.1W").json["hits"]
    run.check("search by coordinates", any(h["kind"] == "coordinate" and abs(h["lon"] + 75.1) < 1e-6 for h in hits), hits)
    place = run.valid("coordinate", c.get("/api/1/coordinate?lon=-75.1&lat=7.1"), "tilth.coordinate/1")
    run.check("in all notations", place["mgrs"].startswith("18N") and place["utm"].startswith("18N"), place)
    run.valid("coordinate beyond UTM", c.get("/api/1/coordinate?lon=0&lat=89"), "tilth.coordinate/1")
    run.valid("explain", c.get("/api/1/explain?lon=-75.13&lat=7.06"), "tilth.explain/1")
    run.check("explain outside the area", c.get("/api/1/explain?lon=10&lat=7").status == 404)
    run.valid("areas", c.get("/api/1/areas"), "tilth.areas/1")
    run.valid("area", c.get("/api/1/areas/HA-0001"), "tilth.area/1")
    run.valid("methods", c.get("/api/1/methods"), "tilth.methods/1")
    run.valid("findings", c.get("/api/1/findings?all=yes"), "tilth.findings/1")
    run.valid("scenarios", c.get("/api/1/forecasts"), "tilth.forecast-scenarios/1")
    run.valid("log", server.client("Verifier").get("/api/1/log?limit=5&kind=item"), "tilth.log/1")
    layers = run.valid("layers", c.get("/api/1/layers"), "tilth.layers/1")
    run.check("layers have what filters offer", layers["vector"][0]["organisations"] == ["Pole"] and {b["name"] for b in layers["raster"]} >= {"p_any"}, layers)
    run.valid("layers of a guest", server.client().get("/api/1/layers"), "tilth.layers/1")
    tile = c.get("/api/1/tiles/vector/hazard-area/8/74/122.mvt?v=3")
    run.check("a vector tile", tile.status == 200 and tile.headers["Content-Encoding"] == "gzip" and len(tile.body) > 50, tile.status)
    run.check("an empty one", c.get("/api/1/tiles/vector/hazard-area/8/0/0.mvt").status == 204)
    run.check("a tile that cannot be", c.get("/api/1/tiles/vector/hazard-area/2/7/0.mvt").status == 404)
    run.valid("legend", c.get("/api/1/legend/p_any?scale=magma"), "tilth.legend/1")
    run.check("no plan is kept", c.get("/api/1/plan").status == 404)
    tile = c.get("/api/1/tiles/raster/p_any/11/596/983.png")
    run.check("a raster tile", tile.status == 200 and tile.body[:4] == b"\x89PNG" and tile.headers["Content-Type"] == "image/png", tile.status)
    again = c.get("/api/1/tiles/raster/p_any/11/596/983.png", **{"If-None-Match": tile.headers["ETag"]})
    run.check("asked again: 304 without a body", again.status == 304 and again.body == b"")
    head = c.ask("HEAD", "/api/1/project")
    run.check("HEAD has a length and no body", head.status == 200 and int(head.headers["Content-Length"]) > 100 and head.body == b"")


def assessing(run, server):
    c = server.client("Verifier")
    request = {"what_if": [{"method": "manual", "passes": 2}], "draws": 512}
    run.check("the request is as its schema says", not wrong(request, "tilth.assess-request/1"))
    first = c.post("/api/1/areas/HA-0001/assess", request)
    told = run.valid("assess", first, "tilth.assess/1")
    run.check("the what-if is in it", told["what_if"][0]["method"] == "manual" and told["what_if"][0]["passes"] == 2)
    second = c.post("/api/1/areas/HA-0001/assess", {**request, "keep": True})
    run.check("the same question has the same answer, byte by byte", second.body == first.body)
    run.check("and the project keeps it", c.get("/api/1/areas/HA-0001").json["assessment_hash"] is not None)
    run.check("the list has its figures", c.get("/api/1/areas").json["areas"][0]["assessment"]["p_any"] == told["remaining"]["p_any"])
    for passes in (1, 3):
        ask = c.post("/api/1/areas/HA-0001/what-if", {"draws": 512, "steps": [{"method": "manual", "passes": passes}]})
        run.valid(f"what-if of {passes}", ask, "tilth.what-if/1")
    ring = [[-75.11, 7.05], [-75.10, 7.05], [-75.10, 7.06], [-75.11, 7.06], [-75.11, 7.05]]
    drawn = run.valid("a drawn polygon", c.post("/api/1/assess", {"polygon": {"type": "Polygon", "coordinates": [ring]}, "draws": 512}), "tilth.assess/1")
    run.check("has its size", abs(drawn["area"]["area_m2"] - 1.22e6) < 2e4, drawn["area"]["area_m2"])
    legs = [{"bearing_deg": b, "distance_m": 1000} for b in (90, 0, 270)]
    walked = c.post("/api/1/assess", {"traverse": {"start": [-75.11, 7.05], "legs": legs}, "draws": 512})
    told = run.valid("a traverse", walked, "tilth.assess/1")
    run.check("closes by a side, and says what was missing", abs(told["area"]["area_m2"] - 1e6) < 1e3 and abs(float(walked.headers["X-Closure-M"]) - 1000) < 1, walked.headers)
    for body, part in (({"steps": []}, "unknown member"), ({"draws": 5}, "draws"), ({"what_if": 3}, "what_if"), ({"what_if": [{"method": "manual"}]}, "passes"),
                       ({"what_if": [{"method": "wombat", "passes": 1}], "draws": 128}, "wombat"), ({"group": "all of them"}, "group"), ({"depth_cm": -1}, "depth_cm"), ({"keep": 1}, "keep")):
        reply = c.post("/api/1/areas/HA-0001/assess", body)
        run.check(f"a bad question {body} is refused by name", reply.status in (400, 404) and part in reply.json["message"], reply.body)
    for body in ({}, {"polygon": {"type": "Point", "coordinates": [1, 2]}}, {"polygon": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}},
                 {"polygon": {"type": "Polygon", "coordinates": [ring]}, "traverse": {}}, {"traverse": {"start": [1, 2], "legs": []}},
                 {"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}):
        reply = c.post("/api/1/assess", body)
        run.check(f"a bad polygon {str(body)[:60]} is refused", reply.status in (400, 422) and not wrong(reply.json, "tilth.error/1"), reply.body)
    pdf = c.get("/api/1/areas/HA-0001/dossier.pdf?language=uk")
    run.check("the dossier", pdf.status == 200 and pdf.body[:5] == b"%PDF-" and pdf.headers["Content-Type"] == "application/pdf", pdf.status)
    run.check("the dossier again: 304", c.get("/api/1/areas/HA-0001/dossier.pdf?language=uk", **{"If-None-Match": pdf.headers["ETag"]}).status == 304)
    run.check("no dossier without a kept assessment", c.get("/api/1/areas/HA-0002/dossier.pdf").status == 404)
    made = c.post("/api/1/forecasts", {"scenarios": ["bosnia-2010"], "years": 5, "draws": 256})
    run.valid("forecast", made, "tilth.forecast/1")
    yaml = next(s["yaml"] for s in c.get("/api/1/forecasts").json["scenarios"] if s["name"] == "bosnia-2010")
    own = c.post("/api/1/forecasts", {"scenarios": [{"yaml": yaml}], "years": 5, "draws": 256})
    run.check("a scenario of one's own gives the same", run.valid("own forecast", own, "tilth.forecast/1")["scenarios"][0]["sets"] ==
              made.json["scenarios"][0]["sets"] if own.status == 200 and "sets" in made.json["scenarios"][0] else own.status == 200)
    bad = c.post("/api/1/forecasts", {"scenarios": [{"yaml": "title: x\nwombat: 3\n"}]})
    run.check("a bad scenario says its line and no path", bad.status == 422 and bad.json["message"].startswith("scenario") and "/proc" not in bad.json["message"], bad.body)


def release(run, server, folder):
    """An approver decides; evidence that comes later raises a finding, which a quality manager answers."""
    approver, path = server.client("O. Koval"), "/api/1/areas/HA-0001/release"
    decision = {"as": "cleared", "reason": "criteria met", "password": PASSWORD}
    run.check("without a kept assessment of the area there is no release",
              approver.post("/api/1/areas/HA-0002/release", decision).status == 404)
    denied = approver.post(path, {**decision, "password": "wrong horse 77"})
    run.check("the password is asked for again", denied.status == 403 and "cleared" not in json.dumps(approver.get("/api/1/areas/HA-0001").json["area"]), denied.body)
    run.check("as what must be known", approver.post(path, {**decision, "as": "free"}).status == 400)
    run.valid("release", approver.post(path, decision), "tilth.release/1")
    area = approver.get("/api/1/areas/HA-0001").json
    run.check("the area is cleared, by whom is kept", area["area"]["status"] == "cleared" and area["decisions"][0]["person"] == "O. Koval", area["decisions"])
    run.check("and the log names the account", area["history"][0]["actor"] == "O. Koval", area["history"][:1])
    with open(os.path.join(folder, "later.csv"), "w", encoding="utf-8") as file:
        file.write("id,lon,lat,year,category\nX,-75.13,7.06,2026,AP mine\n")
    tilth(folder, "import", "p.gpkg", "later.csv", "--as", "accident", "--map", "date=year", "--quiet")
    quality = server.client("Quality")
    found = run.valid("a finding is raised", quality.get("/api/1/findings"), "tilth.findings/1")["findings"]
    run.check("it names the area", len(found) == 1 and found[0]["area"] == "HA-0001", found)
    run.check("evidence changed: assess again", approver.post(path, decision).status in (409, 422))
    answer = f"/api/1/findings/{found[0]['id']}/answer"
    run.valid("the answer", quality.post(answer, {"answer": "re-inspected"}), "tilth.findings/1")
    run.check("an answer is given once", quality.post(answer, {"answer": "again"}).status == 409)
    run.check("no such finding", quality.post("/api/1/findings/999/answer", {"answer": "x"}).status == 404)


def reads(run, server, folder):
    admin = server.client("Admin")
    lines = run.valid("reads", admin.get("/api/1/reads?limit=1000"), "tilth.reads/1")
    run.check("sensitive reads are written down with the reader", any(l["person"] == "Entry" and l["kind"] == "item" and l["code"] == "IT-0002" for l in lines["lines"]))
    run.check("the chain holds", lines["intact"])
    path = os.path.join(folder, "p.gpkg.reads")
    run.check("only the owner may read it", stat.S_IMODE(os.stat(path).st_mode) == 0o600)
    with open(path, encoding="utf-8") as file:
        kept = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(kept.replace('"Entry"', '"Other"', 1))
    run.check("a changed line is seen", admin.get("/api/1/reads?limit=1000").json["intact"] is False)
    os.chmod(path, 0o400)
    os.rename(path, path + ".aside")
    os.mkdir(path)
    hidden = admin.get("/api/1/records/item/IT-0001")
    run.check("what cannot be written down is not shown", hidden.status == 500 and b"IT-0001" not in hidden.body, hidden.body)
    os.rmdir(path)
    os.rename(path + ".aside", path)
    os.chmod(path, 0o600)


def secrets(run, server, folder):
    path = os.path.join(folder, "p.gpkg.accounts")
    run.check("only the owner may read accounts", stat.S_IMODE(os.stat(path).st_mode) == 0o600)
    client = server.client("Entry")
    token = client.cookie.split("=")[1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    run.check("neither passwords nor tokens are kept", PASSWORD not in text and token not in text and "$argon2id$" in text)
    with open(os.path.join(folder, "p.gpkg"), "rb") as file:
        project_bytes = file.read()
    run.check("the project holds no secret", token.encode() not in project_bytes and b"$argon2id$" not in project_bytes)
    tilth(folder, "account", "p.gpkg", "add", "--name", "Temp", "--role", "entry", "--quiet", text="temporary pass 1\n")
    temp = server.client()
    run.check("an account that is added may log in at once", temp.log_in("Temp", "temporary pass 1").status == 200)
    tilth(folder, "account", "p.gpkg", "role", "--name", "Temp", "--role", "verifier", "--quiet")
    run.check("a new role ends its sessions", temp.get("/api/1/session").json["role"] == "guest")
    temp.log_in("Temp", "temporary pass 1")
    tilth(folder, "account", "p.gpkg", "passwd", "--name", "Temp", "--quiet", text="another pass 2\n")
    run.check("a new password ends its sessions", temp.get("/api/1/session").json["role"] == "guest")
    run.check("the old password is no good", temp.log_in("Temp", "temporary pass 1").status == 401)
    temp.log_in("Temp", "another pass 2")
    tilth(folder, "account", "p.gpkg", "remove", "--name", "Temp", "--quiet")
    run.check("a removed account is logged out", temp.get("/api/1/records/item").status == 403 and temp.get("/api/1/session").json["role"] == "guest")
    statuses = [server.client().log_in("Nobody", f"guess number {i}").status for i in range(14)]
    run.check("guesses are slowed down", statuses[0] == 401 and statuses[-1] == 429, statuses)
    run.check("and said so with a time", int(server.client().log_in("Nobody", "x" * 12).headers["Retry-After"]) > 0)


def two_servers(run, server, folder):
    """Two servers of one project, both writing: nothing is lost, and each sees what the other did."""
    other = Server(os.path.join(folder, "p.gpkg"))
    try:
        before = server.client("Admin").get("/api/1/log?limit=1").json["lines"][0]["id"]
        failures = []

        def keep(port_server, seed):
            client = port_server.client("Verifier")
            for i in range(4):
                reply = client.post("/api/1/areas/HA-0002/assess", {"draws": 128, "seed": seed * 100 + i, "keep": True})
                if reply.status != 200:
                    failures.append((reply.status, reply.body))
        threads = [threading.Thread(target=keep, args=(s, i)) for i, s in enumerate((server, other, server, other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run.check("sixteen writes through two servers succeed", not failures, failures)
        lines = other.client("Admin").get("/api/1/log?limit=1000").json["lines"]
        kept = [line for line in lines if line["id"] > before and line["table"] == "assessment"]
        run.check("and none is lost", len(kept) == 16, len(kept))
        run.check("tilth check finds nothing wrong", "log-chain" not in tilth(folder, "check", "p.gpkg"))
    finally:
        other.stop()


def load(run, server):
    """Eight readers and a writer: no error, and memory that is bounded."""
    paths = ["/api/1/records/accident?limit=100", "/api/1/areas", "/api/1/records/item/IT-0001", "/api/1/search?q=a1", "/api/1/areas/HA-0001",
             "/api/1/tiles/raster/p_any/11/596/983.png", "/api/1/explain?lon=-75.13&lat=7.06", "/api/1/methods"]
    failures, done = [], []

    def read(i):
        client = server.client("Entry")
        for k in range(60):
            reply = client.get(paths[(i + k) % len(paths)])
            if reply.status != 200:
                failures.append((paths[(i + k) % len(paths)], reply.status, reply.body[:200]))
            done.append(1)
    threads = [threading.Thread(target=read, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    writer = server.client("Verifier")
    for i in range(3):
        reply = writer.post("/api/1/areas/HA-0002/assess", {"draws": 128, "seed": 900 + i, "keep": True})
        if reply.status != 200:
            failures.append(("assess", reply.status, reply.body[:200]))
    for thread in threads:
        thread.join()
    run.check("480 reads beside three writes, no error", not failures and len(done) == 480, failures[:3])
    peak = server.peak_kib()
    print(f"  peak memory {peak / 1024:.0f} MB")
    if "SANITIZED" not in os.environ:
        run.check("memory stays below 150 MB", peak < 150 * 1024, peak)


def moved(run, server, folder):
    """The file is deleted, comes back as another project, and is served again."""
    path = os.path.join(folder, "p.gpkg")
    client = server.client("Entry")
    os.rename(path, path + ".aside")
    gone = client.get("/api/1/areas")
    run.check("a project that is gone is said, and the server stays up", gone.status == 404 and "not there any more" in gone.json["message"]
              and folder not in gone.json["message"], gone.body)
    run.check("pages and sessions are still answered", client.get("/api/1/session").json["role"] == "entry")
    tilth(folder, "new", "p.gpkg", "--area=-75.2,7.0,-75.02,7.18", "--cell", "1km", "--title", "Another", "--quiet")
    run.check("another project in its place is served", client.get("/api/1/project").json["title"] == "Another")
    run.check("it has no map", client.get("/api/1/explain?lon=-75.1&lat=7.1").status == 404)
    with open(path, "w", encoding="utf-8") as file:
        file.write("no project")
    broken = client.get("/api/1/project")
    run.check("a file that is no project is said", broken.status == 422 and "not a" in broken.json["message"], broken.body)
    os.replace(path + ".aside", path)
    run.check("the first one comes back", client.get("/api/1/project").json["title"] == "p")


def end_under_way(run, server, client):
    """Ctrl-C while an assessment is being made: the server ends soon, and cleanly."""
    answers = []

    def ask():
        try:
            answers.append(client.post("/api/1/areas/HA-0002/assess", {"draws": 20000, "seed": 4711}).status)
        except OSError as why:
            answers.append(repr(why))
    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    code = server.stop()
    thread.join()
    run.check("Ctrl-C during work ends with success", code == 0 and server.errors == "", (code, server.errors, answers))
    run.check("within ten seconds", time.monotonic() - began < 10, time.monotonic() - began)


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        local_person(run, folder)
        accounts(folder)
        server = Server(path)
        try:
            for part in (lambda: guest(run, server), lambda: reading(run, server), lambda: assessing(run, server), lambda: release(run, server, folder),
                         lambda: reads(run, server, folder), lambda: two_servers(run, server, folder), lambda: load(run, server),
                         lambda: moved(run, server, folder)):
                part()
            last = server.client("Verifier")
            secrets(run, server, folder) # uses the tries to log in up
            end_under_way(run, server, last)
        finally:
            server.process.poll() is None and server.stop()
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
