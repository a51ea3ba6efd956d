"""Many people at once: readers who ask what the pages ask, writers who enter and change records; every write is counted in the project's log and read back.

Shared by tests/serve/load_test.py (short, no timing) and bench/serve/load.py (64 readers, 4 writers, a minute, with figures). Readers are processes, so that the
asking side does not wait for itself; each has its own account, session and connection.
"""
import json
import math
import multiprocessing
import os
import random
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import PASSWORD, Client, Server, tilth  # noqa: E402


def prepare(folder, name, n_readers, n_writers):
    for i in range(n_readers):
        tilth(folder, "account", name, "add", "--name", f"Reader {i}", "--role", "verifier", "--quiet", text=PASSWORD + "\n")
    for i in range(n_writers):
        tilth(folder, "account", name, "add", "--name", f"Writer {i}", "--role", "entry", "--quiet", text=PASSWORD + "\n")


def views(box, rng):
    """Addresses of what a map shows: a screen of tiles at a zoom."""
    z = rng.choice((9, 10, 11, 12))
    def row(lat):
        s = math.sin(math.radians(lat))
        return int((0.5 - math.log((1 + s) / (1 - s)) / (4 * math.pi)) * 2 ** z)
    x0 = int((rng.uniform(box[0], box[2]) + 180) / 360 * 2 ** z)
    y0 = row(rng.uniform(box[1], box[3]))
    tiles = [(x0 + i, y0 + j) for i in range(3) for j in range(2)]
    scale = rng.choice(("viridis", "cividis"))
    return [f"/api/1/tiles/vector/{kind}/{z}/{x}/{y}.mvt" for kind in ("hazard-area", "accident") for x, y in tiles] + \
           [f"/api/1/tiles/raster/p_any/{z}/{x}/{y}.png?scale={scale}" for x, y in tiles]


def reader_steps(box, rng):
    """A little of everything, about as often as pages ask it."""
    lon, lat = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
    kind = rng.choice(("hazard-area", "accident", "item"))
    return rng.choice([lambda: views(box, rng), lambda: views(box, rng), lambda: [f"/api/1/records/{kind}?limit=50&offset={rng.randrange(3) * 50}"],
                       lambda: [f"/api/1/records/{kind}?bbox={lon - 0.05},{lat - 0.05},{lon + 0.05},{lat + 0.05}"], lambda: ["/api/1/areas"], lambda: ["/api/1/areas/HA-0001"],
                       lambda: [f"/api/1/explain?lon={lon:.5f}&lat={lat:.5f}"], lambda: [f"/api/1/search?q={rng.choice(('HA', 'a7', 'Pole', '7.05N 75.10W'.replace(' ', '%20')))}"],
                       lambda: ["/api/1/project", "/api/1/layers"], lambda: [f"/api/1/coordinate?lon={lon:.5f}&lat={lat:.5f}"]])()


def enter(client, name):
    """Passwords are checked one at a time: who is told to wait tries again."""
    while (reply := client.log_in(name)).status == 503:
        time.sleep(1)
    if reply.status != 200:
        raise RuntimeError(f"{name} cannot log in: {reply.body}")


def reader(port, number, box, seconds, think_s, start, results):
    rng = random.Random(number)
    client, times, errors, tags = Client(port), [], [], {}
    enter(client, f"Reader {number}")
    start.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for path in reader_steps(box, rng):
            headers = {"If-None-Match": tags[path]} if path in tags else {}
            began = time.monotonic()
            try:
                reply = client.get(path, **headers)
            except OSError as error:
                errors.append(f"{path}: {error}")
                continue
            times.append((time.monotonic() - began, path.split("?")[0].split("/")[3]))
            if reply.status not in (200, 204, 304):
                errors.append(f"{path}: {reply.status} {reply.body[:160]}")
            if reply.headers.get("ETag") and len(tags) < 500:
                tags[path] = reply.headers["ETag"]
        time.sleep(rng.expovariate(1 / think_s) if think_s else 0)
    results.put(("read", times, errors, []))


