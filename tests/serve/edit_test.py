#!/usr/bin/python3
"""edit_test.py BIN: records entered and changed by hand, their way from draft to approved, two writers who meet, bad requests, a server killed in between."""
import json
import os
import signal
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project, tilth  # noqa: E402

ACCIDENTS = "/api/1/records/accident"
AREAS = "/api/1/records/hazard-area"
RING = [[-75.14, 7.12], [-75.13, 7.12], [-75.13, 7.13], [-75.14, 7.13], [-75.14, 7.12]]


class Run(Cases):
    def valid(self, what, reply, name="tilth.edited/1", status=200):
        good = reply.status == status and not wrong(reply.json, name)
        self.check(what, good, f"{reply.status} {reply.body[:400]} {wrong(reply.json, name) if reply.status == status else ''}")
        return reply.json

    def refused(self, what, reply, status, part):
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
        self.check(f"{what}: {status}", good, f"{reply.status} {reply.body[:400]}")


def seen(version):
    return {"If-Match": f'"{version}"'}


def entering(run, server):
    entry = server.client("Entry")
    form = {"id": "3f0e-1", "columns": {"date": "2024-05-31", "category": "AP mine", "killed": 1, "marked": False}, "position": "18N VN 78000 79000",
            "remarks": "біля школи"}
    run.check("the form is as its schema says", not wrong(form, "tilth.record-request/1"))
    reply = entry.post(ACCIDENTS, form)
    made = run.valid("a record by hand", reply, status=201)
    run.check("is a draft that its author may change and submit", made["record_status"] == "draft" and made["may"] == ["change", "submit"] and made["is_new"], made)
    again = run.valid("sent again", entry.post(ACCIDENTS, form))
    run.check("it is the same one", again["code"] == made["code"] and not again["is_new"] and again["version"] == made["version"], again)
    run.refused("the same id with other content", entry.post(ACCIDENTS, {**form, "remarks": "elsewhere"}), 409, made["code"])
    shown = entry.get(reply.headers["Location"])
    record = run.valid("GET shows it", shown, "tilth.record/1")
    run.check("with what was typed", record["position_text"] == "18N VN 78000 79000" and record["columns"]["killed"] == 1 and record["columns"]["marked"] is False and
              record["remarks"] == "біля школи" and record["accuracy_m"] > 0 and record["entered_by"] == "Entry", record)
    run.check("with its version as ETag", shown.headers["ETag"] == f'"{made["version"]}"' == f'"{record["version"]}"', shown.headers)
    run.check("the log names who", record["history"][0]["actor"] == "Entry" and record["history"][0]["op"] == "insert" and len(record["history"]) == 1, record["history"])
    drawn = entry.post(AREAS, {"columns": {"name": "Поле 9", "status": "open", "date": "2024"}, "geometry": {"type": "Polygon", "coordinates": [RING]}, "accuracy_m": 25})
    area = run.valid("an area as GeoJSON", drawn, status=201)
    run.check("a year alone is a doubt", [d["reason"] for d in area["doubts"]] == ["year-only"], area)
    kept = entry.get(f"{AREAS}/{area['code']}").json
    run.check("its perimeter comes back as it was drawn", kept["geometry"] == {"type": "Polygon", "coordinates": [RING]} and kept["accuracy_m"] == 25, kept["geometry"])
    nobody = run.valid("a guest sees the area", server.client().get(f"{AREAS}/{area['code']}"), "tilth.record/1")
    run.check("and not who entered it", not {"version", "entered_by", "reviews", "may"} & set(nobody), list(nobody))
    quality = run.valid("a quality manager", server.client("Quality").get(reply.headers["Location"]), "tilth.record/1")
    run.check("may do nothing with it", quality["may"] == [], quality["may"])
    run.refused("nor enter one", server.client("Quality").post(ACCIDENTS, form), 403, "")
    return made["code"]


