#!/usr/bin/python3
"""field_test.py BIN: what devices take along and send: packages, receipts, lost answers, changes that meet newer ones, clocks that are wrong, a server killed in between."""
import gzip
import hashlib
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project, tilth  # noqa: E402

RECORDS = "/api/1/field/records"
PACKAGE = "/api/1/field/package"
SETTINGS = "/api/1/field/settings"
N = int(os.environ.get("TILTH_FIELD_N", "1000"))


class Run(Cases):
    def valid(self, what, reply, name, status=200):
        good = reply.status == status and not wrong(reply.json, name)
        self.check(what, good, f"{reply.status} {reply.body[:400]} {wrong(reply.json, name) if reply.status == status else ''}")
        return reply.json

    def refused(self, what, reply, status, part):
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
        self.check(f"{what}: {status}", good, f"{reply.status} {reply.body[:400]}")


def stamp(offset_s=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset_s))


def record(**more):
    made = {"id": str(uuid.uuid4()), "kind": "accident", "made_at": stamp(-3600), "device": "a1b2c3",
            "columns": {"date": "2024-05-31", "category": "AP mine", "killed": 0, "injured": 1},
            "geometry": {"type": "Point", "coordinates": [-75.1, 7.05]}, "accuracy_m": 8, "remarks": "біля мосту"}
    made.update(more)
    return made


def send(client, body, ahead_s=0):
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return client.ask("POST", f"{RECORDS}?sent_at={stamp(ahead_s)}", raw=raw, headers={"Content-Type": "application/json"})


def seen(version):
    return {"If-Match": f'"{version}"'}


def unpacked(reply):
    return json.loads(gzip.decompress(reply.body))


def packages(run, server):
    admin, entry, quality, guest = server.client("Admin"), server.client("Entry"), server.client("Quality"), server.client()
    asked = admin.get(SETTINGS)
    empty = run.valid("settings before anybody set them", asked, "tilth.field-settings/1")
    run.check("are empty", empty["contacts"] == [] and empty["words"] == [] and empty["districts"] == [], empty)
    wanted = {"contacts": [{"name": {"en": "Rescue service", "uk": "Рятувальники"}, "phone": "101"}, {"name": "Demo operator", "phone": "+380 44 000-00-00", "words": "day and night"}],
              "words": [{"en": "The school path is closed.", "uk": "Стежка до школи закрита."}],
              "districts": [{"id": "north", "name": "North", "box": [-75.16, 7.04, -75.11, 7.09]}]}
    run.refused("settings need what was seen", admin.post(SETTINGS, wanted), 428, "If-Match")
    run.refused("of now", admin.ask("POST", SETTINGS, wanted, headers=seen("0" * 32)), 409, "changed meanwhile")
    etag = {"If-Match": asked.headers["ETag"]}
    run.refused("settings are checked", admin.ask("POST", SETTINGS, {"contacts": [{"name": "x", "phone": "now"}]}, headers=etag), 422, "contact 1: phone")
    run.check("an entry role may not", entry.ask("POST", SETTINGS, wanted, headers=etag).status == 403)
    run.valid("an administrator sets them", admin.ask("POST", SETTINGS, wanted, headers=etag), "tilth.field-settings/1")
    listed = run.valid("districts", guest.get("/api/1/field/districts"), "tilth.field-districts/1")
    run.check("the whole project and those that are set", [d["id"] for d in listed["districts"]] == ["all", "north"], listed)

    reply = guest.get(PACKAGE)
    run.check("a package is packed and has an ETag", reply.status == 200 and reply.headers["Content-Encoding"] == "gzip" and reply.headers["ETag"], reply.headers)
    public = unpacked(reply)
    run.check("the public part is as its schema says", not wrong(public, "tilth.field-package/1"), wrong(public, "tilth.field-package/1"))
    run.check("and holds areas, words and numbers to call", public["is_public"] and len(public["areas"]) == 2 and public["contacts"] == wanted["contacts"] and public["words"] == wanted["words"])
    run.check("no items, no records, no places, no forms", not {"places", "lines", "forms", "records"} & set(public), list(public))
    run.check("of an area no more than the public may see", set(public["areas"][0]) == {"code", "name", "classification", "status", "is_ended", "accuracy_m", "geometry"})
    text = json.dumps(public)
    run.check("not even when records are asked for", "records" not in unpacked(guest.get(PACKAGE + "?records=yes")) and "AP mine" not in text and "organisation" not in text)
    run.check("no cache of a browser keeps it", reply.headers["Cache-Control"] == "no-store", reply.headers)
    again = guest.get(PACKAGE, **{"If-None-Match": reply.headers["ETag"]})
    run.check("the same again is 304", again.status == 304 and again.body == b"", again.status)

    staff = unpacked(entry.get(PACKAGE))
    run.check("staff take forms and places along", not wrong(staff, "tilth.field-package/1") and [f["kind"] for f in staff["forms"]] == ["accident", "item", "report"] and
              staff["records"] == [] and staff["places"] == [], wrong(staff, "tilth.field-package/1"))
    before = len(admin.get("/api/1/reads?limit=100").json["lines"])
    whole = unpacked(entry.get(PACKAGE + "?records=yes"))
    run.check("and records when they are asked for", not wrong(whole, "tilth.field-package/1") and len(whole["records"]) == 17 and whole["records_left_out"] == 0, wrong(whole, "tilth.field-package/1"))
    lines = admin.get("/api/1/reads?limit=100").json["lines"]
    run.check("which is written down", len(lines) == before + 3 and lines[0]["what"] == "field package" and lines[0]["person"] == "Entry", lines[:3])
    run.check("with the version that a change rests on", {r["version"] for r in whole["records"] if r["code"] == "AC-0001"} ==
              {entry.get("/api/1/records/accident/AC-0001").json["version"]})
    run.check("a quality manager enters nothing", unpacked(quality.get(PACKAGE + "?records=yes"))["forms"] == [])
    north = unpacked(guest.get(PACKAGE + "?district=north"))
    run.check("a district has a margin, and says what it covers", north["covers"][0] < -75.2 and north["covers"][3] > 7.13 and len(north["areas"]) == 2, north["covers"])
    run.refused("an unknown one", guest.get(PACKAGE + "?district=wombat"), 404, "wombat")


