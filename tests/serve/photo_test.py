#!/usr/bin/python3
"""photo_test.py BIN: photographs of records from the field: sent after the receipt, once, whatever became of the record; only pictures, without metadata; who may."""
import hashlib
import http.client
import os
import sqlite3
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from field_test import RECORDS, record, seen, send  # noqa: E402
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project, tilth  # noqa: E402

JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
FRAME = b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x08\x01\x01\x11\x00"
EXIF = b"\xff\xe1\x00\x1cExif\x00\x00MM\x00*48.12345 37.5"
EXIF = EXIF[:2] + (len(EXIF) - 2).to_bytes(2, "big") + EXIF[4:]


def jpeg(words, before=b"", after=b""):
    """A JPEG as to its parts; the coded bytes are words, so that each is another picture."""
    return b"\xff\xd8" + JFIF + before + FRAME + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + words.encode() + b"\xff\xd9" + after


def put(client, uuid, raw, name="photo.jpg", media_type="image/jpeg", **more):
    return client.ask("POST", f"{RECORDS}/{uuid}/photographs?name={name}", raw=raw, headers={"Content-Type": media_type}, **more)


class Run(Cases):
    def valid(self, what, reply, status, schema="tilth.field-photographs/1"):
        good = reply.status == status and not wrong(reply.json, schema)
        self.check(what, good, f"{reply.status} {reply.body[:400]} {wrong(reply.json, schema) if reply.status == status else ''}")
        return reply.json if good else {"photographs": [{}]}

    def refused(self, what, reply, status, part):
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
        self.check(f"{what}: {status}", good, f"{reply.status} {reply.body[:300]}")


def names(client, at):
    return [a["sha256"] for a in client.get(at).json["attachments"]]


def sha(raw):
    return hashlib.sha256(raw).hexdigest()


def of_a_new_record(run, server):
    entry, body = server.client("Entry"), record()
    run.refused("before its record", put(entry, body["id"], jpeg("one")), 404, body["id"])
    code = send(entry, body).json["code"]
    at = f"/api/1/records/accident/{code}/attachments"
    one = run.valid("a photograph", put(entry, body["id"], jpeg("one")), 201)
    receipt = one["photographs"][0]
    run.check("its receipt is of its bytes", receipt.get("sha256") == sha(jpeg("one")) and receipt["bytes"] == len(jpeg("one")) and receipt["by"] == "Entry" and
              receipt["media_type"] == "image/jpeg" and one["record"] == body["id"], one)
    again = run.valid("the same again", put(entry, body["id"], jpeg("one"), "other-name.jpg"), 200)
    run.check("has the same receipt", again == one, again)
    run.valid("another", put(entry, body["id"], jpeg("two")), 201)
    run.check("both hang on the record that was entered", names(entry, at) == [sha(jpeg("one")), sha(jpeg("two"))], names(entry, at))
    listed = run.valid("what came of it", entry.get(f"{RECORDS}/{body['id']}/photographs"), 200)
    run.check("in the order of coming", [p["sha256"] for p in listed["photographs"]] == [sha(jpeg("one")), sha(jpeg("two"))], listed)
    got = entry.get(f"/api/1/attachments/{receipt['id']}")
    run.check("the bytes come back as they were, as a download", got.body == jpeg("one") and got.headers["Content-Type"] == "image/jpeg" and
              got.headers["X-Content-Type-Options"] == "nosniff" and "attachment" in got.headers["Content-Disposition"], list(got.headers.items()))
    reads = server.client("Admin").get("/api/1/reads?limit=50").json["lines"]
    run.check("looking at them is written down", any(line["what"] == "field photographs" and line["code"] == body["id"] for line in reads), reads[:3])
    return body["id"]


def of_a_kept_change(run, server):
    entry, vira = server.client("Entry"), server.client("Verifier")
    found = entry.get("/api/1/records/accident/AC-0003")
    version, at = found.headers["ETag"].strip('"'), "/api/1/records/accident/AC-0003/attachments"
    vira.ask("PATCH", "/api/1/records/accident/AC-0003", {"columns": {"killed": 2}}, headers=seen(version))
    body = {**record(code="AC-0003", base_version=version, columns={"injured": 3}), "seen": {"columns": {}, "remarks": None, "lon": None, "lat": None}}
    for member in ("geometry", "accuracy_m", "remarks"):
        body.pop(member)
    run.check("a change is kept beside", send(entry, body).json["state"] == "conflict")
    run.valid("its photograph is taken", put(entry, body["id"], jpeg("three")), 201)
    run.check("and does not hang on the record yet", names(entry, at) == [], names(entry, at))
    conflicts = run.valid("the page of kept changes", vira.get("/api/1/conflicts"), 200, "tilth.conflicts/1")["conflicts"]
    one = next(c for c in conflicts if c["uuid"] == body["id"])
    run.check("shows it", [p["sha256"] for p in one["photographs"]] == [sha(jpeg("three"))] and vira.get(f"/api/1/attachments/{one['photographs'][0]['id']}").body == jpeg("three"), one)
    decided = vira.ask("POST", f"/api/1/conflicts/{one['id']}/decide", {"take": {"injured": "register"}}, headers=seen(one["version"]))
    run.check("a person decides against it", decided.status == 200, decided.body)
    run.check("the photograph hangs on the record all the same", names(entry, at) == [sha(jpeg("three"))], names(entry, at))
    run.valid("one that comes late", put(entry, body["id"], jpeg("four")), 201)
    run.check("does so at once", names(entry, at) == [sha(jpeg("three")), sha(jpeg("four"))], names(entry, at))


