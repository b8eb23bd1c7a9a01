"""A coordinator that means ill, against a real member: another manifest than was confirmed, lists of its own, lists signed by
others or for other sessions, malformed points, the same part with other points, more than the manifest allows.
The member refuses with one line before its first multiplication, and sends nothing.
"""

import base64
import hashlib
import json

from curve import BAD_POINTS, digest, part_message, random_points, sign, with_torsion
from harness import Report, room
from overlap import gather, join_words, propose, write_list
from peers import FakeServer, RawClient, b64
from search import search_text

SERVICE = "OverlapService/"
PART = "11111111-2222-4333-8444-5555555555{:02x}"


class Coordinator:
    """A real session's messages, and a server that changes them; the member is a."""

    def __init__(self, server, client, members):
        self.server, self.members, self.client = server, members, client
        self.fake = FakeServer(server)
        self.sent = []
        self.a = members["a"]
        profile = json.loads((self.a.folder / "profile.json").read_text())
        self.a.write("fake.json", {**profile, "server": self.fake.address})
        who = client.ask("a", "analyst", "CollaborationService/WhoAmI", {})
        self.fake.tell("CollaborationService/WhoAmI", who["answers"][0])
        self.fresh()

    def fresh(self):
        """Another session of a and b, confirmed by both; b's keys are known to the test, not to the coordinator."""
        self.session = propose({name: self.members[name] for name in ("a", "b")}, "--cap", 1000)
        self.honest = self.client.ask("a", "analyst", SERVICE + "GetSession", {"session": self.session})["answers"][0]
        self.manifest = base64.b64decode(self.honest["manifest"])
        self.hash = hashlib.sha256(self.manifest).digest()
        self.folder = self.a.folder / "overlap" / self.session

    def show(self, *due, manifest=None, **changes):
        answer = {**self.honest, "due": list(due), "waiting": [], **changes}
        if manifest is not None:
            answer["manifest"] = b64(manifest)
        self.fake.tell(SERVICE + "GetSession", answer)

    def key(self, member):
        return self.server.folder / "members" / member / "analyst.key"

    def certificate(self, member):
        return (self.server.folder / "members" / member / "analyst.pem").read_text()

    def send(self, points, signer="b", sent=None, certificate=None, manifest_hash=None, **changes):
        self.sent = points
        message = part_message(manifest_hash or self.hash, points)
        head = {"points": len(points), "digest": b64(digest(points)), "signature": b64(sign(self.key(signer), message)),
                "certificate": self.certificate(certificate or signer), **changes}
        self.fake.tell(SERVICE + "FetchPart", {"part": head}, {"points": {"points": b64(b"".join(points) if sent is None else sent)}})

    def join(self, *words):
        return self.a.run("overlap", "join", self.session, *words, "--profile", "fake.json", timeout=30)

    def kept(self):
        """Names of what the member has of lists of others: the ledger is written right before a multiplication."""
        return [path.name for path in self.folder.iterdir() if path.name.startswith(("answer", "ledger"))] if self.folder.exists() else []


def reblind(part=0, points=50):
    return {"member": "a", "step": "reblind", "part": PART.format(part), "points": points}


def refused(report, sentence, answer, word, coordinator=None):
    report.check(answer.status != 0 and answer.one_line and word in answer.err and "Sanitizer" not in answer.err, f"refused: {sentence}", answer)
    if coordinator is not None:
        report.check(coordinator.kept() == [], "  nothing was multiplied", coordinator.kept())
        told = search_text((answer.out + answer.err).encode(), coordinator.sent)
        report.check(not told, "  no point is in what it says", told)