def receipts(run, server, folder):
    entry = server.client("Entry")
    sent = record()
    run.check("a record is as its schema says", not wrong(sent, "tilth.field-record/1"), wrong(sent, "tilth.field-record/1"))
    raw = json.dumps(sent, ensure_ascii=False).encode()
    reply = send(entry, raw)
    first = run.valid("a record from the field", reply, "tilth.receipt/1", 201)
    run.check("is entered as a draft, with a receipt of its bytes", first["state"] == "new" and first["sha256"] == hashlib.sha256(raw).hexdigest() and first["id"] == sent["id"] and
              first["doubts"] == [] and first["made_at"] == sent["made_at"] and abs(first["device_ahead_s"]) < 5, first)
    kept = entry.get(f"/api/1/records/accident/{first['code']}").json
    run.check("with what was said", kept["columns"]["injured"] == 1 and kept["remarks"] == "біля мосту" and kept["accuracy_m"] == 8 and kept["record_status"] == "draft" and
              kept["version"] == first["version"], kept)
    again = send(entry, raw)
    run.check("a lost answer: the same bytes have the same receipt", again.status == 200 and again.json == first, again.body)
    run.check("so has asking for it", run.valid("GET", entry.get(f"{RECORDS}/{sent['id']}"), "tilth.receipt/1") == first)
    run.refused("of nothing that came", entry.get(f"{RECORDS}/{uuid.uuid4()}"), 404, "nothing with the id")
    run.refused("the same id with other content", send(entry, {**sent, "remarks": "elsewhere"}), 409, "came before with other content")
    run.check("and nothing is written over", entry.get(f"/api/1/records/accident/{first['code']}").json["version"] == first["version"])
    for kind, columns in (("item", {"category": "ERW", "how": "spot find"}), ("report", {"description": "знак на дереві"})):
        told = run.valid(f"a {kind}", send(entry, record(kind=kind, columns=columns)), "tilth.receipt/1", 201)
        run.check("is entered", told["state"] == "new" and told["code"].startswith(kind[:2].upper()), told)
    typed = record(position="18N VN 78000 79000")
    del typed["geometry"], typed["accuracy_m"]
    run.check("a typed position in any notation", send(entry, typed).json["state"] == "new")

    wrong_one = record(columns={"killed": -2, "date": "2024-05-31"})
    told = run.valid("what cannot be true", send(entry, wrong_one), "tilth.receipt/1", 201)
    run.check("is refused with its reason and kept", told["state"] == "refused" and "killed" in told["message"] and told["code"] is None, told)
    run.check("again, the same receipt", send(entry, wrong_one).json == told)
    verifier = server.client("Verifier")
    waiting = run.valid("what was refused is listed", verifier.get("/api/1/field/refused"), "tilth.field-refused/1")
    run.check("with what came", waiting["total"] == 1 and waiting["records"][0]["body"] == wrong_one and waiting["records"][0]["person"] == "Entry", waiting)
    mended = run.valid("mended", send(entry, record(columns={"killed": 2, "date": "2024-05-31"}, mends=wrong_one["id"])), "tilth.receipt/1", 201)
    run.check("it is entered", mended["state"] == "new", mended)
    run.check("and the refused one says by which", entry.get(f"{RECORDS}/{wrong_one['id']}").json["mended_by"] == mended["id"] and
              verifier.get("/api/1/field/refused").json["total"] == 0)
    for what, body, part in (("no id", {"kind": "item", "made_at": stamp()}, "id"), ("no UUID", record(id="../../x"), "UUID"), ("another kind", record(kind="victim"), "victim"),
                             ("no time", record(made_at="yesterday"), "made_at"), ("a change without its version", record(code="AC-0001"), "base_version")):
        run.refused(what, send(entry, body), 400, part)
    told = send(entry, record(columns={"wombat": 1})).json
    run.check("an unknown column is refused with a receipt", told["state"] == "refused" and "wombat" in told["message"], told)
    told = send(entry, record(geometry={"type": "Point", "coordinates": [30, 50]})).json
    run.check("a place outside is refused with its reason", told["state"] == "refused" and "outside" in told["message"], told)
    told = send(entry, record(geometry={"type": "Point", "coordinates": [-75.0, 7.0]}, outside_is_ok=True)).json
    run.check("unless somebody says that it is right", told["state"] == "new", told)
    run.check("a guest sends nothing", send(server.client(), record()).status == 401)
    run.check("nor does a quality manager", send(server.client("Quality"), record()).status == 403)


