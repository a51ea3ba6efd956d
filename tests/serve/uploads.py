"""Cases about files that are sent to the server."""

from schemas import wrong
from server import Cases


class Uploads(Cases):
    def valid(self, what, reply, name, status=200):
        good = reply.status == status and not wrong(reply.json, name)
        self.check(what, good, f"{reply.status} {reply.body[:500]} {wrong(reply.json, name) if reply.status == status else ''}")
        return reply.json if good else None

    def refused(self, what, reply, status, *parts):
        good = reply.status == status and not wrong(reply.json, "tilth.error/1") and all(part in reply.json["message"] for part in parts)
        self.check(f"{what}: {status}", good, f"{reply.status} {reply.body[:500]}")
        said = reply.json.get("message", "")
        self.check(f"{what}: one sentence without paths of the server", "\n" not in said and "/vsi" not in said and "/tmp" not in said and ".uploads" not in said, said)
