#!/usr/bin/python3
"""victims_test.py BIN: victims over the network: who may enter, who may read what names a person, when a key is open and when not, and that nothing personal stands in any file, reply or message but where it belongs."""
import glob
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import PASSWORD, Cases, Server, accounts, project, tilth  # noqa: E402

AT = "/api/1/accidents/AC-0001/victims"
KEY = "/api/1/victims-key"
DETAILS = {"name": "Тарас Мельник", "born": "1987-03-14", "address": "Kamianka, Lisova 12", "contact": "0671112233", "remarks": "left leg lost"}
SECOND = {"name": "Ганна Мельник", "remarks": "was with him"}
OWN = "keeper of names 1" # O. Koval's password for personal details, another than the account's


class Run(Cases):
    def valid(self, what, reply, name="tilth.victims/1", status=200):
        good = reply.status == status and not wrong(reply.json, name)
        self.check(what, good, f"{reply.status} {reply.body[:400]} {wrong(reply.json, name) if reply.status == status else ''}")
        return reply.json

    def refused(self, what, reply, status, part=""):
        text = reply.body.decode()
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
        self.check(f"{what}: {status}", good, f"{reply.status} {text[:400]}")
        self.check(f"{what}: nothing personal is said", not any(v in text for v in [*DETAILS.values(), *SECOND.values(), OWN]), text)


def seen(version):
    return {"If-Match": f'"{version}"'}


def before_a_key(run, server):
    entry = server.client("Entry")
    told = run.valid("without a key", entry.get(AT))
    run.check("there is none, and nobody reads", (told["has_key"], told["may_read"], told["opened"], told["may_write"], told["victims"]) == (False, False, False, True, []), told)
    run.refused("personal details without a key", entry.post(AT, {"outcome": "killed", "personal": DETAILS}), 409, "init")
    run.refused("opening without a key", entry.post(KEY, {"password": OWN}), 404, "init")


def entering(run, server):
    entry = server.client("Entry")
    form = {"outcome": "injured", "sex": "male", "age_group": "adult", "activity": "mowing", "tampering": "no", "personal": DETAILS}
    run.check("the form is as its schema says", not wrong(form, "tilth.victim-request/1"))
    reply = entry.post(AT, form)
    made = run.valid("who enters writes", reply, "tilth.victim/1", 201)
    run.check("and gets nothing personal back", made["code"] == "VI-0001" and made["sealed"] and made["personal"] is None and made["entered_by"] == "Entry" and
              reply.headers["ETag"] == f'"{made["version"]}"', made)
    run.valid("a second one", entry.post(AT, {"outcome": "killed", "personal": SECOND}), "tilth.victim/1", 201)
    told = run.valid("the list", entry.get(AT))
    run.check("has both, and names nobody", [v["code"] for v in told["victims"]] == ["VI-0001", "VI-0002"] and all(v["sealed"] and v["personal"] is None for v in told["victims"]) and
              not told["may_read"] and not told["opened"], told)
    run.refused("who is not named asks", entry.get(AT + "?personal=yes"), 403, "not named")
    run.refused("or opens", entry.post(KEY, {"password": OWN}), 403, "name or password")
    run.refused("or says another's name", entry.post(KEY, {"password": OWN, "name": "O. Koval"}), 403, "own name")
    mended = run.valid("columns are changed", entry.ask("PATCH", "/api/1/victims/VI-0001", {"activity": "herding", "sex": None}, headers=seen(made["version"])), "tilth.victim/1")
    run.check("as they were given", (mended["activity"], mended["sex"], mended["outcome"], mended["sealed"]) == ("herding", None, "injured", True), mended)
    run.refused("details that are there", entry.ask("PATCH", "/api/1/victims/VI-0001", {"personal": SECOND}, headers=seen(mended["version"])), 403, "VI-0001 has personal details already")
    run.refused("nor taken away", entry.ask("PATCH", "/api/1/victims/VI-0001", {"personal": None}, headers=seen(mended["version"])), 403, "already")
    run.refused("another version", entry.ask("PATCH", "/api/1/victims/VI-0001", {"activity": "x"}, headers=seen(made["version"])), 409, "VI-0001 was changed meanwhile by Entry at 20")
    run.refused("no version", entry.ask("PATCH", "/api/1/victims/VI-0001", {"activity": "x"}), 428, "If-Match")