def clocks(run, server):
    entry = server.client("Entry")
    ahead = 3 * 86400
    tomorrow = stamp(ahead)[:10]
    sent = record(made_at=stamp(ahead), columns={"date": tomorrow, "category": "AP mine"})
    told = run.valid("a device three days ahead", send(entry, sent, ahead), "tilth.receipt/1", 201)
    reasons = [d["reason"] for d in told["doubts"]]
    run.check("is told so, and its record is taken in all the same", told["state"] == "new" and reasons == ["device-clock", "date-future"], told)
    run.check("both clocks are kept", abs(told["device_ahead_s"] - ahead) < 5 and told["made_at"] == sent["made_at"] and told["received_at"] < told["made_at"], told)
    kept = entry.get(f"/api/1/records/accident/{told['code']}").json
    run.check("the date that cannot be is left out and said", kept["columns"]["date"] is None and tomorrow in kept["remarks"] and "біля мосту" in kept["remarks"], kept["remarks"])
    told = send(entry, record(), -7 * 3600).json
    run.check("a device that is behind is told, too", [d["reason"] for d in told["doubts"]] == ["device-clock"] and "420 minutes behind" in told["doubts"][0]["message"], told)
    run.refused("a time that is none", entry.ask("POST", RECORDS + "?sent_at=now", record()), 400, "sent_at")