def of_a_refused_record(run, server):
    entry, vira = server.client("Entry"), server.client("Verifier")
    body = record(columns={"date": "2024-05-31", "killed": -3})
    run.check("a record is refused", send(entry, body).json["state"] == "refused")
    run.valid("its photograph is kept all the same", put(entry, body["id"], jpeg("five")), 201)
    refused = run.valid("the list of what was refused", vira.get("/api/1/field/refused"), 200, "tilth.field-refused/1")["records"]
    one = next(r for r in refused if r["uuid"] == body["id"])
    run.check("shows it", [p["sha256"] for p in one["photographs"]] == [sha(jpeg("five"))], one)
    mender = record(mends=body["id"])
    code = send(entry, mender).json["code"]
    at = f"/api/1/records/accident/{code}/attachments"
    run.check("it comes to the record that stands for it", names(entry, at) == [sha(jpeg("five"))], names(entry, at))
    run.valid("and with that one's own", put(entry, mender["id"], jpeg("six")), 201)
    run.check("both are there", names(entry, at) == [sha(jpeg("five")), sha(jpeg("six"))], names(entry, at))


def malformed(run, server, uuid):
    entry = server.client("Entry")
    before = len(entry.get(f"{RECORDS}/{uuid}/photographs").json["photographs"])
    for what, raw, part in (("a picture of another kind", b"\x89PNG\r\n\x1a\n" + bytes(64), "no photograph"), ("a page", b"<svg onload=alert(1)>", "no photograph"),
                            ("a place in it", jpeg("x", EXIF), "metadata (Exif)"), ("a comment", jpeg("x", b"\xff\xfe\x00\x06Olha"), "metadata (a comment)"),
                            ("a film behind it", jpeg("x", after=b"\x00\x00\x00\x18ftypmp42"), "more bytes"), ("cut off", jpeg("x")[:-3], "cut off"), ("no bytes", b"", "an empty file")):
        run.refused(what, put(entry, uuid, raw), 422, part)
    run.check("another type of body", put(entry, uuid, jpeg("x"), media_type="image/png").status == 415)
    run.check("no name", entry.ask("POST", f"{RECORDS}/{uuid}/photographs", raw=jpeg("x"), headers={"Content-Type": "image/jpeg"}).status == 400)
    run.refused("a name with a folder", put(entry, uuid, jpeg("x"), "a%2Fb.jpg"), 422, "not a file's name")
    run.check("without the session's token", put(entry, uuid, jpeg("x"), csrf=False).status == 403)
    big = entry.ask("POST", f"{RECORDS}/{uuid}/photographs?name=x.jpg", raw=b"x", headers={"Content-Type": "image/jpeg", "Content-Length": str(33 << 20)})
    run.check("33 MiB, said before they are sent", big.status == 413, big.status)
    run.check("a guest", put(server.client(), uuid, jpeg("x")).status == 401)
    run.check("a quality manager", put(server.client("Quality"), uuid, jpeg("x")).status == 403)
    run.check("a guest sees none", server.client().get(f"{RECORDS}/{uuid}/photographs").status == 401)
    run.check("nothing of all this was kept", len(server.client("Entry").get(f"{RECORDS}/{uuid}/photographs").json["photographs"]) == before)


def cut_off(run, server, uuid, path):
    """A connection that breaks in the middle, then the same again: it is there once."""
    entry, raw = server.client("Entry"), jpeg("7" * 400000)
    for _ in range(3):
        broken = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        broken.putrequest("POST", f"{RECORDS}/{uuid}/photographs?name=broken.jpg")
        for name, value in (("Cookie", entry.cookie), ("X-CSRF-Token", entry.csrf), ("Content-Type", "image/jpeg"), ("Content-Length", str(len(raw)))):
            broken.putheader(name, value)
        broken.endheaders()
        broken.send(raw[:200000])
        broken.close()
    run.check("what was cut off is not there", sha(raw) not in [p["sha256"] for p in entry.get(f"{RECORDS}/{uuid}/photographs").json["photographs"]])
    run.valid("sent again it is", put(entry, uuid, raw), 201)
    lost = server.client("Entry") # the answer is lost: asked what came, then sent again all the same
    run.check("a device can ask what came", sha(raw) in [p["sha256"] for p in lost.get(f"{RECORDS}/{uuid}/photographs").json["photographs"]])
    run.valid("and again", put(lost, uuid, raw), 200)
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        n = db.execute("SELECT count(*) FROM attachment WHERE sha256 = ? AND table_name = 'field_receipt'", (sha(raw),)).fetchone()[0]
    run.check("once", n == 1, n)


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            uuid = of_a_new_record(run, server)
            of_a_kept_change(run, server)
            of_a_refused_record(run, server)
            malformed(run, server, uuid)
            cut_off(run, server, uuid, path)
            uploads = path + ".uploads"
            run.check("nothing is left lying about", os.listdir(uploads) == [], os.listdir(uploads))
        finally:
            server.stop()
        run.check("the server said nothing", server.errors == "", server.errors)
        run.check("tilth check finds no error", '"severity": "error"' not in tilth(folder, "check", "p.gpkg", "--json"))
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