def check_manifest(report, coordinator):
    terms = json.loads(coordinator.manifest)
    contribute = {"member": "a", "step": "contribute"}
    coordinator.fake.tell(SERVICE + "Contribute", {"points": "20", "committed": True})
    write_list(coordinator.a, [f"u{i}" for i in range(20)])

    def own(**changes):
        return {"members": [{**terms["members"][0], **changes}, terms["members"][1]]}

    for sentence, changes, word in (
            ("a lower minimum", {"minimumComplement": 0, "minimum": 0, "leastInput": 1}, "not the terms"),
            ("another normaliser", {"normaliser": "exact-v1"}, "not the terms"),
            ("padding taken off", {"padding": "buckets"}, "not the terms"),
            ("a larger cap", own(cap=10**6), "not the terms"),
            ("another expiry", {"expires": terms["expires"] + 1}, "not the terms"),
            ("another collaboration", {"collaboration": "11111111-2222-4333-8444-555555555555"}, "not the terms"),
            ("the members in another order", {"members": terms["members"][::-1]}, "not the terms"),
            ("another nonce of this member", own(nonce="ab" * 32), "nonce"),
            ("another certificate of this member", own(certificate="ab" * 32), "another certificate"),
            ("a confirmation missing", {"members": [terms["members"][0], {**terms["members"][1], "nonce": "", "certificate": ""}]}, "not whole"),
            ("this member's confirmation missing", own(nonce="", certificate=""), ""),
            ("the id of another session", {"session": "11111111-2222-4333-8444-555555555555"}, "another session"),
            ("a manifest that is none", None, "manifest")):
        text = b"{}" if changes is None else json.dumps({**terms, **changes}, sort_keys=True, separators=(",", ":")).encode()
        coordinator.show(contribute, manifest=text)
        answer = coordinator.join("list.csv")
        report.check(not (coordinator.folder / "list").exists(), "  no list was made", answer)
        refused(report, f"a manifest with {sentence}", answer, word)
    coordinator.show(contribute, checkpoint_share="")
    refused(report, "no share of the checkpoint", coordinator.join("list.csv"), "no share")
    report.check(not (coordinator.folder / "checkpoint").exists(), "none of these made a scalar")
    # An honest answer, and then nothing is due: the scalar is there.
    coordinator.show(reblind())
    coordinator.send(random_points(1, 50))
    coordinator.fake.tell(SERVICE + "ReturnPart", code=14, message="gone")
    report.check(coordinator.join().status == 1 and len(coordinator.kept()) == 2, "a list that b signed is multiplied, once", coordinator.kept())
    coordinator.show(reblind(1), checkpoint_share=b64(b"x" * 32))
    refused(report, "another share than the checkpoint was sealed with", coordinator.join(), "/checkpoint: does not open")
    swapped = [terms["members"][0], {**terms["members"][1], "nonce": "cd" * 32}]
    coordinator.show(reblind(1), manifest=json.dumps({**terms, "members": swapped}, sort_keys=True, separators=(",", ":")).encode())
    refused(report, "another nonce of the other member, after the scalar was made", coordinator.join(), "does not open")


def check_kept(report, coordinator):
    """A list that was made and did not get through: another file in its place is refused, no file at all is not."""
    coordinator.fresh()
    coordinator.fake.tell(SERVICE + "Contribute", code=14, message="gone")
    coordinator.show({"member": "a", "step": "contribute"})
    write_list(coordinator.a, [f"u{i}" for i in range(20)])
    report.check(coordinator.join("list.csv").status == 1 and (coordinator.folder / "list").exists(), "the list is kept before it leaves")
    coordinator.a.write("other.csv", "email\nsomebody\n")
    refused(report, "another file than the kept list's", coordinator.join("other.csv"), "other.csv: the input is not the one that this session")
    report.check(f"join {coordinator.session}` without a file" in coordinator.join("other.csv").err, "with the way out")
    for words in (("list.csv",), ()):
        answer = coordinator.join(*words)
        report.check(answer.status == 1 and "gone" in answer.err, f"which goes as far as the same file does: {words}", answer)
    coordinator.show(state="cancelled", reason="cancelled by b")
    folder = coordinator.folder.parent
    before = sorted(str(path) for path in folder.rglob("*"))
    refused(report, "confirming a session that is over", coordinator.a.run("overlap", "confirm", coordinator.session, "--yes", "--profile", "fake.json"),
            "is over (cancelled by b)")
    report.check(sorted(str(path) for path in folder.rglob("*")) == before, "nothing was written")
    refused(report, "joining it", coordinator.join("list.csv"), "is over (cancelled by b)")
    report.check(not coordinator.folder.exists(), "what was kept is gone")


