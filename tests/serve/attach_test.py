#!/usr/bin/python3
"""attach_test.py BIN: files attached to records over the network: kept once, given back as they were and never interpreted; who may, caps, names, bad requests."""
import hashlib
import http.client
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project, tilth  # noqa: E402

AT = "/api/1/records/accident/AC-0001/attachments"


class Run(Cases):
    def valid(self, what, reply, status=200):
        good = reply.status == status and not wrong(reply.json, "tilth.attachments/1")
        self.check(what, good, f"{reply.status} {reply.body[:400]} {wrong(reply.json, 'tilth.attachments/1') if reply.status == status else ''}")
        return reply.json["attachments"] if good else []

    def refused(self, what, reply, status, part=""):
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
        self.check(f"{what}: {status}", good, f"{reply.status} {reply.body[:400]}")


def put(client, name, raw, media_type="image/jpeg", at=AT, **more):
    return client.ask("POST", f"{at}?name={name}", raw=raw, headers={"Content-Type": media_type}, **more)


def keeping(run, server):
    entry, photo = server.client("Entry"), bytes(range(256)) * 2000
    run.check("nothing is attached yet", run.valid("an empty list", entry.get(AT)) == [])
    made = run.valid("a photograph", put(entry, "%D1%84%D0%BE%D1%82%D0%BE%201.jpg", photo), 201)
    one = made[0] if made else {}
    run.check("with its hash, and who and when", one.get("sha256") == hashlib.sha256(photo).hexdigest() and one["bytes"] == len(photo) and one["by"] == "Entry" and
              one["name"] == "фото 1.jpg" and one["media_type"] == "image/jpeg" and not one["missing"], one)
    again = run.valid("the same content again", put(entry, "other.jpg", photo))
    run.check("is the one that is there", again == made, again)
    got = entry.get(f"/api/1/attachments/{one.get('id')}")
    run.check("the bytes come back as they were", got.status == 200 and got.body == photo and got.headers["Content-Type"] == "image/jpeg", got.headers)
    policy = " ".join(got.headers.get_all("Content-Security-Policy"))
    run.check("as a download that no browser interprets", got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE%201.jpg" and
              got.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in policy and got.headers["Cache-Control"] == "no-store", list(got.headers.items()))
    head = entry.ask("HEAD", f"/api/1/attachments/{one.get('id')}")
    run.check("HEAD gives its size and no bytes", head.status == 200 and head.body == b"" and head.headers["Content-Length"] == str(len(photo)), list(head.headers.items()))
    page = b"<script>alert(1)</script>"
    ids = run.valid("a page", put(entry, "page.html", page, "text/html; charset=utf-8"), 201)
    got = entry.get(f"/api/1/attachments/{ids[-1]['id']}")
    run.check("is bytes and nothing else", got.body == page and got.headers["Content-Type"] == "application/octet-stream" and ids[-1]["media_type"] == "text/html", list(got.headers.items()))
    ids = run.valid("to a hazardous area", put(entry, "form.pdf", b"%PDF-1.4 x", "application/pdf", "/api/1/records/hazard-area/HA-0001/attachments"), 201)
    run.check("a record has its own only", len(ids) == 1 and len(run.valid("the accident's", entry.get(AT))) == 2)
    return one.get("id", 1)


def roles(run, server, number):
    for name in ("Quality", "Verifier", "O. Koval", "Admin"):
        client = server.client(name)
        run.check(f"{name} sees and fetches", len(run.valid(name, client.get(AT))) == 2 and client.get(f"/api/1/attachments/{number}").status == 200)
    run.refused("a quality manager attaches nothing", put(server.client("Quality"), "x.jpg", b"x"), 403)
    guest = server.client()
    run.refused("a guest sees no list", guest.get(AT), 401)
    run.refused("nor that of an area", guest.get("/api/1/records/hazard-area/HA-0001/attachments"), 401)
    run.refused("nor bytes", guest.get(f"/api/1/attachments/{number}"), 401)
    run.refused("nor attaches", put(guest, "x.jpg", b"x"), 401)
    lines = server.client("Admin").get("/api/1/reads?limit=200").json["lines"]
    run.check("each look is in the log of reads", any(line["what"] == "attachment" and line["person"] == "Quality" and line["code"] == "AC-0001" for line in lines), lines[:3])