def reading(run, server):
    named = server.client("O. Koval")
    told = run.valid("a named person", named.get(AT))
    run.check("may read, and has not opened it", told["may_read"] and not told["opened"], told)
    run.refused("asks too early", named.get(AT + "?personal=yes"), 403, "open the personal details first")
    run.refused("the account's password does not open", named.post(KEY, {"password": PASSWORD}), 403, "name or password")
    run.valid("their own does", named.post(KEY, {"password": OWN}), "tilth.victims-key/1")
    told = run.valid("asked without them", named.get(AT))
    run.check("they are not given", told["opened"] and all(v["personal"] is None for v in told["victims"]), told)
    shown = run.valid("asked for them", named.get(AT + "?personal=yes"))
    run.check("they are", [v["personal"] for v in shown["victims"]] == [DETAILS, SECOND], shown)
    run.check("nothing of it is cached", named.get(AT + "?personal=yes").headers["Cache-Control"] == "no-store")
    other = server.client("O. Koval")
    run.refused("another session of the same person has not opened it", other.get(AT + "?personal=yes"), 403, "first")
    third = {**SECOND, "contact": "none"}
    told = run.valid("who reads may replace", named.ask("PATCH", "/api/1/victims/VI-0002", {"personal": third}, headers=seen(shown["victims"][1]["version"])), "tilth.victim/1")
    run.check("and gets nothing personal back", told["personal"] is None and told["sealed"], told)
    shown = named.get(AT + "?personal=yes").json
    run.check("the new ones are there", shown["victims"][1]["personal"] == third, shown)
    run.valid("closed again", named.ask("DELETE", KEY), "tilth.victims-key/1")
    run.refused("it is closed", named.get(AT + "?personal=yes"), 403, "first")
    named.post(KEY, {"password": OWN})
    cookie = named.cookie
    named.ask("DELETE", "/api/1/session")
    named.log_in("O. Koval")
    run.check("a log-out closes it", named.cookie != cookie and not named.get(AT).json["opened"])
    tries = [named.post(KEY, {"password": "wrong password"}).status for _ in range(14)]
    run.check("guessing is slowed down", tries[0] == 403 and tries[-1] == 429, tries)


def roles(run, server):
    guest, quality = server.client(), server.client("Quality")
    for name, client, status in (("a guest", guest, 401), ("a quality manager", quality, 403)):
        run.refused(f"{name} sees not even how many", client.get(AT), status)
        run.refused(f"{name} enters none", client.post(AT, {"outcome": "killed"}), status)
        run.refused(f"{name} changes none", client.ask("PATCH", "/api/1/victims/VI-0001", {"sex": "male"}, headers=seen("0" * 32)), status)
        run.refused(f"{name} opens nothing", client.post(KEY, {"password": OWN}), status)
    run.check("nor in the log", not [x for x in quality.get("/api/1/log?limit=500").json["lines"] if x["table"] == "victim"] and
              [x for x in server.client("Verifier").get("/api/1/log?limit=500").json["lines"] if x["table"] == "victim"])
    for name in ("Entry", "Verifier", "Admin"):
        run.check(f"{name} sees the list and no name", [v["personal"] for v in run.valid(name, server.client(name).get(AT))["victims"]] == [None, None])
        run.refused(f"{name} is not named", server.client(name).get(AT + "?personal=yes"), 403, "not named")


def malformed(run, server):
    entry = server.client("Entry")
    for body, status, part in (({"outcome": "hurt"}, 422, "killed|injured"), ({"outcome": 1}, 400, "outcome"), ({"wombat": 1}, 400, "wombat"), ({"personal": []}, 400, "personal"),
                               ({"personal": "Тарас Мельник"}, 400, "personal"), ({"personal": {"phone": "0671112233"}}, 422, "name, born"), ({"personal": {"name": 5}}, 422, "personal.name"),
                               ({"personal": {"born": "14.03.1987"}}, 422, "personal.born"), ({"personal": {"name": "x" * 4001}}, 422, "personal.name"), ({"sex": "", }, 400, "sex")):
        run.refused(f"{str(body)[:30]}", entry.post(AT, body), status, part)
    run.refused("no such accident", entry.post("/api/1/accidents/AC-9999/victims", {"outcome": "killed"}), 404, "AC-9999")
    run.refused("no such victim", entry.ask("PATCH", "/api/1/victims/VI-9999", {"sex": "male"}, headers=seen("0" * 32)), 404, "VI-9999")
    run.refused("a code that is none", entry.ask("PATCH", "/api/1/victims/x", {"sex": "male"}, headers=seen("0" * 32)), 404)
    run.refused("without the session's token", entry.ask("POST", AT, {"outcome": "killed"}, csrf=False), 403)
    run.check("nothing of all this was written", len(entry.get(AT).json["victims"]) == 2)