def writer(port, number, box, seconds, think_s, start, results):
    """Enters items, changes every second one; what the server said it has written is kept."""
    rng = random.Random(1000 + number)
    client, times, errors, written = Client(port), [], [], []
    enter(client, f"Writer {number}")
    start.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        note = f"writer {number} note {len(written)}"
        body = {"id": str(uuid.UUID(int=rng.getrandbits(128))), "remarks": note, "columns": {"date": f"20{10 + number}-05-31"},
                "geometry": {"type": "Point", "coordinates": [rng.uniform(box[0] + 0.01, box[2] - 0.01), rng.uniform(box[1] + 0.01, box[3] - 0.01)]}}
        began = time.monotonic()
        reply = client.post("/api/1/records/item", body)
        times.append((time.monotonic() - began, "POST"))
        if reply.status not in (200, 201):
            errors.append(f"POST: {reply.status} {reply.body[:300]}")
            continue
        made = reply.json
        changed = rng.random() < 0.5
        if changed:
            note += " changed"
            began = time.monotonic()
            reply = client.ask("PATCH", f"/api/1/records/item/{made['code']}", {"remarks": note}, headers={"If-Match": f"\"{made['version']}\""})
            times.append((time.monotonic() - began, "PATCH"))
            if reply.status != 200:
                errors.append(f"PATCH: {reply.status} {reply.body[:300]}")
                continue
        written.append((made["code"], note, 2 if changed else 1))
        time.sleep(rng.expovariate(1 / think_s) if think_s else 0)
    results.put(("write", times, errors, written))


def processor_s(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        parts = file.read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def lost(server, written):
    """Writes that the log or the record itself does not have."""
    checker = server.client("Reader 0")
    gone = []
    for code, note, n_lines in written:
        record = checker.get(f"/api/1/records/item/{code}").json
        lines = [line for line in record.get("history", []) if line["op"] in ("insert", "update")]
        if record.get("remarks") != note or len(lines) != n_lines:
            gone.append((code, note, record.get("remarks"), len(lines)))
    return gone


def run(path, n_readers, n_writers, seconds, read_think_s, write_think_s, box):
    """Gives {errors, lost, reads, writes, p50_ms, p99_ms, ...}."""
    server = Server(path)
    try:
        start, results = multiprocessing.Barrier(n_readers + n_writers + 1), multiprocessing.Queue()
        people = [multiprocessing.Process(target=reader, args=(server.port, i, box, seconds, read_think_s, start, results)) for i in range(n_readers)] + \
                 [multiprocessing.Process(target=writer, args=(server.port, i, box, seconds, write_think_s, start, results)) for i in range(n_writers)]
        for person in people:
            person.start()
        start.wait(timeout=300) # all have logged in
        before, began = processor_s(server.process.pid), time.monotonic()
        told = [results.get(timeout=seconds + 120) for _ in people]
        took = time.monotonic() - began
        used = processor_s(server.process.pid) - before
        for person in people:
            person.join()
        written = [w for t in told for w in t[3]]
        found = {"errors": [e for t in told for e in t[2]], "lost": lost(server, written), "seconds": took, "server_cpu_s": used, "peak_mib": server.peak_kib() / 1024,
                 "n_written": len(written)}
        for what in ("read", "write"):
            times = sorted(x for t in told if t[0] == what for x, _ in t[1])
            found[what] = {"n": len(times), **{f"p{q}_ms": 1000 * times[min(len(times) - 1, int(len(times) * q / 100))] for q in (50, 90, 99)}, "max_ms": 1000 * times[-1]}
        kinds = {}
        for t in told:
            for x, kind in t[1]:
                kinds.setdefault(kind, []).append(x)
        found["kinds"] = {k: {"n": len(v), "p50_ms": 1000 * sorted(v)[len(v) // 2], "p99_ms": 1000 * sorted(v)[int(len(v) * 0.99)]} for k, v in kinds.items()}
        return found
    finally:
        found_code = server.stop()
        if found_code != 0 or server.errors:
            raise RuntimeError(f"the server ended with {found_code}: {server.errors}")


def as_text(found):
    return json.dumps(found, indent=1)
