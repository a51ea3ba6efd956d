#!/usr/bin/python3
"""accounts_test.py BIN: accounts over the network: invitations, roles, locks, the last administrator, the password again, the log; and the first account of all."""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import PASSWORD, ROLES, Cases, Server, accounts, project, tilth  # noqa: E402

AT, INVITATION = "/api/1/accounts", "/api/1/invitation"
OWN = "my own words 7"


class Run(Cases):
    def valid(self, what, reply, status=200, schema="tilth.account-list/1"):
        good = reply.status == status and not wrong(reply.json, schema)
        self.check(what, good, f"{reply.status} {reply.body[:400]} {wrong(reply.json, schema) if reply.status == status else ''}")
        return reply.json if good else {"accounts": [], "invitation": {"token": "0" * 64}}

    def refused(self, what, reply, status, part):
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
        self.check(f"{what}: {status}", good, f"{reply.status} {reply.body[:300]}")


def act(client, what, name, password=PASSWORD, **more):
    return client.post(AT, {"act": what, "name": name, **({"password": password} if password is not None else {}), **more})


def one(listed, name):
    return next((a for a in listed["accounts"] if a["name"] == name), {})


def invitations(run, server):
    admin = server.client("Admin")
    listed = run.valid("the list", admin.get(AT))
    run.check("has all, with roles and log-ins", sorted(a["name"] for a in listed["accounts"]) == sorted(ROLES) and one(listed, "Admin")["last_login"] is not None and
              one(listed, "Entry")["last_login"] is None and one(listed, "Quality")["role"] == "quality manager" and not one(listed, "Entry")["named"], listed)
    run.check("and no secret", b"argon" not in admin.get(AT).body)
    run.refused("without the password", act(admin, "add", "Нова", None, role="entry"), 400, "password")
    run.refused("with a wrong one", act(admin, "add", "Нова", "wrong words 99", role="entry"), 403, "not right")
    run.check("nothing was added", one(admin.get(AT).json, "Нова") == {})
    made = run.valid("an account is added", act(admin, "add", "Нова", role="entry"), 201)
    token = made["invitation"]["token"]
    run.check("it is invited", one(made, "Нова")["state"] == "invited" and one(made, "Нова")["invited_until"] is not None and made["invitation"]["hours"] == 72, made)
    run.check("the invitation is shown once", admin.get(AT).json["invitation"] is None)
    guest = server.client()
    run.check("without a password nobody logs in", guest.log_in("Нова", "x" * 12).status == 401 and guest.post("/api/1/session", {"name": "Нова", "password": ""}).status in (400, 401))
    who = run.valid("whom it invites", guest.post(INVITATION, {"token": token}), 200, "tilth.invitation/1")
    run.check("is told", who.get("name") == "Нова" and who["role"] == "entry" and not who["taken"], who)
    run.refused("a token that is none", guest.post(INVITATION, {"token": "0" * 64}), 403, "a new one")
    run.refused("a password that is too short", guest.post(INVITATION, {"token": token, "password": "short"}), 400, "expected 10")
    run.valid("the person sets their own", guest.post(INVITATION, {"token": token, "password": OWN}), 200, "tilth.invitation/1")
    run.refused("the invitation is good once", guest.post(INVITATION, {"token": token, "password": OWN}), 403, "was used")
    nova = server.client()
    run.check("and logs in", nova.log_in("Нова", OWN).json["role"] == "entry")
    run.refused("the name is taken", act(admin, "add", "Нова", role="entry"), 409, "already")
    return admin, nova


