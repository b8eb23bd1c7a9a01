"""An overlap session, message by message: what tests of members who break the protocol share."""

import base64
import hashlib

from curve import digest, part_message, sign
from peers import b64

SERVICE = "OverlapService/"


class Raw:
    """One session through the eyes of members who do what they like."""

    def __init__(self, server, client, session):
        self.server, self.client, self.session = server, client, session
        self.manifest = base64.b64decode(self.get("a")["manifest"])
        self.hash = hashlib.sha256(self.manifest).digest()

    def get(self, member):
        answer = self.client.ask(member, "analyst", SERVICE + "GetSession", {"session": self.session})
        return answer["answers"][0] if answer["answers"] else answer

    def due(self, member):
        return [due["part"] for due in self.get(member)["due"] if due["step"] == "reblind"]

    def files(self):
        folder = self.server.data / "data/overlap" / self.session
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def signature(self, member, points, manifest_hash=None):
        key = self.server.folder / "members" / member / "analyst.key"
        return sign(key, part_message(manifest_hash or self.hash, points))

    def begin(self, **changes):
        return {"send": {"begin": {"session": self.session, "manifest_hash": b64(self.hash), **changes}}}

    def part(self, member, points, label="", sent=None, head=None, end=None):
        """The steps of one part; `sent`: other messages of points; `head` and `end`: other fields."""
        messages = [b"".join(points)] if sent is None else sent
        return [{"send": {"part": {"label": label, "items": len(points), "points": len(points), **(head or {})}}},
                *({"send": {"points": {"points": b64(message)}}} for message in messages),
                {"send": {"part_end": {"digest": b64(digest(points)), "signature": b64(self.signature(member, points)), **(end or {})}}}]

    def commit(self, *parts):
        sum_of = hashlib.sha256(b"".join(digest(points) for points in parts)).digest()
        return {"send": {"commit": {"digest": b64(sum_of)}}}

    def contribute(self, member, *steps, role="analyst"):
        return self.client.run(member, role, SERVICE + "Contribute", *steps)

    def give(self, member, points, **more):
        return self.contribute(member, self.begin(), *self.part(member, points, **more), self.commit(points))

    def fetch(self, member, part, role="analyst"):
        answer = self.client.ask(member, role, SERVICE + "FetchPart", {"session": self.session, "part": part})
        whole = b"".join(base64.b64decode(step["points"]["points"]) for step in answer["answers"] if "points" in step)
        return answer, [whole[i:i + 32] for i in range(0, len(whole), 32)]

    def return_steps(self, part, points, sent=None, sum_of=None, **changes):
        return [{"send": {"begin": {"session": self.session, "part": part, "manifest_hash": b64(self.hash), **changes}}},
                *({"send": {"points": {"points": b64(message)}}} for message in ([b"".join(points)] if sent is None else sent)),
                {"send": {"commit": {"digest": b64(sum_of or digest(points))}}}]

    def give_back(self, member, part, points, role="analyst", **more):
        return self.client.run(member, role, SERVICE + "ReturnPart", *self.return_steps(part, points, **more))


def refused(report, sentence, answer, *statuses):
    line = answer["message"]
    report.check(answer["status"] in statuses and line and "\n" not in line, f"refused: {sentence}", answer)