def flow(run, server, code):
    entry, verifier, approver = (server.client(name) for name in ("Entry", "Verifier", "O. Koval"))
    path = f"{ACCIDENTS}/{code}"

    def step(client, act, body, version):
        return client.ask("POST", f"{path}/{act}", body, headers=seen(version))

    version = entry.get(path).json["version"]
    run.refused("a draft is not approved", step(verifier, "approve", {}, version), 409, "only what is submitted")
    run.check("nothing waits yet", verifier.get("/api/1/queue").json["records"] == [])
    told = run.valid("submitted", step(entry, "submit", {}, version))
    waiting = run.valid("what waits for approval", verifier.get("/api/1/queue"), "tilth.queue/1")
    run.check("is this one", waiting["total"] == 1 and waiting["records"][0]["code"] == code and waiting["records"][0]["entered_by"] == "Entry", waiting)
    run.check("is submitted", told["record_status"] == "submitted" and "submit" not in told["may"], told)
    run.refused("its author may not approve", step(entry, "approve", {}, told["version"]), 403, "")
    run.refused("an approval rests on what was seen", step(verifier, "approve", {}, version), 409, f"{code} was changed meanwhile by Entry at 20")
    run.refused("a return needs words", step(verifier, "return", {}, told["version"]), 400, "comment")
    told = run.valid("returned", step(verifier, "return", {"comment": "Яке село?"}, told["version"]))
    record = entry.get(path).json
    run.check("to draft, with the comment", record["record_status"] == "draft" and record["reviews"][0] ==
              {"at": record["reviews"][0]["at"], "act": "returned", "person": "Verifier", "role": "verifier", "comment": "Яке село?"}, record["reviews"])
    lines = [line for line in server.client("Admin").get("/api/1/log?limit=5").json["lines"] if line["table"] == "review"]
    back = run.valid("drafts", entry.get("/api/1/queue?status=draft"), "tilth.queue/1")["records"]
    run.check("the returned one stands there with its comment", [r["comment"] for r in back if r["code"] == code] == ["Яке село?"], back)
    run.check("a guest sees no queue", server.client().get("/api/1/queue").status == 401)
    run.check("the log keeps the comment", lines and lines[0]["after"]["comment"] == "Яке село?" and lines[0]["actor"] == "Verifier", lines[:1])
    told = run.valid("its author mends it", entry.ask("PATCH", path, {"remarks": "Анорі"}, headers=seen(record["version"])))
    told = run.valid("submits it again", step(entry, "submit", {"comment": "done"}, told["version"]))
    told = run.valid("approved", step(verifier, "approve", {}, told["version"]))
    record = run.valid("an approved record", approver.get(path), "tilth.record/1")
    run.check("names its approver", record["record_status"] == "approved" and record["approved_by"] == "Verifier" and record["entered_by"] == "Entry", record)
    told = run.valid("an approver changes it", approver.ask("PATCH", path, {"columns": {"injured": 2, "killed": None}}, headers=seen(told["version"])))
    run.check("it is submitted anew", told["record_status"] == "submitted" and "approve" not in told["may"], told)
    run.refused("nobody approves their own change", step(approver, "approve", {}, told["version"]), 403, "somebody else has to approve")
    told = run.valid("somebody else does", step(verifier, "approve", {}, told["version"]))
    columns = entry.get(path).json["columns"]
    run.check("the change is there, the rest is as it was", columns["injured"] == 2 and columns["killed"] is None and columns["category"] == "AP mine", columns)


