"""A real server on a free port of the loopback, started and stopped by its process id; and a small client of it. Standard library only."""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PASSWORD = "correct horse 7"
# lang_test.py runs the others so, to see what is said in another language: they read English all the same, and what had no translation is written down.
LANGUAGE, HEARD = os.environ.get("TILTH_TEST_LANGUAGE"), os.environ.get("TILTH_TEST_HEARD")
ROLES = {"Entry": "entry", "Verifier": "verifier", "O. Koval": "approver", "Quality": "quality", "Admin": "administrator"}


def tilth(folder, *arguments, text=None):
    done = subprocess.run(["tilth", *arguments], cwd=folder, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"tilth {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def project(folder, name="p.gpkg"):
    """A project of 40 x 40 cells with accidents, two areas, items and a map."""
    def write(file, text):
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            out.write(text)

    def area(i, west, south, east, north):
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Feature", "properties": {"id": f"h{i}", "name": f"Поле {i}", "status": "open", "classification": "CHA", "organisation": "Pole"},
                "geometry": {"type": "Polygon", "coordinates": [ring]}}
    tilth(folder, "new", name, "--area=-75.2,7.0,-75.02,7.18", "--cell", "500m", "--quiet")
    write("a.csv", "id,lon,lat,year,category\n" + "".join(f"a{i},-75.{10 + i % 4},7.0{1 + i % 8},{1995 + i},AP mine\n" for i in range(12)))
    write("i.csv", "id,lon,lat,date\n" + "".join(f"i{i},-75.1{i},7.1{i},2020-0{1 + i}-03\n" for i in range(5)))
    write("h.geojson", json.dumps({"type": "FeatureCollection", "features": [area(1, -75.15, 7.05, -75.12, 7.08), area(2, -75.10, 7.10, -75.09, 7.11)]}))
    tilth(folder, "import", name, "a.csv", "--as", "accident", "--map", "date=year", "--quiet")
    tilth(folder, "import", name, "i.csv", "--as", "item", "--quiet")
    tilth(folder, "import", name, "h.geojson", "--as", "hazard-area", "--quiet")
    tilth(folder, "map", name, "--out", "maps", "--quiet")
    return os.path.join(folder, name)


def accounts(folder, name="p.gpkg"):
    for person, role in ROLES.items():
        tilth(folder, "account", name, "add", "--name", person, "--role", role, "--quiet", text=PASSWORD + "\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def heard(said, english):
    """A line for lang_test.py: a sentence as it came, and in English where that was told beside it."""
    with open(HEARD, "a", encoding="utf-8") as file:
        file.write(json.dumps([said, english]) + "\n")


def hear(value):
    """Writes down what a reply says in words, and gives an error's words in English, as the tests know them."""
    if isinstance(value, list):
        for one in value:
            hear(one)
    if not isinstance(value, dict):
        return value
    if value.get("schema") == "tilth.error/1":
        heard(value["message"], value.get("in_english"))
        value["message"] = value.pop("in_english", value["message"])
        return value
    for name, one in value.items():
        if isinstance(one, str) and one and name in ("message", "problem", "example"):
            heard(one, None)
        else:
            hear(one)
    return value


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        if LANGUAGE and body[:1] in (b"{", b"["):
            self.body = json.dumps(hear(json.loads(body)), ensure_ascii=False).encode()

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One browser: a cookie, and the token for changes."""

    def __init__(self, port):
        self.port, self.cookie, self.csrf = port, None, None
        self.connection = None

    def ask(self, method, path, body=None, headers=None, raw=None, csrf=True):
        send = {"Host": f"127.0.0.1:{self.port}", **({"Accept-Language": LANGUAGE} if LANGUAGE else {}), **(headers or {})}
        if self.cookie and "Cookie" not in send:
            send["Cookie"] = self.cookie
        if method != "GET" and self.csrf and csrf:
            send.setdefault("X-CSRF-Token", self.csrf)
        if body is not None:
            raw = json.dumps(body).encode()
            send.setdefault("Content-Type", "application/json")
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.request(method, path, raw, send)
                answer = self.connection.getresponse()
                reply = Reply(answer.status, answer.headers, answer.read())
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, http.client.CannotSendRequest):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        cookie = reply.headers.get("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
        return reply

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def post(self, path, body, **more):
        return self.ask("POST", path, body, **more)

    def log_in(self, name, password=PASSWORD):
        reply = self.post("/api/1/session", {"name": name, "password": password})
        if reply.status == 200:
            self.csrf = reply.json["csrf"]
        return reply


class Server:
    def __init__(self, path, *options, before=(), environment=None):
        """before: a program that starts it, with its arguments: prlimit --fsize=1000000"""
        self.port = free_port()
        self.process = subprocess.Popen([*before, "tilth", "serve", path, "--port", str(self.port), *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError("the server did not start: " + self.process.stderr.read())

    def client(self, name=None):
        client = Client(self.port)
        if name:
            reply = client.log_in(name)
            if reply.status != 200:
                raise RuntimeError(f"{name} cannot log in: {reply.body}")
        return client

    def local(self):
        """The one person of a server without accounts."""
        client = Client(self.port)
        client.ask("GET", "/?" + self.address.split("?")[1])
        client.csrf = client.get("/api/1/session").json["csrf"]
        return client

    def peak_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def stop(self):
        """Ctrl-C; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.process.stdout.close()
            self.errors = self.process.stderr.read()
            self.process.stderr.close()


class Cases:
    """Verdicts as the other tests print them."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, good, detail=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAILED {what}: {str(detail)[:600]}", flush=True)
        else:
            print(f"passed {what}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, 0 skipped")
        sys.exit(1 if self.failed else 0)


def wait_until(check, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.05)
    return False