def check_shown(report, coordinator):
    """What was shown is what is confirmed."""
    session = "22222222-3333-4444-8555-666666666666"
    terms = json.loads(coordinator.manifest)
    bare = [{**member, "nonce": "", "certificate": ""} for member in terms["members"]]
    folder = coordinator.folder.parent / session

    def offer(**changes):
        text = json.dumps({**terms, "session": session, "members": bare, **changes}, sort_keys=True, separators=(",", ":"))
        coordinator.show(manifest=text.encode(), session=session, state="open")

    offer()
    answer = coordinator.a.run("overlap", "confirm", session, "--profile", "fake.json")
    report.check(answer.status == 0 and "Nothing was confirmed yet" in answer.out, "the terms are shown", answer)
    offer(normaliser="exact-v1")
    refused(report, "other terms than were shown", coordinator.a.run("overlap", "confirm", session, "--yes", "--profile", "fake.json"),
            "other terms now")
    report.check(not (folder / "nonce").exists(), "and no nonce was made", list(folder.iterdir()))


def check_opened(report, coordinator):
    """What was asked for is what is opened: whoever proposed the terms has seen them, and confirms with --yes at once."""
    session = "33333333-4444-4555-8666-777777777777"
    folder = coordinator.folder.parent / session
    terms = json.loads(coordinator.manifest)
    a, b = ({**member, "nonce": "", "certificate": "", "cap": 1000} for member in terms["members"])
    ids = {"session": session, "collaboration": terms["collaboration"]}

    def opened(*words, **changes):
        coordinator.fake.tell(SERVICE + "OpenSession", {**coordinator.honest, "session": session, "state": "open", "due": [], "waiting": []},
                              terms={**ids, **changes})
        return coordinator.a.run("overlap", "open", "--collab", "o", "--member", "a", "--member", "b", "--minimum", 100, "--leastInput", 500,
                                 "--cap", 1000, "--profile", "fake.json", *words)

    for sentence, changes in (
            ("a puppet for a third member", {"members": [a, b, {**b, "name": "c"}]}),
            ("another member", {"members": [a, {**b, "name": "c"}]}),
            ("the members in another order", {"members": [b, a]}),
            ("a larger cap", {"members": [a, {**b, "cap": 1001}]}),
            ("segments", {"members": [{**a, "segments": 2}, b]}),
            ("a receiver less", {"members": [{**a, "receives": False}, b]}),
            ("a confirmation that nobody gave", {"members": [a, {**b, "nonce": "ab" * 32, "certificate": "cd" * 32}]}),
            ("a lower minimum", {"minimum": 99}), ("a lower complement", {"minimumComplement": 0}), ("a smaller input", {"leastInput": 100}),
            ("another normaliser", {"normaliser": "exact-v1"}), ("another suite", {"suite": "p256"}), ("padding", {"padding": "buckets"}),
            ("another expiry", {"expires": terms["expires"] + 9999})):
        for form in ("table", "json"):
            answer = opened("--output", form, **changes)
            refused(report, f"a session opened with {sentence}, as {form}", answer, "other terms than were asked for")
            report.check(not answer.out and not folder.exists(), "  nothing is shown, and nothing kept", answer)
    answer = opened()
    report.check(answer.status == 0 and f"confirm {session} --yes" in answer.out, "the terms that were asked for are shown", answer)
    coordinator.show(manifest=json.dumps({**terms, **ids, "members": [a, b, {**b, "name": "c"}]}, sort_keys=True, separators=(",", ":")).encode(),
                     session=session, state="open")
    refused(report, "other terms than were opened", coordinator.a.run("overlap", "confirm", session, "--yes", "--profile", "fake.json"),
            "other terms now")
    report.check(not (folder / "nonce").exists(), "and no nonce was made")