def changes(run, server, admin, nova):
    listed = run.valid("another role", act(admin, "role", "Нова", role="verifier"))
    run.check("is there", one(listed, "Нова")["role"] == "verifier" and nova.get("/api/1/session").json["role"] == "guest", listed)
    nova.cookie = nova.csrf = None
    run.check("and ended the session before it", nova.log_in("Нова", OWN).json["role"] == "verifier")
    run.check("a lock", one(run.valid("is set", act(admin, "lock", "Нова")), "Нова")["state"] == "locked")
    run.check("ends the session", nova.get("/api/1/queue").status == 401)
    nova.cookie = nova.csrf = None
    run.refused("nobody logs in", nova.log_in("Нова", OWN), 401, "is locked")
    run.refused("with a wrong password it is not told", nova.log_in("Нова", "wrong words 99"), 401, "not right")
    run.valid("it is taken off", act(admin, "unlock", "Нова"))
    run.check("and the person logs in as before", nova.log_in("Нова", OWN).status == 200)
    reset = run.valid("a new invitation", act(admin, "reset", "Нова"))
    run.check("ends session and password", nova.get("/api/1/queue").status == 401 and server.client().log_in("Нова", OWN).status == 401)
    run.valid("it is taken", server.client().post(INVITATION, {"token": reset["invitation"]["token"], "password": OWN + "!"}), 200, "tilth.invitation/1")
    run.check("and the new password is good", server.client().log_in("Нова", OWN + "!").status == 200)
    run.check("removed", one(run.valid("is", act(admin, "remove", "Нова")), "Нова") == {} and server.client().log_in("Нова", OWN + "!").status == 401)
    run.refused("there is none any more", act(admin, "lock", "Нова"), 404, "no account")
    run.refused("a guest has no account", act(admin, "role", "Entry", role="guest"), 400, "not a role")
    run.refused("a role is needed", act(admin, "role", "Entry"), 400, "role")
    run.refused("and is not needed", act(admin, "lock", "Entry", role="entry"), 400, "role")
    run.refused("no such act", act(admin, "promote", "Entry"), 400, "act")


def last_administrator(run, server, admin):
    for what in ("lock", "remove", "reset"):
        run.refused(f"the last administrator: {what}", act(admin, what, "Admin"), 409, "the last administrator")
    run.refused("to another role", act(admin, "role", "Admin", role="entry"), 409, "the last administrator")
    run.check("is still there", admin.get(AT).status == 200)
    second = run.valid("a second one", act(admin, "add", "Друга", role="administrator"), 201)["invitation"]["token"]
    run.refused("who has not set a password yet does not count", act(admin, "remove", "Admin"), 409, "the last administrator")
    server.client().post(INVITATION, {"token": second, "password": OWN})
    other = server.client()
    other.log_in("Друга", OWN)
    run.valid("then the first may be locked", act(other, "lock", "Admin", OWN))
    run.refused("but not both", act(other, "lock", "Друга", OWN), 409, "the last administrator")
    run.valid("and unlocked", act(other, "unlock", "Admin", OWN))


def written_down(run, server, folder):
    lines = [line for line in server.client("Verifier").get("/api/1/log?limit=200").json["lines"] if line["table"] == "account"]
    told = [(line["actor"], line["op"], (line["after"] or line["before"])["name"]) for line in reversed(lines)]
    run.check("the command's own stand in the log, too", [t[2] for t in told if t[1] == "insert"][:5] == list(ROLES), told)
    run.check("every change stands there, with who made it", [t for t in told if t[2] == "Нова"] == [("Admin", "insert", "Нова"), ("Нова", "update", "Нова"), ("Admin", "update", "Нова"), ("Admin", "update", "Нова"),
              ("Admin", "update", "Нова"), ("Admin", "update", "Нова"), ("Нова", "update", "Нова"), ("Admin", "delete", "Нова")], told)
    states = [((line["before"] or {}).get("state"), (line["after"] or {}).get("state")) for line in reversed(lines) if (line["after"] or line["before"])["name"] == "Нова"]
    run.check("with before and after", states == [(None, "invited"), ("invited", "active"), ("active", "active"), ("active", "locked"), ("locked", "active"), ("active", "invited"), ("invited", "active"), ("active", None)], states)
    with open(os.path.join(folder, "p.gpkg"), "rb") as file:
        text = file.read()
    run.check("and no secret", b"argon2id" not in text and OWN.encode() not in text)