def conflicts(run, server):
    entry, verifier = server.client("Entry"), server.client("Verifier")
    package = unpacked(entry.get(PACKAGE + "?records=yes"))
    seen_by_device = {r["code"]: r for r in package["records"]}
    base = seen_by_device["AC-0002"]
    told = run.valid("a change of what nobody else changed", send(entry, record(code="AC-0002", base_version=base["version"], columns={"killed": 1})), "tilth.receipt/1", 201)
    run.check("is applied", told["state"] == "changed" and entry.get("/api/1/records/accident/AC-0002").json["columns"]["killed"] == 1, told)

    base = seen_by_device["AC-0003"]
    path = "/api/1/records/accident/AC-0003"
    office = entry.ask("PATCH", path, {"columns": {"killed": 3}, "remarks": "office"}, headers=seen(base["version"]))
    run.check("the office changes another", office.status == 200, office.body)
    change = record(code="AC-0003", base_version=base["version"], columns={"killed": 2, "injured": 5}, remarks="field", seen={"columns": base["columns"], "remarks": base["remarks"], "lon": base["lon"], "lat": base["lat"]})
    told = run.valid("the field's change of it", send(entry, change), "tilth.receipt/1", 201)
    run.check("is kept beside, and says why", told["state"] == "conflict" and told["code"] == "AC-0003" and "AC-0003 was changed meanwhile by Entry" in told["message"] and told["decided"] is None, told)
    now = entry.get(path).json
    run.check("nothing is applied", now["columns"]["killed"] == 3 and now["remarks"] == "office" and now["version"] == office.json["version"])
    run.check("sent again it is kept once", send(entry, change).json == told)
    listed = run.valid("what waits for a person", verifier.get("/api/1/conflicts"), "tilth.conflicts/1")
    one = listed["conflicts"][0]
    rows = {r["name"]: (r["seen"], r["field"], r["register"]) for r in one["columns"]}
    run.check("is listed column by column", listed["total"] == 1 and rows["killed"] == (None, 2, 3) and rows["injured"] == (None, 5, None) and rows["remarks"] == (None, "field", "office") and
              rows["position"][1] == "-75.1000000, 7.0500000" and one["version"] == now["version"] and one["base_version"] == base["version"] and one["person"] == "Entry", one)
    decide = f"/api/1/conflicts/{one['id']}/decide"
    take = {"killed": "register", "injured": "field", "remarks": "field", "position": "register"}
    run.check("entry does not decide", entry.ask("POST", decide, {"take": take}, headers=seen(now["version"])).status == 403)
    run.refused("a choice for each", verifier.ask("POST", decide, {"take": {"killed": "field"}}, headers=seen(now["version"])), 400, "4 columns")
    run.refused("of two", verifier.ask("POST", decide, {"take": {**take, "killed": "mine"}}, headers=seen(now["version"])), 400, "killed")
    run.refused("with what was seen", verifier.post(decide, {"take": take}), 428, "If-Match")
    run.refused("which is what stands now", verifier.ask("POST", decide, {"take": take}, headers=seen(base["version"])), 409, "changed meanwhile")
    run.valid("decided", verifier.ask("POST", decide, {"take": take, "comment": "asked by phone"}, headers=seen(now["version"])), "tilth.edited/1")
    after = entry.get(path).json
    run.check("what was chosen stands", after["columns"]["killed"] == 3 and after["columns"]["injured"] == 5 and after["remarks"] == "field" and after["lon"] == now["lon"] and
              after["accuracy_m"] == now["accuracy_m"], after)
    run.refused("once", verifier.ask("POST", decide, {"take": take}, headers=seen(after["version"])), 409, "has decided about this")
    run.check("nothing waits any more", verifier.get("/api/1/conflicts").json["total"] == 0 and verifier.get("/api/1/conflicts?decided=yes").json["total"] == 1)
    told = run.valid("the device learns of it", entry.get(f"{RECORDS}/{change['id']}"), "tilth.receipt/1")
    run.check("with who, and what was taken", told["decided"]["person"] == "Verifier" and told["decided"]["take"] == take and told["decided"]["comment"] == "asked by phone", told["decided"])

    own = verifier.post("/api/1/records/accident", {"columns": {"date": "2024"}, "geometry": {"type": "Point", "coordinates": [-75.1, 7.05]}}).json
    told = send(entry, record(code=own["code"], base_version=own["version"], columns={"killed": 1})).json
    run.check("a change of somebody else's draft is kept beside as well", told["state"] == "conflict" and "draft of Verifier" in told["message"], told)
    told = send(entry, record(code="AC-9999", base_version="0" * 32)).json
    run.check("of a record that is not there: refused, kept", told["state"] == "refused" and "AC-9999" in told["message"], told)