def check_lists(report, coordinator):
    coordinator.fresh()
    good = random_points(2, 50)
    turned = [*good[:10], good[11], good[10], *good[12:]]
    joined = b"".join(good)
    other_hash = hashlib.sha256(b"another manifest").digest()

    def attack(sentence, word, points=good, due=None, **more):
        coordinator.show(due or reblind(points=len(points)))
        coordinator.send(points, **more)
        refused(report, sentence, coordinator.join(), word, coordinator)

    attack("a list of the coordinator's own, without signature", "signature", signature="")
    attack("a list signed by a third member", "another certificate", signer="c")
    attack("a list signed by this member", "another certificate", signer="a")
    attack("a list signed by a third member under b's certificate", "signature", signer="c", certificate="b")
    attack("a list that b signed for another session", "signature", manifest_hash=other_hash)
    attack("a list signed by an owner's key of b", "signature", certificate="b", signature=b64(sign(
        coordinator.server.folder / "members/b/owner.key", part_message(coordinator.hash, good))))
    attack("other points than were signed", "not the one that it announced", sent=b"".join(random_points(3, 50)))
    attack("other points under their own digest", "signature", sent=b"".join(random_points(3, 50)), digest=b64(digest(random_points(3, 50))))
    attack("another number of points than were signed", "signature", points=good, due=reblind(points=50),
           signature=b64(sign(coordinator.key("b"), part_message(coordinator.hash, good[:49]))))
    attack("a list cut short", "ends early", sent=joined[:-32])
    attack("half a point", "not the points", sent=joined[:-16])
    attack("a point too many", "not the points", sent=joined + bytes(32))
    attack("more points than were due", "more points", due=reblind(points=10))
    attack("no points", "more points", points=[], due=reblind(points=0))
    attack("points out of order", "out of order", points=turned)
    attack("a repeat", "repeat", points=[*good[:20], *good[19:49]])
    coordinator.show(reblind(points=2**31))
    refused(report, "a part of two billion points", coordinator.join(), "more points than any member's cap", coordinator)
    for sentence, name in (("a path", "../../../x"), ("a word", "x")):
        coordinator.show({**reblind(), "part": name})
        refused(report, f"{sentence} for a part's name", coordinator.join(), "part", coordinator)
    coordinator.show({"member": "a", "step": "dance"})
    report.check(coordinator.join().one_line, "refused: a step that is none")


def check_bad_points(report, coordinator):
    """Signed by b: a member that means ill. The ledger knows of them, no product is made."""
    good = random_points(4, 49)
    for number, (sentence, bad) in enumerate(BAD_POINTS):
        coordinator.fresh()
        coordinator.show(reblind(number))
        coordinator.send(sorted([*good, bad]))
        answer = coordinator.join()
        refused(report, f"{sentence} in a signed list", answer, "point")
        report.check(not search_text((answer.out + answer.err).encode(), [*good, bad]), "  no point is in what it says", answer)
        report.check(not any(name.startswith("answer") for name in coordinator.kept()), "  there is no answer", coordinator.kept())
    coordinator.fresh()
    coordinator.show(reblind())
    coordinator.send(sorted([*good, with_torsion(good[20])]))
    coordinator.fake.tell(SERVICE + "CancelSession", {**coordinator.honest, "state": "cancelled"})
    refused(report, "copies of a point under torsion", coordinator.join(), "came out equal")
    refused(report, "and the session is ended for everybody", coordinator.join(), "the session is cancelled")
    report.check(not any(name.startswith("answer") for name in coordinator.kept()), "  there is no answer", coordinator.kept())


