#!/usr/bin/python3
"""trial_test.py BIN: a trial of a large import keeps nobody from saving. It goes on on a copy of the project, shows what taking in then does, and leaves nothing behind."""
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Cases, Server, accounts, project, wait_until  # noqa: E402

ROWS = 150_000


def save(client, i):
    body = {"columns": {"date": "2021-05-04", "category": "AP mine"}, "position": f"7.0{i % 10}5 N 75.1{i % 9} W", "id": f"trial-{i:04d}"}
    began = time.monotonic()
    reply = client.post("/api/1/records/accident", body)
    return reply, time.monotonic() - began


def saving_beside(writer, work, i):
    """Somebody saves one record after another for as long as the work takes: its reply and its time, the times of the saves, their replies."""
    answer = {}

    def go():
        began = time.monotonic()
        answer["reply"] = work()
        answer["s"] = time.monotonic() - began
    thread = threading.Thread(target=go)
    thread.start()
    seconds, replies = [], []
    while thread.is_alive() and len(replies) < 2000:
        reply, took = save(writer, i + len(replies))
        replies.append(reply)
        seconds.append(took)
        time.sleep(0.02)
    thread.join()
    return answer["reply"], answer["s"], seconds, replies


def server_cpu(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def large():
    lines = ["id,lon,lat,date,category"]
    lines += [f"r{i},-75.{1000 + i % 900},7.{100 + i % 700:04d},20{10 + i % 9}-03-{10 + i % 20},AP mine" for i in range(ROWS)]
    lines += ["zero,0,0,2020-01-01,AP mine", "far,-10,7.1,2020-01-01,AP mine"]
    return "\n".join(lines).encode()


def copies(folder):
    return [name for name in os.listdir(folder) if ".copy" in name or ".hold" in name] if os.path.isdir(folder) else []


def main():
    cases = Cases()
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        uploads = path + ".uploads"
        try:
            importer, writer = server.client("Entry"), server.client("Verifier")
            up = importer.ask("POST", "/api/1/imports?name=large.csv", raw=large(), headers={"Content-Type": "application/octet-stream"})
            cases.check("a large file is uploaded", up.status == 201, up.body[:300])
            address = f"/api/1/imports/{up.json['id']}"
            importer.post(f"{address}/try", {"as": "accident", "where": "id = 'zero'"}) # its reader and a copy have been started once
            alone = sorted(save(writer, i)[1] for i in range(20))
            i = 20
            tried, took, beside, replies = saving_beside(writer, lambda: importer.post(f"{address}/try", {"as": "accident"}), i)
            i += len(replies)
            cases.check("the trial shows every row", tried.status == 200 and tried.json["counts"]["added"] + tried.json["counts"]["refused"] == ROWS + 2, tried.body[:300])
            cases.check("others saved all the while", len(replies) > 10 and all(r.status == 201 for r in replies), [r.body[:200] for r in replies if r.status != 201][:2])
            beside.sort()
            print(f"{ROWS} rows were tried in {took:.1f} s; beside it {len(beside)} records were saved, median {1000 * beside[len(beside) // 2]:.0f} ms, slowest "
                  f"{1000 * beside[-1]:.0f} ms; alone median {1000 * alone[len(alone) // 2]:.0f} ms, slowest {1000 * alone[-1]:.0f} ms")
            cases.check("a copy lies among the uploads meanwhile", len(copies(uploads)) == 2, copies(uploads))
            again = importer.post(f"{address}/try", {"as": "accident"})
            cases.check("what others saved changes nothing of it", again.json["counts"] == tried.json["counts"], again.json["counts"])
            done, took, beside, replies = saving_beside(writer, lambda: importer.post(f"{address}/commit", {"token": again.json["token"]}), i)
            i += len(replies)
            cases.check("others save beside taking in", all(r.status == 201 for r in replies), [r.body[:200] for r in replies if r.status != 201][:2])
            beside.sort()
            print(f"taken in in {took:.1f} s; beside it {len(beside)} records were saved, median {1000 * beside[len(beside) // 2]:.0f} ms, slowest {1000 * beside[-1]:.0f} ms; "
                  f"processor time of the server {server_cpu(server):.1f} s since it began")
            cases.check("taken in is what was shown", done.status == 200 and done.json["counts"] == again.json["counts"], done.body[:300])
            there = importer.get("/api/1/records/accident?limit=1").json["total"]
            cases.check("everything is there: imported, saved beside, and before", there == 12 + i + done.json["counts"]["added"], (there, i))
        finally:
            code = server.stop()
        cases.check("the server ends", code == 0, code)
        cases.check("no copy is left", wait_until(lambda: not copies(uploads)), copies(uploads))
    cases.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