def changes_of_people(run, server, folder):
    """Naming, taking off and rotating while the server runs."""
    admin = server.client("Admin")
    tilth(folder, "victims", "p.gpkg", "grant", "--by", "O. Koval", "--name", "Admin", "--quiet", text=f"{OWN}\nsecond keeper 2\n")
    run.valid("a person who was just named opens", admin.post(KEY, {"password": "second keeper 2"}), "tilth.victims-key/1")
    run.check("and reads", admin.get(AT + "?personal=yes").json["victims"][0]["personal"] == DETAILS)
    tilth(folder, "victims", "p.gpkg", "revoke", "--name", "Admin", "--quiet")
    run.refused("who is taken off has nothing open", admin.get(AT + "?personal=yes"), 403, "not named")
    named = server.client("O. Koval")
    for _ in range(20): # after the guesses above
        reply = named.post(KEY, {"password": OWN})
        if reply.status == 200:
            break
        time.sleep(4)
    run.check("the other one opens", reply.status == 200, reply.body)
    told = tilth(folder, "victims", "p.gpkg", "rotate", "--by", "O. Koval", "--json", text=OWN + "\n")
    run.check("two are sealed anew", '"sealed_anew": 2' in told and not wrong(json.loads(told), "tilth.victim-persons/1"), told)
    told = tilth(folder, "victims", "p.gpkg", "show", "VI-0001", "--by", "O. Koval", "--json", text=OWN + "\n")
    run.check("the command line shows them, too", json.loads(told)["personal"] == DETAILS and not wrong(json.loads(told), "tilth.victim/1"), told)
    run.refused("a key of before opens nothing", named.get(AT + "?personal=yes"), 403, "first")
    named.post(KEY, {"password": OWN})
    run.check("the new one does", [v["personal"]["name"] for v in named.get(AT + "?personal=yes").json["victims"]] == [DETAILS["name"], SECOND["name"]])


def traces(run, server, folder):
    lines = server.client("Admin").get("/api/1/reads?limit=1000").json
    what = [(x["person"], x["what"], x["code"]) for x in lines["lines"]]
    run.check("each look and change is in the log of reads", {("O. Koval", "personal details", "VI-0001"), ("O. Koval", "personal details", "VI-0002"),
              ("O. Koval", "key of personal details", ""), ("O. Koval", "change of personal details", "VI-0002"), ("Entry", "change of personal details", "VI-0001"),
              ("Entry", "change of a victim", "VI-0001"), ("Verifier", "victims", "AC-0001")} <= set(what), what[:20])
    run.check("which is whole", lines["intact"])
    files = [f for f in glob.glob(os.path.join(folder, "**"), recursive=True) if os.path.isfile(f)]
    found = [(os.path.basename(f), v) for f in files for v in [*DETAILS.values(), *SECOND.values(), OWN, "second keeper 2", "Мельник"] if v.encode() in open(f, "rb").read()]
    run.check("nothing personal in any file of the project's folder", len(files) > 5 and not found, found)
    run.check("keys and reads are their owner's alone", all(os.stat(os.path.join(folder, "p.gpkg" + x)).st_mode & 0o777 == 0o600 for x in (".keys", ".reads", ".accounts")))


def alone(run, folder, path):
    """Without accounts there is one person, who says whose password it is."""
    os.rename(path + ".accounts", path + ".accounts.away")
    server = Server(path)
    try:
        local = server.local()
        told = run.valid("the local person's list", local.get(AT))
        run.check("may read", told["may_read"] and not told["opened"], told)
        run.refused("whose password?", local.post(KEY, {"password": OWN}), 400, "name")
        run.valid("opened", local.post(KEY, {"password": OWN, "name": "O. Koval"}), "tilth.victims-key/1")
        run.check("read", local.get(AT + "?personal=yes").json["victims"][0]["personal"] == DETAILS)
    finally:
        run.check("Ctrl-C ends the server with success", server.stop() == 0 and server.errors == "", server.errors)
        os.rename(path + ".accounts.away", path + ".accounts")


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            before_a_key(run, server)
            tilth(folder, "victims", "p.gpkg", "init", "--name", "O. Koval", "--quiet", text=OWN + "\n")
            entering(run, server)
            reading(run, server)
            roles(run, server)
            malformed(run, server)
            changes_of_people(run, server, folder)
            traces(run, server, folder)
        finally:
            server.stop()
        run.check("the server said nothing", server.errors == "", server.errors)
        alone(run, folder, path)
        run.check("tilth check finds no error", '"severity": "error"' not in tilth(folder, "check", "p.gpkg", "--json"))
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