def malformed(run, server):
    entry = server.client("Entry")
    before = len(entry.get(AT).json["attachments"])
    for name in ("", ".", "..", "a%2Fb", "..%5Cb", "x" * 300):
        run.refused(f"the name {name[:12]!r}", put(entry, name, b"x"), 422 if name else 400 if put(entry, name, b"x").status == 400 else 422)
    run.refused("a name with a line end", put(entry, "a%0Ab", b"x"), 400)
    run.refused("no name", entry.ask("POST", AT, raw=b"x", headers={"Content-Type": "image/jpeg"}), 400, "name")
    run.refused("an empty file", put(entry, "x.jpg", b""), 422, "an empty file")
    run.refused("no such record", put(entry, "x.jpg", b"x", at="/api/1/records/accident/AC-9999/attachments"), 404, "AC-9999")
    run.refused("no such kind", put(entry, "x.jpg", b"x", at="/api/1/records/wombat/AC-0001/attachments"), 404, "wombat")
    run.refused("no such attachment", entry.get("/api/1/attachments/999"), 404, "999")
    run.refused("without the session's token", put(entry, "x.jpg", b"x", csrf=False), 403)
    big = entry.ask("POST", f"{AT}?name=x.bin", raw=b"x", headers={"Content-Type": "video/mp4", "Content-Length": str(33 << 20)})
    run.check("33 MiB, said before they are sent", big.status == 413, big.status)
    odd = put(server.client("Entry"), "odd.bin", b"odd", "no type at all")
    run.check("a type that is none is bytes", odd.status == 201 and odd.json["attachments"][-1]["media_type"] == "application/octet-stream", odd.body[:300])
    run.check("nothing else of all this was written", len(server.client("Entry").get(AT).json["attachments"]) == before + 1)


def several_at_once(run, server):
    """Eight senders who stop before the end: their files lie on the disk, not in the server's memory, and no other upload finds its place taken."""
    entry, senders, mib = server.client("Entry"), [], 30
    before = server.peak_kib()
    for i in range(8):
        sender = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        sender.putrequest("POST", f"{AT}?name=at-once-{i}.bin")
        for name, value in (("Cookie", entry.cookie), ("X-CSRF-Token", entry.csrf), ("Content-Type", "image/png"), ("Content-Length", str((mib << 20) + 1))):
            sender.putheader(name, value)
        sender.endheaders()
        for _ in range(mib):
            sender.send(bytes([i]) * (1 << 20))
        senders.append(sender)
    grown = (server.peak_kib() - before) >> 10
    run.check("240 MiB on their way take little memory", grown < 48, f"{grown} MiB more")
    run.check("and are nobody's to look at", os.listdir(server.uploads) == [], os.listdir(server.uploads))
    run.check("others attach meanwhile", put(entry, "meanwhile.jpg", b"meanwhile").status == 201)
    for sender in senders[:2]:
        sender.send(b"!")
        run.check("the end comes and the file is there", sender.getresponse().status == 201)
    for sender in senders:
        sender.close()
    names = [a["name"] for a in entry.get(AT).json["attachments"]]
    run.check("what was cut off is not", [n for n in names if n.startswith("at-once")] == ["at-once-0.bin", "at-once-1.bin"], names)


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            number = keeping(run, server)
            roles(run, server, number)
            malformed(run, server)
            server.uploads = path + ".uploads"
            several_at_once(run, server)
            large = os.urandom(32 << 20)
            reply = put(server.client("Entry"), "large.bin", large, "application/octet-stream")
            run.check("32 MiB are taken", reply.status == 201, f"{reply.status} {reply.body[:200]}")
            last = reply.json["attachments"][-1]["id"]
            run.check("and come back", server.client("Entry").get(f"/api/1/attachments/{last}").body == large)
        finally:
            server.stop()
        run.check("the server said nothing", server.errors == "", server.errors)
        run.check("tilth check finds no error", '"severity": "error"' not in tilth(folder, "check", "p.gpkg", "--json"))
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
