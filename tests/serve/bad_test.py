#!/usr/bin/python3
"""bad_test.py BIN: huge, cut-off, nested, slow and wrongly typed requests, other sites' pages, other hosts' names: a clear refusal, and the server stays up."""
import os
import re
import resource
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project, tilth  # noqa: E402


def raw(port, data, shut=False, wait_s=10):
    """Sends bytes as they are; what comes back until the other side ends or nothing more comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as line:
        try:
            line.sendall(data)
            if shut:
                line.shutdown(socket.SHUT_WR)
            back = b""
            while True:
                part = line.recv(65536)
                if not part:
                    return back
                back += part
                length = re.search(rb"content-length: (\d+)", back, re.I)
                if b"\r\n\r\n" in back and length and len(back.split(b"\r\n\r\n", 1)[1]) >= int(length.group(1)):
                    return back
        except (socket.timeout, ConnectionError):
            return back if "back" in dir() else b""


def status(back):
    return int(back.split(b" ", 2)[1]) if back.startswith(b"HTTP/1.1 ") else 0


def refused(run, what, reply, expected, part=""):
    good = reply.status == expected and not wrong(reply.json, "tilth.error/1") and part in reply.json["message"]
    run.check(f"{what}: {expected}", good, f"{reply.status} {reply.body[:300]}")


def values(run, client):
    for path, part in (("/api/1/records/item?limit=0", "limit"), ("/api/1/records/item?limit=1001", "limit"), ("/api/1/records/item?limit=1e99", "limit"),
                       ("/api/1/records/item?bbox=1,2,3", "bbox"), ("/api/1/records/item?bbox=1,2,3,nan", "bbox"), ("/api/1/records/item?from=yesterday", "from"),
                       ("/api/1/records/item?wombat=1", "wombat"), ("/api/1/explain?lon=1", "lat"), ("/api/1/explain?lon=181&lat=0", "lon"),
                       ("/api/1/tiles/raster/p_any/99/0/0.png", "z"), ("/api/1/tiles/raster/p_any/1/-1/0.png", "x"), ("/api/1/tiles/raster/p_any/3/0/0.png?scale=rainbow", "scale"),
                       ("/api/1/tiles/raster/p_any/3/0/0.png?min=5&max=1", "min"), ("/api/1/records/it%00em", "path"), ("/api/1/records/%2e%2e/x", "path"),
                       ("/api/1/records/item?status=open", "status"), ("/api/1/records/item?q=" + "x" * 600, "512"), ("/api/1/search", "q: is missing")):
        refused(run, path[:60], client.get(path), 400, part)
    for path in ("/api/1/tiles/raster/../../etc/passwd", "/api/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/1/tiles/raster/..%2f..%2fp/1/0/0.png"):
        reply = client.get(path)
        run.check(f"{path} leads nowhere", reply.status in (400, 404) and b"root:" not in reply.body, reply.status)
    run.check("SQL is words", client.get("/api/1/records/item?q=%27%20OR%201%3D1%20--").json["total"] == 0)
    run.check("SQL in a code is a code", client.get("/api/1/records/item/IT-0001'--").status == 404)
    run.check("an unknown band", client.get("/api/1/tiles/raster/wombat/3/0/0.png").status == 404)


def bodies(run, client):
    path = "/api/1/areas/HA-0001/assess"
    refused(run, "no JSON", client.ask("POST", path, raw=b"{", headers={"Content-Type": "application/json"}), 400, "no JSON")
    refused(run, "a list", client.ask("POST", path, raw=b"[]", headers={"Content-Type": "application/json"}), 400, "no object")
    refused(run, "nothing", client.ask("POST", path, raw=b"", headers={"Content-Type": "application/json"}), 400, "empty")
    refused(run, "no UTF-8", client.ask("POST", path, raw=b'{"group": "\xff"}', headers={"Content-Type": "application/json"}), 400, "UTF-8")
    refused(run, "a key twice", client.ask("POST", path, raw=b'{"seed": 1, "seed": 2}', headers={"Content-Type": "application/json"}), 400, "uplicate")
    refused(run, "nested", client.ask("POST", path, raw=b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", headers={"Content-Type": "application/json"}), 400, "deep")
    refused(run, "another type", client.ask("POST", path, raw=b"<xml/>", headers={"Content-Type": "text/xml"}), 415)
    refused(run, "a form", client.ask("POST", path, raw=b"group=all", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415)
    refused(run, "too large", client.ask("POST", path, raw=b" " * 20000, headers={"Content-Type": "application/json"}), 413)
    refused(run, "a body where none is taken", client.ask("DELETE", "/api/1/session", raw=b"{}", headers={"Content-Type": "application/json"}), 413)
    many = {"polygon": {"type": "Polygon", "coordinates": [[[i / 1e5, 0] for i in range(60000)]]}}
    run.check("very many positions", client.post("/api/1/assess", many).status in (400, 413, 422))
    refused(run, "a password of a megabyte", client.ask("POST", "/api/1/session", raw=b'{"name":"a","password":"' + b"x" * 1000000 + b'"}',
                                                        headers={"Content-Type": "application/json"}), 413)
    for method, path in (("PUT", "/api/1/project"), ("TRACE", "/"), ("OPTIONS", "/api/1/project"), ("POST", "/api/1/project"), ("DELETE", "/api/1/areas"), ("POST", "/")):
        run.check(f"{method} {path}", client.ask(method, path, raw=b"", headers={"Content-Type": "application/json"}).status in (404, 405), "")


def sites(run, server, client):
    """Other sites' pages, and names that lead here by DNS."""
    path, body = "/api/1/areas/HA-0001/assess", {"draws": 128}
    refused(run, "no token", client.post(path, body, csrf=False), 403, "X-CSRF-Token")
    refused(run, "another's token", client.post(path, body, headers={"X-CSRF-Token": "0" * 64}), 403, "X-CSRF-Token")
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{server.port + 1}", f"https://127.0.0.1:{server.port}"):
        refused(run, f"from {origin.replace(str(server.port), 'PORT').replace(str(server.port + 1), 'PORT+1')}", client.post(path, body, headers={"Origin": origin}), 403, "own pages")
    refused(run, "from another site, as the browser says", client.post(path, body, headers={"Sec-Fetch-Site": "cross-site"}), 403, "own pages")
    refused(run, "from another port of the same host", client.post(path, body, headers={"Sec-Fetch-Site": "same-site"}), 403, "own pages")
    refused(run, "a log-in from elsewhere", server.client().post("/api/1/session", {"name": "Entry", "password": "x"}, headers={"Origin": "http://evil.example"}), 403)
    run.check("from its own pages", client.post(path, body, headers={"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}).status == 200)
    for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1", f"10.0.0.1:{server.port}", ""):
        back = raw(server.port, f"GET /api/1/project HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        run.check(f"Host: {host.replace(str(server.port), 'PORT')}", status(back) in (400, 421), back[:100])
    run.check("no Host", status(raw(server.port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")) in (400, 421))
    reply = client.get("/")
    policy = reply.headers["Content-Security-Policy"]
    run.check("the policy of pages", "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, policy)
    for path in ("/", "/api/1/project", "/api/1/nothing", "/no.js"):
        headers = client.get(path).headers
        run.check(f"security headers on {path}", headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY" and
                  headers["Referrer-Policy"] == "no-referrer" and "Content-Security-Policy" in headers, dict(headers))
    run.check("replies are not kept by caches", client.get("/api/1/project").headers["Cache-Control"] == "no-store")
    fresh = server.client()
    told = fresh.log_in("Entry").headers["Set-Cookie"]
    run.check("the cookie is for this server's requests only", "HttpOnly" in told and "SameSite=Strict" in told and "Path=/" in told, told)
    for cookie in ("x" * 64, "0" * 64, "", "'; DROP TABLE", "\xff"):
        reply = server.client().ask("GET", "/api/1/session", headers={"Cookie": f"tilth_{server.port}={cookie}".encode("latin-1").decode("latin-1")})
        run.check("a made-up session is nobody's", reply.json["role"] == "guest")


def wire(run, server):
    """What no client sends."""
    port, host = server.port, f"Host: 127.0.0.1:{server.port}\r\n".encode()
    run.check("a line of noise", status(raw(port, b"\x00\x01\x02\x16\x03\x01 nonsense\r\n\r\n", shut=True)) in (0, 400))
    run.check("an address of 5,000 bytes", status(raw(port, b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + host + b"\r\n")) in (400, 414))
    run.check("a header of 100 KB", status(raw(port, b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 100000 + b"\r\n\r\n")) in (0, 400, 413, 431))
    run.check("a thousand headers", status(raw(port, b"GET / HTTP/1.1\r\n" + host + b"".join(b"X%d: y\r\n" % i for i in range(5000)) + b"\r\n")) in (0, 400, 413, 431))
    run.check("a request that is cut off has no reply that succeeds", status(raw(port, b"GET /api/1/pro", shut=True)) in (0, 400))
    run.check("a body that is cut off has no reply that succeeds",
              status(raw(port, b"POST /api/1/session HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{\"name\":", shut=True)) in (0, 400))
    run.check("a length that is no number", status(raw(port, b"POST /api/1/session HTTP/1.1\r\n" + host + b"Content-Length: abc\r\n\r\n", shut=True)) in (0, 400))
    run.check("a length and chunks at once", status(raw(port, b"POST /api/1/session HTTP/1.1\r\n" + host +
                                                        b"Content-Type: application/json\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", shut=True)) in (0, 400))
    endless = b"POST /api/1/session HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b" " * 4096 + b"\r\n") * 200
    run.check("chunks without an end are cut at the limit", status(raw(port, endless)) in (0, 413), "")


def slow(run, server):
    """Many that send a byte now and then: others are served meanwhile, and these are cut."""
    lines = []
    for _ in range(200):
        line = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        line.sendall(b"GET /api/1/project HTTP/1.1\r\nHost: 127.0")
        lines.append(line)
    ends = threading.Event()

    def trickle():
        while not ends.wait(3):
            for line in lines:
                try:
                    line.sendall(b".")
                except OSError:
                    pass
    drip = threading.Thread(target=trickle)
    drip.start()
    client = server.client()
    began = time.monotonic()
    run.check("others are served beside 200 slow ones", all(client.get("/api/1/project").status == 200 for _ in range(20)) and time.monotonic() - began < 10)
    cut, end = 0, time.monotonic() + 60
    for line in lines:
        line.settimeout(max(0.1, end - time.monotonic()))
        try:
            while line.recv(4096):
                pass
            cut += 1
        except ConnectionError:
            cut += 1
        except socket.timeout:
            break
    ends.set()
    drip.join()
    for line in lines:
        line.close()
    run.check("all of the slow ones are cut within a minute, whatever they send", cut == len(lines), cut)


def crowd(run, server):
    """Connections beyond what one address, or all together, may hold: told so and closed; the others go on. The machine's own address stands for a proxy and has the total only."""
    def hold(source, n):
        lines = []
        for _ in range(n):
            line = socket.socket()
            line.settimeout(10)
            line.bind((source, 0))
            line.connect(("127.0.0.1", server.port))
            lines.append(line)
        return lines

    def told(line):
        try:
            line.sendall(f"GET /api/1/project HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
            back = b""
            while part := line.recv(65536):
                back += part
                if b"\r\n\r\n" in back and status(back) != 503:
                    break
            return status(back), back
        except OSError:
            return 0, b""
    held = hold("127.0.0.2", 256)
    time.sleep(0.5)
    over = hold("127.0.0.2", 1)[0]
    code, back = told(over)
    run.check("the 257th connection of an address is told 503 and closed", code == 503 and b"too many connections" in back and b"retry-after" in back.lower(), back[:200])
    run.check("those it has are served", told(held[0])[0] == 200 and told(held[255])[0] == 200)
    other = server.client()
    run.check("another address is served", other.get("/api/1/project").status == 200)
    more = hold("127.0.0.1", 250)
    time.sleep(0.5)
    codes = [told(line)[0] for line in hold("127.0.0.3", 12)]
    run.check("beyond the total some are told 503, and none hangs", set(codes) <= {200, 503, 0} and 503 in codes, codes)
    for line in held + more:
        line.close()
    over.close()
    time.sleep(1.5)
    run.check("when they have gone all is as before", server.client("Entry").get("/api/1/project").status == 200)


def moved(run, folder, path):
    """The project deleted, put back, and replaced by another while it is served: an error each time, never the old one's data for the new one's."""
    copy, other = os.path.join(folder, "served.gpkg"), os.path.join(folder, "other.gpkg")
    shutil.copy(path, copy)
    shutil.copy(path + ".accounts", copy + ".accounts")
    tilth(folder, "new", "other.gpkg", "--area=-75.2,7.0,-75.02,7.18", "--cell", "500m", "--title", "Another", "--quiet")
    server = Server(copy)
    try:
        client = server.client("Entry")
        os.rename(copy, copy + ".away")
        for ask in (lambda: client.get("/api/1/project"), lambda: client.get("/api/1/records/item"), lambda: client.post("/api/1/records/accident", {"position": "7.06N 75.13W", "columns": {"date": "2026"}})):
            reply = ask()
            run.check("the project is gone: 404 in words, without its path", reply.status == 404 and re.search("not there|no such project", reply.json["message"]) and folder not in reply.json["message"], reply.body)
        run.check("nothing is made in its place", not os.path.exists(copy))
        os.rename(copy + ".away", copy)
        run.check("put back: as before", client.get("/api/1/records/item").json["total"] == 5)
        os.replace(other, copy)
        told = client.get("/api/1/project").json
        run.check("replaced: the new one is shown", told["title"] == "Another" and client.get("/api/1/records/item").json["total"] == 0, told["title"])
        run.check("and tiles are not the old one's", client.get("/api/1/tiles/vector/hazard-area/8/74/122.mvt").status == 204)
    finally:
        run.check("and ends cleanly", server.stop() == 0 and server.errors == "", server.errors)


def two_servers(run, path):
    """Two servers on one project, both writing: every record is there once, in both."""
    servers = [Server(path), Server(path)]
    made, failed = [], []

    def write(server, who):
        client = server.client(who)
        for i in range(12):
            reply = client.post("/api/1/records/accident", {"id": f"two-{who}-{i}", "position": "7.06N 75.13W", "columns": {"date": f"20{10 + i}"}, "remarks": who})
            (made if reply.status == 201 else failed).append(reply.json.get("code", reply.body))
    try:
        before = servers[0].client("Verifier").get("/api/1/records/accident").json["total"]
        threads = [threading.Thread(target=write, args=pair) for pair in zip(servers, ("Entry", "Verifier"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run.check("two servers write to one project: no error, no code twice", not failed and len(set(made)) == 24, (failed[:2], len(set(made))))
        counts = [server.client("Verifier").get("/api/1/records/accident").json["total"] for server in servers]
        run.check("and both show all", counts == [before + 24] * 2, (before, counts))
    finally:
        run.check("both end cleanly", [server.stop() for server in servers] == [0, 0])
    run.check("the log is whole", "error" not in tilth(os.path.dirname(path), "check", os.path.basename(path), "--quiet").lower())


def full(run, folder, path):
    """A disk that is full, here a limit on the size of files: the write is refused in words and nothing of it is there; reading goes on, and writing when there is room."""
    copy = os.path.join(folder, "full.gpkg")
    shutil.copy(path, copy)
    shutil.copy(path + ".accounts", copy + ".accounts")
    server = Server(copy)
    try:
        client = server.client("Entry")
        before = client.get("/api/1/records/accident").json["total"]
        size = os.path.getsize(copy)
        form = {"position": "7.06N 75.13W", "columns": {"date": "2026"}, "remarks": "x" * 19000}
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        replies = [client.post("/api/1/records/accident", form) for _ in range(3)]
        good = all(reply.status in (500, 507) and not wrong(reply.json, "tilth.error/1") and folder not in reply.json["message"] for reply in replies)
        run.check("no room: an error in words each time", good, [(r.status, r.body[:200]) for r in replies])
        run.check("nothing of it is there, and reading goes on", client.get("/api/1/records/accident").json["total"] == before)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        run.check("with room again it is written", client.post("/api/1/records/accident", form).status == 201 and client.get("/api/1/records/accident").json["total"] == before + 1)
    finally:
        run.check("and ends cleanly", server.stop() == 0 and server.errors == "", server.errors)
    run.check("the project is whole", "error" not in tilth(folder, "check", "full.gpkg", "--quiet").lower())


def main():
    run = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            client = server.client("Verifier")
            values(run, client)
            bodies(run, client)
            sites(run, server, client)
            wire(run, server)
            slow(run, server)
            crowd(run, server)
            run.check("after all that the server is up", server.client("Entry").get("/api/1/project").status == 200)
        finally:
            code = server.stop()
        run.check("and ends cleanly", code == 0 and server.errors == "", (code, server.errors))
        moved(run, folder, path)
        two_servers(run, path)
        full(run, folder, path)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