def check_words(report, coordinator):
    """Nothing of the server's reaches the terminal as it is."""
    coordinator.fresh()
    mark = "\x1b[31m\x9b\nforged"
    for field in ("collaboration", "state", "opened_by", "reason"):
        coordinator.show(**{field: mark})
        for words in (("status", coordinator.session), ("join", coordinator.session), ("confirm", coordinator.session),
                      ("status", coordinator.session, "--output", "json")):
            answer = coordinator.a.run("overlap", *words, "--profile", "fake.json", timeout=30)
            report.check(answer.status == 1 and answer.one_line and answer.out == "" and answer.err.rstrip().isprintable(),
                         f"an escape sequence for {field}: {words[0]}", answer)
    numbers = {"matrices": [], "members": [{"items": 4, "name": "a"}, {"items": 4, "name": "b"}], "minimum": 0, "minimumComplement": 0,
               "notice": mark, "overlaps": [{"items": 2, "members": ["a", "b"], "percent": ["50.0", "50.0"]}],
               "regions": [{"items": 2, "members": ["a"]}, {"items": 2, "members": ["b"]}, {"items": 2, "members": ["a", "b"]}],
               "session": coordinator.session}
    labels = {"columns": [mark], "items": [[2]], "members": ["a", "b"], "rows": ["y" + mark]}
    clean = {**numbers, "notice": "as agreed"}
    for sentence, document in (
            ("a notice with an escape sequence", numbers), ("labels with escape sequences", {**clean, "matrices": [labels]}),
            ("the other's labels, clean", {**clean, "matrices": [{**labels, "columns": ["x"], "rows": ["y"]}]}),
            ("a member with an escape sequence", {**clean, "members": [{"items": 4, "name": mark}, {"items": 4, "name": "b"}]}),
            ("a negative number", {**clean, "overlaps": [{"items": -2, "members": ["a", "b"]}]}),
            ("a matrix of another shape", {**clean, "matrices": [{**labels, "items": [[1, 2], [3]]}]}),
            ("a percentage with an escape sequence", {**clean, "overlaps": [{**numbers["overlaps"][0], "percent": [mark, mark]}]}),
            ("a member of nobody", {**clean, "overlaps": [{"items": 2, "members": ["a", "zoe"]}]}),
            ("numbers of another session", {**clean, "session": "11111111-2222-4333-8444-555555555555"}),
            ("nothing", {}), ("a list", []), ("a document without end", None)):
        text = b"[" * 5000 if document is None else json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        coordinator.fake.tell(SERVICE + "Release", {"session": {**coordinator.honest, "state": "released"}, "report": b64(text)})
        for form in ("table", "csv", "json"):
            answer = coordinator.a.run("overlap", "release", coordinator.session, "--profile", "fake.json", "--output", form, "--svg", "x.svg")
            shown = answer.out + answer.err
            drawn = (coordinator.a.folder / "x.svg").read_text() if (coordinator.a.folder / "x.svg").exists() else ""
            report.check(answer.status in (0, 1) and not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in shown + drawn)
                         and "\nforged" not in shown and "Sanitizer" not in shown, f"a report with {sentence}, as {form}", answer)
            (coordinator.a.folder / "x.svg").unlink(missing_ok=True)


def check_ledger(report, coordinator):
    coordinator.fresh()
    coordinator.fake.tell(SERVICE + "ReturnPart", code=14, message="gone")
    coordinator.show(reblind(0, 600))
    coordinator.send(random_points(5, 600))
    refused(report, "a server that goes away while a part is returned", coordinator.join(), "gone")
    answer = coordinator.folder / f"answer.{PART.format(0)}"
    first = answer.read_bytes()
    report.check(len(first) == 600 * 32, "the answer is kept")
    coordinator.send(random_points(6, 600))
    coordinator.join()
    report.check(answer.read_bytes() == first, "asked again with other points: the same answer, byte by byte")
    answer.unlink()
    refused(report, "the same part with other points", coordinator.join(), "other points for a part")
    coordinator.send(random_points(5, 600))
    coordinator.join()
    report.check(answer.read_bytes() == first, "with the same points the same answer is computed")
    coordinator.show(reblind(1, 50))
    coordinator.send(random_points(7, 50))
    refused(report, "a second part where the manifest has one", coordinator.join(), "more than the manifest allows")
    report.check(not (coordinator.folder / f"answer.{PART.format(1)}").exists(), "  there is no answer")


def main():
    report = Report()
    with room(("a", "b", "c")) as server:
        members = gather(server, ("a", "b", "c"))
        client = RawClient(server)
        coordinator = Coordinator(server, client, members)
        check_shown(report, coordinator)
        check_opened(report, coordinator)
        check_manifest(report, coordinator)
        check_lists(report, coordinator)
        check_kept(report, coordinator)
        check_bad_points(report, coordinator)
        check_ledger(report, coordinator)
        check_words(report, coordinator)
        coordinator.fake.close()
        client.close()
    report.finish()


main()
