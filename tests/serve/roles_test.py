#!/usr/bin/python3
"""roles_test.py BIN: calls every route of the table as every role and as nobody; what the table says is what the server does, and docs/api.md says the same."""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import ROLES, ROOT, Cases, Server, accounts, project  # noqa: E402

PLACES = {"kind": "hazard-area", "code": "HA-0001", "band": "p_any", "layer": "hazard-area", "z": "8", "x": "74", "y": "122", "id": "1", "task": "T-001", "upload": "0" * 32, "refused": "1", "job": "0" * 32}
QUERIES = {"q": "HA", "name": "note.csv", "lon": "-75.1", "lat": "7.1", "text": "7.05N%2075.10W"}
ABSENT = {("DELETE", "/api/1/imports/{upload}"), ("POST", "/api/1/refused/{refused}/mend")}  # there is none in this project: 404
NAMES = {"Entry": "entry", "Verifier": "verifier", "O. Koval": "approver", "Quality": "quality manager", "Admin": "administrator", None: "guest"}


def address(path, operation):
    places = {**PLACES, "code": "AC-0001"} if "/accidents/" in path else PLACES
    filled = re.sub(r"\{(\w+)\}", lambda place: places[place.group(1)], path)
    query = [f"{p['name']}={QUERIES[p['name']]}" for p in operation["parameters"] if p["in"] == "query" and p["required"]]
    return filled + ("?" + "&".join(query) if query else "")


def table(document):
    """The table of docs/api.md, from the document."""
    order = ["guest", "entry", "verifier", "approver", "quality manager", "administrator"]
    lines = ["| request | who | reply | what |", "|---|---|---|---|"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            roles = operation["x-roles"]
            who = "anybody" if len(roles) == 6 else "all roles" if len(roles) == 5 else ", ".join(r for r in order if r in roles)
            content = next(iter(operation["responses"]["200"]["content"].items()))
            reply = re.sub(r"^schemas/(.*)\.(\d+)\.json$", r"\1/\2", content[1]["schema"]["$ref"]) if "schema" in content[1] else content[0]
            lines.append(f"| `{method.upper()} {path}` | {who} | `{reply}` | {operation['summary']} |")
    return lines


def main():
    cases = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            document = server.client().get("/api/openapi.json").json
            routes = [(m.upper(), p, o) for p, methods in document["paths"].items() for m, o in methods.items()]
            cases.check("the table has routes", len(routes) >= 25, len(routes))
            for name, role in NAMES.items():
                client = server.client(name)
                for method, path, operation in routes:
                    if (method, path) == ("DELETE", "/api/1/session"):
                        continue # would end the client; below
                    reply = client.ask(method, address(path, operation), {} if "requestBody" in operation else None)
                    may = role in operation["x-roles"]
                    expected = "not 401 or 403" if may else "401" if role == "guest" else "403"
                    good = reply.status == 404 if may and (method, path) in ABSENT else reply.status not in (401, 403, 404, 405, 500) if may and method != "GET" else \
                        reply.status not in (401, 403, 405, 500) if may else reply.status == int(expected)
                    cases.check(f"{role}: {method} {path}: {expected}", good, f"{reply.status} {reply.body[:200]}")
            for name in ROLES:
                client = server.client(name)
                gone = client.ask("DELETE", "/api/1/session")
                cases.check(f"{name} logs out", gone.status == 200 and gone.json["role"] == "guest" and
                            client.get("/api/1/session").json["role"] == "guest", gone.body)
            cases.check("nobody logs out", server.client().ask("DELETE", "/api/1/session").status == 401)
        finally:
            server.stop()
    lines = table(document)
    manual = os.path.join(ROOT, "docs", "api.md")
    with open(manual, encoding="utf-8") as file:
        text = file.read()
    if "--write" in sys.argv:
        begin, end = text.index("| request |"), text.index("\n\n", text.index("| request |"))
        with open(manual, "w", encoding="utf-8") as file:
            file.write(text[:begin] + "\n".join(lines) + text[end:])
    else:
        missing = [line for line in lines if line not in text.splitlines()]
        stale = [line for line in text.splitlines() if line.startswith("| `") and line not in lines]
        cases.check("docs/api.md has the table of routes (roles_test.py BIN --write makes it)", not missing and not stale, missing + stale)
    cases.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