def rows_of(path):
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return base.execute("SELECT r.uuid, r.state, r.sha256, a.category, a.killed, a.remarks, hex(a.geom) FROM field_receipt r LEFT JOIN accident a ON a.code = r.code ORDER BY r.uuid").fetchall()
    finally:
        base.close()


def twice_in_any_order(run, folder):
    """1,000 records, each sent twice in random order, the server killed (SIGKILL) in between: as sent once in order."""
    rng = random.Random(6)
    made = [json.dumps({**record(), "id": str(uuid.UUID(int=rng.getrandbits(128))), "made_at": stamp(-rng.randrange(10**6)),
                        "columns": {"date": "2024", "category": f"c{i}", "killed": -1 if i % 100 == 7 else i % 5},
                        "geometry": {"type": "Point", "coordinates": [-75.19 + 0.0001 * i, 7.02 + 0.0001 * i]}}).encode() for i in range(N)]
    results = []
    for name, plan, kills in (("once.gpkg", list(range(N)), 0), ("twice.gpkg", rng.sample(list(range(N)) * 2, 2 * N), 4)):
        home = os.path.join(folder, name.split(".")[0])
        os.mkdir(home)
        tilth(home, "new", name, "--area=-75.2,7.0,-75.02,7.18", "--cell", "500m", "--quiet")
        path = os.path.join(home, name)
        server = Server(path)
        client, at = server.local(), 0
        stops = {len(plan) * (k + 1) // (kills + 1) for k in range(kills)}
        unanswered = 0
        while at < len(plan):
            try:
                if at in stops: # killed while a record is on its way
                    stops.discard(at)
                    client.connection.request("POST", f"{RECORDS}?sent_at={stamp()}", made[plan[at]],
                                              {"Host": f"127.0.0.1:{server.port}", "Cookie": client.cookie, "X-CSRF-Token": client.csrf, "Content-Type": "application/json"})
                    time.sleep(rng.random() * 0.02)
                    server.process.send_signal(signal.SIGKILL)
                    server.process.wait(30)
                    unanswered += 1
                    server.stop()
                    server = Server(path)
                    client = server.local()
                    continue # the answer is lost: it is sent again
                reply = send(client, made[plan[at]])
                if reply.status not in (200, 201):
                    run.check(f"{name}: record {plan[at]}", False, f"{reply.status} {reply.body[:300]}")
                    break
            except OSError as trouble:
                run.check(f"{name}: record {plan[at]}", False, trouble)
                break
            at += 1
        server.stop()
        run.check(f"{name}: all {len(plan)} were answered, {unanswered} after the server was killed", at == len(plan))
        run.check(f"{name}: check finds nothing", "error" not in tilth(home, "check", name, "--json").replace('"errors"', ""))
        results.append(rows_of(path))
    run.check(f"{N} records sent twice in any order make the same project as once in order", results[0] == results[1] and len(results[0]) == N,
              (len(results[0]), len(results[1]), [p for p in zip(results[0], results[1]) if p[0] != p[1]][:2]))


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            packages(run, server)
            receipts(run, server, folder)
            clocks(run, server)
            conflicts(run, server)
        finally:
            server.stop()
        run.check("check finds nothing", json.loads(tilth(folder, "check", "p.gpkg", "--json"))["errors"] == 0)
        twice_in_any_order(run, folder)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