def meeting(run, server, code):
    """Two people change the same record: the first one's stands, the second one is told."""
    first, second, path = server.client("Entry"), server.client("Verifier"), f"{ACCIDENTS}/{code}"
    version = first.get(path).json["version"]
    run.valid("the first of two", first.ask("PATCH", path, {"remarks": "first"}, headers=seen(version)))
    late = second.ask("PATCH", path, {"remarks": "second"}, headers=seen(version))
    run.refused("the second of two", late, 409, f"{code} was changed meanwhile by Entry at 20")
    run.check("by the name of the error", late.json["error"] == "TL_ECONFLICT" and first.get(path).json["remarks"] == "first", late.body)
    run.refused("without a version", second.ask("PATCH", path, {"remarks": "x"}), 428, "If-Match")
    for bad in ("*", "3", '"x"', f'W/"{version}"', f'"{version}", "{version}"'):
        run.refused(f"If-Match {bad[:12]}", second.ask("PATCH", path, {"remarks": "x"}, headers={"If-Match": bad}), 400, "If-Match")
    same = first.get(path).json
    told = run.valid("a change that changes nothing", second.ask("PATCH", path, {"remarks": "first"}, headers=seen(same["version"])))
    run.check("leaves the version and the history", told["version"] == same["version"] and len(first.get(path).json["history"]) == len(same["history"]), told)
    statuses, lock = [], threading.Lock()

    def race(client, i):
        reply = client.ask("PATCH", path, {"remarks": f"race {i}"}, headers=seen(same["version"]))
        with lock:
            statuses.append((reply.status, i))
    people = [server.client(name) for name in ("Entry", "Verifier", "O. Koval", "Admin")]
    threads = [threading.Thread(target=race, args=(client, i)) for i, client in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [i for status, i in statuses if status == 200]
    run.check("of four at once one wins", len(won) == 1 and sorted(s for s, _ in statuses) == [200, 409, 409, 409], statuses)
    run.check("and it is the one that is kept", first.get(path).json["remarks"] == f"race {won[0]}" if won else False)


def guarded(run, server, folder):
    """What ends an area is a decision; evidence in a released area raises a finding, typed or imported."""
    entry = server.client("Entry")
    area = {"columns": {"name": "x", "status": "cleared"}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
    run.refused("an area is not entered as cleared", entry.post(AREAS, area), 403, "by a decision")
    version = entry.get(f"{AREAS}/HA-0001").json["version"]
    run.refused("nor made so", entry.ask("PATCH", f"{AREAS}/HA-0001", {"columns": {"status": "handed over"}}, headers=seen(version)), 403, "by a decision")
    approver = server.client("O. Koval")
    kept = approver.post("/api/1/areas/HA-0001/assess", {"draws": 128, "keep": True})
    done = approver.post("/api/1/areas/HA-0001/release", {"as": "cleared", "reason": "criteria met", "password": "correct horse 7"})
    run.check("the area is released", kept.status == 200 and done.status == 200, done.body)
    version = entry.get(f"{AREAS}/HA-0001").json["version"]
    wider = {"geometry": {"type": "Polygon", "coordinates": [RING]}}
    run.refused("a released area does not grow", entry.ask("PATCH", f"{AREAS}/HA-0001", wider, headers=seen(version)), 403, "perimeter")
    run.valid("an accident in it", entry.post(ACCIDENTS, {"columns": {"date": "2026-10-01"}, "position": "7.06N 75.13W"}), status=201)
    found = server.client("Quality").get("/api/1/findings").json["findings"]
    run.check("raises a finding at once", len(found) == 1 and found[0]["area"] == "HA-0001", found)


def malformed(run, server, code):
    entry = server.client("Entry")
    before = entry.get("/api/1/project").json["kinds"]
    place = {"position": "7.05N 75.10W"}
    for body, status, part in (
            ({}, 422, "neither a position nor a geometry"), ({**place, "wombat": 1}, 400, "wombat"), ({**place, "columns": []}, 400, "columns"),
            ({**place, "columns": {"wombat": 1}}, 400, "no column \"wombat\""), ({**place, "columns": {"killed": [1]}}, 400, "killed"),
            ({**place, "columns": {"killed": "1,234"}}, 422, "did you mean 1234?"), ({**place, "columns": {"killed": -1}}, 422, "expected 0 to"),
            ({**place, "columns": {"killed": 1.5}}, 422, "whole number"), ({**place, "columns": {"date": "03/04/2020"}}, 422, "which is the day"),
            ({**place, "columns": {"date": "2199-01-01"}}, 422, "after today"), ({**place, "columns": {"marked": "maybe"}}, 422, "yes or no"),
            ({**place, "columns": {"category": "a\u0000b"}}, 400, "u0000"), ({"position": 7}, 400, "position"), ({"position": "by the tree"}, 422, ""),
            ({"position": "7.05N 75.10E"}, 422, "would lie inside"), ({"position": "50N 30E"}, 422, "outside the area"),
            ({**place, "accuracy_m": -1}, 400, "accuracy_m"), ({**place, "accuracy_m": "5"}, 400, "accuracy_m"), ({**place, "remarks": 5}, 400, "remarks"),
            ({**place, "id": ""}, 400, "id"), ({**place, "id": "x" * 65}, 400, "id"), ({**place, "outside_is_ok": "yes"}, 400, "outside_is_ok"),
            ({**place, "geometry": {"type": "Point", "coordinates": [-75.1, 7.05]}}, 422, "both"), ({"geometry": "POINT(1 2)"}, 400, "GeoJSON"),
            ({"geometry": {"type": "Point", "coordinates": [400, 7]}}, 422, "geometry"), ({"geometry": {"type": "Point", "coordinates": [7.05, -75.1]}}, 422, "would lie inside"),
            ({"geometry": {"type": "Polygon", "coordinates": [RING]}}, 422, "expected a point")):
        run.refused(f"{json.dumps(body)[:70]}", entry.post(ACCIDENTS, body), status, part)
    version = entry.get(f"{ACCIDENTS}/{code}").json["version"]
    run.refused("an id is not changed", entry.ask("PATCH", f"{ACCIDENTS}/{code}", {"id": "z"}, headers=seen(version)), 400, "id")
    run.refused("no such record", entry.ask("PATCH", f"{ACCIDENTS}/AC-9999", {}, headers=seen(version)), 404, "AC-9999")
    run.refused("no such kind", entry.post("/api/1/records/wombat", place), 404, "wombat")
    run.refused("a comment that is no text", entry.ask("POST", f"{ACCIDENTS}/{code}/submit", {"comment": 1}, headers=seen(version)), 400, "comment")
    for raw in (b"", b"[]", b"{", b'{"position": "7.05N 75.10W"', b'{"id":"a","id":"b"}', b"[" * 5000, b'{"position":"\xff"}'):
        reply = entry.ask("POST", ACCIDENTS, raw=raw, headers={"Content-Type": "application/json"})
        run.check(f"a body {raw[:16]} is refused", reply.status in (400, 422) and not wrong(reply.json, "tilth.error/1"), f"{reply.status} {reply.body[:200]}")
    big = server.client("Entry").ask("POST", ACCIDENTS, raw=b"{", headers={"Content-Type": "application/json", "Content-Length": str(2 << 20)})
    run.check("too large, said before it is sent", big.status == 413, big.status)
    forged = entry.ask("POST", ACCIDENTS, place, csrf=False)
    run.check("without the session's token", forged.status == 403, forged.status)
    run.check("nothing of all this was written", entry.get("/api/1/project").json["kinds"] == before)


def killed(run, path, folder):
    """kill -9 while writers write: what was answered is there once, and sending all again with the same ids adds only what is missing."""
    server = Server(path)
    client, done = server.client("Entry"), []
    forms = [{"id": f"kill-{i}", "columns": {"category": f"kill {i}"}, "position": "7.05N 75.10W"} for i in range(60)]

    def write():
        try:
            for form in forms:
                if client.post(ACCIDENTS, form).status == 201:
                    done.append(form["id"])
                if len(done) == 12:
                    half.set()
        except OSError:
            pass
        half.set()
    half = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    half.wait(60)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(30)
    writer.join()
    server.stop()
    server = Server(path)
    try:
        client = server.client("Entry")
        kept = {r["code"]: r["category"] for r in client.get(f"{ACCIDENTS}?q=kill&limit=1000").json["records"]}
        run.check("it was killed in between", 12 <= len(done) < 60, len(done))
        run.check("what was answered is there", len(kept) - len(done) in (0, 1) and len(set(kept.values())) == len(kept), (len(kept), len(done)))
        replies = [client.post(ACCIDENTS, form).status for form in forms]
        run.check("the rest comes by sending all again", replies.count(200) == len(kept) and replies.count(201) == 60 - len(kept), replies)
        run.check("each once", client.get(f"{ACCIDENTS}?q=kill").json["total"] == 60)
    finally:
        server.stop()
    run.check("tilth check finds no error", '"severity": "error"' not in tilth(folder, "check", "p.gpkg", "--json"))


def alone(run, path):
    """Without accounts there is one person, who may approve what they entered."""
    server = Server(path)
    try:
        local = server.local()
        made = run.valid("the local person enters", local.post(ACCIDENTS, {"position": "7.05N 75.10W"}), status=201)
        at = f"{ACCIDENTS}/{made['code']}"
        told = run.valid("submits", local.ask("POST", at + "/submit", {}, headers=seen(made["version"])))
        told = run.valid("and approves", local.ask("POST", at + "/approve", {}, headers=seen(told["version"])))
        run.check("it is approved", told["record_status"] == "approved", told)
    finally:
        run.check("Ctrl-C ends the server with success", server.stop() == 0 and server.errors == "", server.errors)


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        alone(run, path)
        accounts(folder)
        server = Server(path)
        try:
            code = entering(run, server)
            flow(run, server, code)
            meeting(run, server, code)
            malformed(run, server, code)
            guarded(run, server, folder)
        finally:
            server.stop()
        run.check("the server said nothing", server.errors == "", server.errors)
        killed(run, path, folder)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
