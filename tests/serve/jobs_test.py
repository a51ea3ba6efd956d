#!/usr/bin/python3
"""jobs_test.py BIN: slow work asked for with Prefer: respond-async: 202 and how far it is, the same reply as without it, cancelling, other people's jobs, many at once."""
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project  # noqa: E402

ASYNC = {"Prefer": "respond-async"}
AT_ONCE = {"Prefer": "respond-async, wait=0"} # so that no test depends on how fast the machine is


def slow(seed):
    """Some seconds of work; another seed is other work."""
    return {"scenarios": ["ukraine-persistent", "ukraine-non-persistent"] * 4, "years": 200, "draws": 20000, "seed": seed}


def follow(client, location, limit_s=240):
    """Asks until it is done; what was said on the way."""
    said, end = [], time.monotonic() + limit_s
    while time.monotonic() < end:
        reply = client.get(location)
        if reply.status != 202:
            return reply, said
        said.append(reply.json)
        time.sleep(0.2)
    raise RuntimeError("the work does not end")


def quick_and_slow(run, server):
    client = server.client("Entry")
    quick = {"scenarios": ["ukraine-persistent"], "years": 5, "draws": 256}
    run.check("what is quick is answered at once", client.post("/api/1/forecasts", quick, headers=ASYNC).status == 200)
    run.check("what is wrong, too", client.post("/api/1/forecasts", {"wombat": 1}, headers=ASYNC).status == 400)
    plain = client.post("/api/1/forecasts", slow(1))
    run.check("the work itself", plain.status == 200, plain.body[:300])
    reply = client.post("/api/1/forecasts", slow(1), headers=AT_ONCE)
    run.check("what is slow: 202, where to ask, how far it is", reply.status == 202 and reply.headers["Location"].startswith("/api/1/jobs/") and not wrong(reply.json, "tilth.job/1"), reply.body[:300])
    other = server.client("Entry")
    run.check("another session does not see it, of the same person even", other.get(reply.headers["Location"]).status == 404)
    run.check("nor cancels it", other.ask("DELETE", reply.headers["Location"]).status == 200)
    run.check("nobody sees no job", server.client().get(reply.headers["Location"]).status == 401)
    done, said = follow(client, reply.headers["Location"])
    run.check("its reply is that of the plain request", done.status == 200 and done.body == plain.body, (done.status, len(done.body), len(plain.body)))
    run.check("on the way each answer is valid, some with a share", said and not any(wrong(s, "tilth.job/1") for s in said) and any(s["share"] for s in said), said[-3:])
    run.check("the reply is given once", client.get(reply.headers["Location"]).status == 404)


def cancelling(run, server):
    client = server.client("Verifier")
    reply = client.post("/api/1/forecasts", slow(2), headers=AT_ONCE)
    run.check("work begins", reply.status == 202, reply.body[:200])
    gone = client.ask("DELETE", reply.headers["Location"])
    run.check("DELETE cancels it", gone.status == 200 and gone.json["done"] and not wrong(gone.json, "tilth.job/1"), gone.body)
    run.check("then it is not there", client.get(reply.headers["Location"]).status == 404)
    run.check("cancelling twice is fine", client.ask("DELETE", reply.headers["Location"]).status == 200)
    run.check("without the token nothing is cancelled", client.ask("DELETE", reply.headers["Location"], csrf=False).status == 403)
    # Both workers are free again, and their contexts are new ones: more than twice as much work as there are workers goes through.
    quick = {"scenarios": ["ukraine-persistent"], "years": 5, "draws": 256}
    run.check("the workers go on", all(client.post("/api/1/forecasts", {**quick, "seed": i}).status == 200 for i in range(6)))


def many(run, server):
    """More than there are workers, cancelled in the queue and at work; tiles and lists are served meanwhile."""
    client, reader, results = server.client("Quality"), server.client("Entry"), []
    def begin(seed):
        one = server.client()
        one.cookie, one.csrf = client.cookie, client.csrf
        results.append(one.post("/api/1/forecasts", slow(seed), headers=AT_ONCE))
    threads = [threading.Thread(target=begin, args=(10 + i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    served = [reader.get("/api/1/tiles/vector/hazard-area/8/74/122.mvt").status for _ in range(20)]
    run.check("eight at once: each has a job", [r.status for r in results] == [202] * 8, [r.status for r in results])
    run.check("tiles are served meanwhile", served == [200] * 20, served)
    for reply in results:
        client.ask("DELETE", reply.headers["Location"])
    began = time.monotonic()
    last = client.post("/api/1/forecasts", {"scenarios": ["ukraine-persistent"], "years": 5, "draws": 256})
    run.check("cancelled work does not stand in the way", last.status == 200 and time.monotonic() - began < 30, (last.status, time.monotonic() - began))


def ending(run, path):
    """Ctrl-C while jobs work and wait."""
    server = Server(path)
    client = server.client("Entry")
    jobs = [client.post("/api/1/forecasts", slow(100 + i), headers=AT_ONCE).status for i in range(3)]
    began = time.monotonic()
    code = server.stop()
    run.check("Ctrl-C ends work that is under way", jobs == [202] * 3 and code == 0 and server.errors == "" and time.monotonic() - began < 20, (jobs, code, server.errors, time.monotonic() - began))


def main():
    run = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            quick_and_slow(run, server)
            cancelling(run, server)
            many(run, server)
        finally:
            run.check("the server ends cleanly", server.stop() == 0 and server.errors == "", server.errors)
        ending(run, path)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