def own_password(run, server):
    """Whoever is logged in, with the old one; other sessions of theirs end, this one and those of others go on."""
    at = "/api/1/session/password"
    here, there, other = server.client("Verifier"), server.client("Verifier"), server.client("Entry")
    run.refused("without the old one", here.post(at, {"password": OWN}), 400, "old")
    run.refused("with a wrong one", here.post(at, {"old": "wrong words 99", "password": OWN}), 403, "not right")
    run.refused("too short", here.post(at, {"old": PASSWORD, "password": "short"}), 400, "expected 10")
    run.refused("the name", here.post(at, {"old": PASSWORD, "password": "Verifier"}), 400, "expected 10")
    run.refused("the same again", here.post(at, {"old": PASSWORD, "password": PASSWORD}), 400, "is the old one")
    run.check("without the session's token", here.post(at, {"old": PASSWORD, "password": OWN}, csrf=False).status == 403)
    run.check("from another page", here.post(at, {"old": PASSWORD, "password": OWN}, headers={"Origin": "http://evil.example"}).status == 403)
    run.check("nobody has one", server.client().post(at, {"old": PASSWORD, "password": OWN}).status == 401)
    run.check("nothing has been done", there.get("/api/1/queue").status == 200)
    done = run.valid("it is changed", here.post(at, {"old": PASSWORD, "password": OWN}), 200, "tilth.session/1")
    run.check("this session goes on", done.get("name") == "Verifier" and here.get("/api/1/queue").status == 200, done)
    run.check("the other one ends", there.get("/api/1/queue").status == 401)
    run.check("those of others do not", other.get("/api/1/queue").status == 200)
    run.check("the old password is none any more", server.client().log_in("Verifier").status == 401)
    back = server.client()
    run.check("the new one is", back.log_in("Verifier", OWN).status == 200)
    line = back.get("/api/1/log?limit=1").json["lines"][0]
    run.check("the log says who, and no password", line["table"] == "account" and line["actor"] == "Verifier" and line["after"]["password"] == "new" and OWN not in json.dumps(line), line)
    run.valid("and back", here.post(at, {"old": OWN, "password": PASSWORD}), 200, "tilth.session/1")
    guesses = [other.post(at, {"old": f"wrong words {i}", "password": OWN}).status for i in range(12)]
    run.check("guesses run out", guesses[0] == 403 and guesses[-1] == 429, guesses)


def first_account(run, folder):
    tilth(folder, "new", "q.gpkg", "--area=-75.2,7.0,-75.02,7.18", "--cell", "500m", "--quiet")
    server = Server(os.path.join(folder, "q.gpkg"))
    try:
        local = server.local()
        run.refused("without accounts there is no password", local.post("/api/1/session/password", {"old": PASSWORD, "password": OWN}), 409, "no accounts")
        run.check("there is none", run.valid("the local person asks", local.get(AT))["accounts"] == [])
        run.refused("the first is no entry clerk's", act(local, "add", "Перша", None, role="entry"), 409, "administrator")
        token = run.valid("but an administrator's, without a password", act(local, "add", "Перша", None, role="administrator"), 201)["invitation"]["token"]
        run.check("then nobody is local any more", local.get(AT).status == 401)
        run.valid("the invitation is taken", server.client().post(INVITATION, {"token": token, "password": OWN}), 200, "tilth.invitation/1")
        client = server.client()
        run.check("and the administrator logs in", client.log_in("Перша", OWN).json["role"] == "administrator")
    finally:
        server.stop()


def bad(run, server):
    for name in ("Entry", "Verifier", "O. Koval", "Quality"):
        client = server.client(name)
        run.check(f"{name} sees none and changes none", client.get(AT).status == 403 and act(client, "lock", "Entry").status == 403)
    guest = server.client()
    run.check("nor a guest", guest.get(AT).status == 401 and act(guest, "lock", "Entry").status == 401)
    admin = server.client("Admin")
    run.check("without the session's token", admin.post(AT, {"act": "lock", "name": "Entry", "password": PASSWORD}, csrf=False).status == 403)
    run.check("from another page", admin.post(AT, {"act": "lock", "name": "Entry", "password": PASSWORD}, headers={"Origin": "http://evil.example"}).status == 403)
    run.check("an invitation from another page", guest.post(INVITATION, {"token": "0" * 64}, headers={"Origin": "http://evil.example"}).status == 403)
    tries = [guest.post(INVITATION, {"token": f"{i:064x}"}).status for i in range(14)]
    run.check("guesses run out", 429 in tries and tries[0] in (403, 429), tries)
    wrong_ones = [act(admin, "lock", "Entry", "wrong words 99").status for _ in range(12)]
    run.check("so do guesses at the password", wrong_ones[0] == 403 and wrong_ones[-1] == 429, wrong_ones)


def main():
    run = Run()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            admin, nova = invitations(run, server)
            changes(run, server, admin, nova)
            last_administrator(run, server, admin)
            written_down(run, server, folder)
            bad(run, server)
            own_password(run, server)
        finally:
            server.stop()
        run.check("the server said nothing", server.errors == "", server.errors)
        run.check("tilth check finds no error", '"severity": "error"' not in tilth(folder, "check", "p.gpkg", "--json"))
        first_account(run, folder)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
