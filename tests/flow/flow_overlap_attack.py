"""Members who break the overlap protocol, against a real server, step by step: malformed points of every kind, lists that
are not what they say, signatures of others, parts of others, two calls at once, members who are not in the session.
Each is refused with a status and one line; nothing of it is kept, and the session goes on.
"""

import base64
import contextlib
import hashlib
import json
import sqlite3
import time

from curve import (BAD_P256_POINTS, BAD_POINTS, confirm_message, digest, multiply, p256_points, random_points, sign, with_torsion)
from harness import Report, room
from overlap import gather, join_words, propose, report_of, state_of, told, write_list
from overlap_raw import SERVICE, Raw, refused
from peers import RawClient, b64


# ---- contributing --------------------------------------------------------------------------------

def check_points(report, raw):
    good = random_points(1, 50)
    for sentence, bad in BAD_POINTS:
        for place in (0, 25, 49):
            points = sorted([*good[:49], bad])
            if place != 25 and sentence != "the identity":
                continue
            refused(report, f"{sentence} in a list", raw.give("a", points), "INVALID_ARGUMENT")
            break
    for sentence, points, sent in (
            ("31 bytes", good[:1], [good[0][:31]]), ("33 bytes", good[:1], [good[0] + b"\0"]),
            ("a list cut short", good, [b"".join(good)[:-12]]), ("a message without points", good, [b"", b"".join(good)])):
        refused(report, sentence, raw.give("a", points, sent=sent), "INVALID_ARGUMENT")
    turned = good[:]
    turned[10], turned[11] = turned[11], turned[10]
    refused(report, "two points out of order", raw.give("a", turned), "INVALID_ARGUMENT")
    refused(report, "a list from the end", raw.give("a", good[::-1]), "INVALID_ARGUMENT")
    refused(report, "a repeat", raw.give("a", good[:20] + good[19:]), "INVALID_ARGUMENT")
    halves = [b"".join(good[:25]), b"".join(good[25:])]
    refused(report, "batches in another order", raw.give("a", good, sent=halves[::-1]), "INVALID_ARGUMENT")
    refused(report, "a batch again", raw.give("a", good, sent=[halves[0], *halves]), "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")
    refused(report, "a repeat across batches", raw.give("a", good[:25] + good[24:], sent=[halves[0], b"".join(good[24:])]), "INVALID_ARGUMENT")
    report.check(raw.files() == [], "nothing of a refused list is kept", raw.files())


def check_lists(report, raw, other):
    good = random_points(2, 50)
    wrong = b64(b"x" * 32)
    full = raw.part("a", good)
    for sentence, steps, statuses in (
            ("more points than announced", [raw.begin(), *raw.part("a", good, head={"items": 49, "points": 49}), raw.commit(good)],
             ("RESOURCE_EXHAUSTED",)),
            ("fewer points than announced", [raw.begin(), *raw.part("a", good, head={"items": 51, "points": 51}), raw.commit(good)],
             ("INVALID_ARGUMENT",)),
            ("fewer items than points without padding", [raw.begin(), *raw.part("a", good, head={"items": 5}), raw.commit(good)],
             ("INVALID_ARGUMENT",)),
            ("more items than points", [raw.begin(), *raw.part("a", good, head={"items": 51}), raw.commit(good)], ("RESOURCE_EXHAUSTED", "INVALID_ARGUMENT")),
            ("a part without points", [raw.begin(), *raw.part("a", [], sent=[]), raw.commit([])], ("RESOURCE_EXHAUSTED", "INVALID_ARGUMENT")),
            ("a number of points that overflows", [raw.begin(), *raw.part("a", good, head={"points": str(2**64 - 1)}), raw.commit(good)],
             ("RESOURCE_EXHAUSTED",)),
            ("another digest of a part", [raw.begin(), *raw.part("a", good, end={"digest": wrong}), raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("no digest of a part", [raw.begin(), *raw.part("a", good, end={"digest": ""}), raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("another digest of the list", [raw.begin(), *full, {"send": {"commit": {"digest": wrong}}}], ("INVALID_ARGUMENT",)),
            ("no signature", [raw.begin(), *raw.part("a", good, end={"signature": ""}), raw.commit(good)], ("UNAUTHENTICATED",)),
            ("a signature of 4 KB", [raw.begin(), *raw.part("a", good, end={"signature": b64(b"x" * 4096)}), raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("another member's signature", [raw.begin(), *raw.part("a", good, end={"signature": b64(raw.signature("b", good))}), raw.commit(good)],
             ("UNAUTHENTICATED",)),
            ("a signature of other points", [raw.begin(), *raw.part("a", good, end={"signature": b64(raw.signature("a", good[1:]))}), raw.commit(good)],
             ("UNAUTHENTICATED",)),
            ("a signature for another session", [raw.begin(), *raw.part("a", good, end={"signature": b64(raw.signature("a", good, other.hash))}),
                                                 raw.commit(good)], ("UNAUTHENTICATED",)),
            ("another session's manifest", [raw.begin(manifest_hash=b64(other.hash)), *full, raw.commit(good)], ("FAILED_PRECONDITION",)),
            ("no manifest", [raw.begin(manifest_hash=""), *full, raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("a session that is not there", [raw.begin(session="11111111-2222-4333-8444-555555555555"), *full, raw.commit(good)], ("NOT_FOUND",)),
            ("a path for a session", [raw.begin(session="../../catalog.sqlite"), *full, raw.commit(good)], ("NOT_FOUND",)),
            ("no begin", [*full, raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("two begins", [raw.begin(), raw.begin(), *full, raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("points without a part", [raw.begin(), full[1], full[2], raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("points after the end of their part", [raw.begin(), *full, full[1], raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("a head within a part", [raw.begin(), full[0], full[0], full[1], full[2], raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("a commit within a part", [raw.begin(), full[0], full[1], raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("a commit without parts", [raw.begin(), raw.commit()], ("INVALID_ARGUMENT",)),
            ("an end without a part", [raw.begin(), full[2], raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("a second part", [raw.begin(), *full, *full, raw.commit(good, good)], ("INVALID_ARGUMENT",)),
            ("a label of a member without segments", [raw.begin(), *raw.part("a", good, label="x"), raw.commit(good)], ("INVALID_ARGUMENT",)),
            ("a list without its commit", [raw.begin(), *full], ("CANCELLED",)),
            ("a list that is no message", [raw.begin(), {"raw": b64(b"\xff" * 40)}], ("INVALID_ARGUMENT",)),
            ("an empty message", [raw.begin(), {"raw": ""}], ("INVALID_ARGUMENT",))):
        refused(report, sentence, raw.contribute("a", *steps), *statuses)
    for role in ("admin", "owner"):
        refused(report, f"a list of an {role}", raw.contribute("a", raw.begin(), *full, raw.commit(good), role=role), "PERMISSION_DENIED")
    refused(report, "a list of a member outside", raw.contribute("c", raw.begin(), *full, raw.commit(good)), "NOT_FOUND")
    raw.contribute("a", raw.begin(), *full[:2], {"sleep": 100}, {"cancel": True})
    for _ in range(100):
        if raw.files() == []:
            break
        time.sleep(0.05)
    report.check(raw.files() == [], "nothing of all that is kept", raw.files())
    report.check(raw.get("a")["state"] == "running" and [d["step"] for d in raw.get("a")["due"]] == ["contribute"], "the session goes on")


def check_two_at_once(report, raw):
    one, other = random_points(3, 60), random_points(4, 60)
    running = [raw.client.start("a", "analyst", SERVICE + "Contribute", raw.begin(), *raw.part("a", points), {"sleep": 700}, raw.commit(points))
               for points in (one, other)]
    ended = sorted(raw.client.wait(number)["status"] for number in running)
    report.check(ended == ["ALREADY_EXISTS", "OK"] and len(raw.files()) == 1, "of two lists at once one is in", (ended, raw.files()))
    again = {tuple(points): raw.give("a", points)["status"] for points in (one, other)}
    report.check(sorted(again.values()) == ["ALREADY_EXISTS", "OK"] and len(raw.files()) == 1, "which again is answered as before",
                 (sorted(again.values()), raw.files()))
    given = next(list(points) for points, status in again.items() if status == "OK")
    full = raw.part("a", given)
    for sentence, steps, status in (
            ("more points than it had", [full[0], full[1], full[1], full[2]], "RESOURCE_EXHAUSTED"),
            ("a point too many", [full[0], full[1], {"send": {"points": {"points": b64(given[0])}}}, full[2]], "RESOURCE_EXHAUSTED"),
            ("a message without points", [full[0], {"send": {"points": {}}}, full[1], full[2]], "INVALID_ARGUMENT"),
            ("half a point", [full[0], {"send": {"points": {"points": b64(given[0][:16])}}}, full[2]], "INVALID_ARGUMENT"),
            ("more parts than it had", [*full, full[0]], "RESOURCE_EXHAUSTED"),
            ("another begin", [raw.begin(), *full], "INVALID_ARGUMENT")):
        refused(report, f"the same list again with {sentence}", raw.contribute("a", raw.begin(), *steps, raw.commit(given)), status)
    return given


# ---- re-blinding ---------------------------------------------------------------------------------

def check_return(report, raw, other):
    """b has the list of a to return; what it returns are points that it made up, which no server can tell."""
    given = check_two_at_once(report, raw)
    mine = random_points(5, 40)
    part = raw.due("b")[0]
    refused(report, "a part fetched by its owner", raw.fetch("a", part)[0], "NOT_FOUND")
    refused(report, "a part fetched by a member outside", raw.fetch("c", part)[0], "NOT_FOUND")
    refused(report, "a part fetched by an admin", raw.fetch("b", part, "admin")[0], "PERMISSION_DENIED")
    refused(report, "a part that is not there", raw.fetch("b", "11111111-2222-4333-8444-555555555555")[0], "NOT_FOUND")
    refused(report, "a path for a part", raw.fetch("b", "../" + part)[0], "NOT_FOUND")
    answer, points = raw.fetch("b", part)
    head = answer["answers"][0]["part"]
    report.check(points == given and base64.b64decode(head["digest"]) == digest(given) and base64.b64decode(head["signature"]),
                 "the part comes as it went, with its signature", answer["status"])
    back = random_points(6, 60)
    turned = [*back[:10], back[11], back[10], *back[12:]]
    for sentence, answer, statuses in (
            ("fewer points than it had", raw.give_back("b", part, back[:59]), ("INVALID_ARGUMENT",)),
            ("more points than it had", raw.give_back("b", part, random_points(6, 61)), ("RESOURCE_EXHAUSTED",)),
            ("no points", raw.give_back("b", part, [], sent=[]), ("INVALID_ARGUMENT",)),
            ("points out of order", raw.give_back("b", part, turned), ("INVALID_ARGUMENT",)),
            ("a repeat", raw.give_back("b", part, back[:30] + back[29:59]), ("INVALID_ARGUMENT",)),
            ("a point of the twist", raw.give_back("b", part, sorted([*back[:59], BAD_POINTS[4][1]])), ("INVALID_ARGUMENT",)),
            ("a point of order 8", raw.give_back("b", part, sorted([*back[:59], BAD_POINTS[2][1]])), ("INVALID_ARGUMENT",)),
            ("another digest", raw.give_back("b", part, back, sum_of=b"x" * 32), ("INVALID_ARGUMENT",)),
            ("another session's manifest", raw.give_back("b", part, back, manifest_hash=b64(other.hash)), ("FAILED_PRECONDITION",)),
            ("no manifest", raw.give_back("b", part, back, manifest_hash=""), ("INVALID_ARGUMENT",)),
            ("another session", raw.give_back("b", part, back, session=other.session, manifest_hash=b64(other.hash)), ("NOT_FOUND",)),
            ("its owner", raw.give_back("a", part, back), ("NOT_FOUND",)),
            ("a member outside", raw.give_back("c", part, back), ("NOT_FOUND",)),
            ("a part without a name", raw.give_back("b", "", back), ("NOT_FOUND",)),
            ("a part without a name, by its owner", raw.give_back("a", "", [], sent=[], sum_of=bytes(32)), ("NOT_FOUND",)),
            ("an owner", raw.give_back("b", part, back, role="owner"), ("PERMISSION_DENIED",)),
            ("no commit", raw.client.run("b", "analyst", SERVICE + "ReturnPart", *raw.return_steps(part, back)[:-1]), ("CANCELLED",)),
            ("no begin", raw.client.run("b", "analyst", SERVICE + "ReturnPart", *raw.return_steps(part, back)[1:]), ("INVALID_ARGUMENT",)),
            ("two begins", raw.client.run("b", "analyst", SERVICE + "ReturnPart", *raw.return_steps(part, back)[:1] * 2), ("INVALID_ARGUMENT",))):
        refused(report, f"a part returned with {sentence}" if "owner" not in sentence and "member" not in sentence
                else f"a part returned by {sentence}", answer, *statuses)
    report.check(len(raw.files()) == 1 and raw.due("b") == [part], "nothing of all that is kept, and the part is still due", raw.files())
    running = [raw.client.start("b", "analyst", SERVICE + "ReturnPart", *raw.return_steps(part, points)[:-1], {"sleep": 700},
                                raw.return_steps(part, points)[-1]) for points in (back, random_points(7, 60))]
    ended = [raw.client.wait(number)["status"] for number in running]
    report.check(sorted(ended) == ["FAILED_PRECONDITION", "OK"] and len(raw.files()) == 1, "of two answers at once one counts", (ended, raw.files()))
    back = back if ended[0] == "OK" else random_points(7, 60)
    report.check(raw.give_back("b", part, back)["status"] == "OK", "which again is answered as before")
    refused(report, "and another one", raw.give_back("b", part, random_points(8, 60)), "ALREADY_EXISTS")
    whole = b"".join(back)
    refused(report, "and the same with more points", raw.give_back("b", part, back, sent=[whole, back[0]]), "RESOURCE_EXHAUSTED")
    refused(report, "and the same with a message without points", raw.give_back("b", part, back, sent=[whole, b""]), "INVALID_ARGUMENT")
    refused(report, "fetched again after it went back", raw.fetch("b", part)[0], "NOT_FOUND")
    report.check(raw.give("b", mine)["status"] == "OK", "the list of b is in")
    # a answers with twelve points of b's answer: the count is twelve, whatever else is in the lists.
    answer = sorted(back[:12] + random_points(9, 28))
    report.check(raw.give_back("a", raw.due("a")[0], answer)["status"] == "OK" and raw.get("a")["state"] == "complete", "the session is complete")
    refused(report, "a list after the end", raw.give("a", given), "FAILED_PRECONDITION")
    refused(report, "a fetch after the end", raw.fetch("a", part)[0], "FAILED_PRECONDITION")
    running = [raw.client.start(member, "analyst", SERVICE + "Release", {"send": {"session": raw.session}}, {"end": True}) for member in "abab"]
    answers = [raw.client.wait(number) for number in running]
    reports = {answer["answers"][0]["report"] for answer in answers if answer["answers"]}
    report.check(all(answer["status"] == "OK" for answer in answers) and len(reports) == 1, "released by four at once: one report", answers)
    found = told(json.loads(base64.b64decode(reports.pop())))
    report.check(found["overlaps"] == {("a", "b"): 12} and raw.files() == [], "the count is that of the tags; the lists are gone", found)


# ---- lies ----------------------------------------------------------------------------------------

def check_lies(report, server, client, members):
    two = {name: members[name] for name in ("a", "b")}
    raw = Raw(server, client, propose(two, "--padded"))
    lists = {"a": random_points(11, 1000), "b": random_points(12, 1000)}
    refused(report, "a padded list that is not as large as its bucket",
            raw.give("a", lists["a"][:999], head={"items": 500}), "INVALID_ARGUMENT")
    raw.give("a", lists["a"], head={"items": 1000})
    raw.give("b", lists["b"], head={"items": 3})
    same = random_points(13, 1500)
    raw.give_back("b", raw.due("b")[0], same[:1000])
    raw.give_back("a", raw.due("a")[0], same[500:])
    answer = client.ask("a", "analyst", SERVICE + "Release", {"session": raw.session})
    refused(report, "a list that shares more items than it said it has", answer, "INVALID_ARGUMENT")
    reason = raw.get("a")["reason"]
    report.check(raw.get("a")["state"] == "failed" and 'the list of "b", or another member\'s answer to it, shares' in reason and raw.files() == [],
                 "and the session has failed, for everybody to see", raw.get("a"))

    raw = Raw(server, client, propose(members))
    plain = random_points(14, 50)
    refused(report, "copies of a point under torsion, with three members", raw.give("a", sorted([*plain, with_torsion(plain[7])])), "INVALID_ARGUMENT")
    report.check(raw.give("a", plain)["status"] == "OK" and len(raw.files()) == 1, "and without them it is taken", raw.files())
    part = raw.due("b")[0]
    answer, sent = raw.fetch("b", part)
    head = answer["answers"][0]["part"]
    report.check(len(sent) == 50 and not set(sent) & set(plain) and not head["signature"] and not head["certificate"],
                 "what goes to the next was multiplied by the server", head)
    made_up = random_points(15, 49)
    refused(report, "torsion in what comes back", raw.give_back("b", part, sorted([*made_up, with_torsion(made_up[3])])), "INVALID_ARGUMENT")
    report.check(raw.give_back("b", part, random_points(15, 50))["status"] == "OK", "an honest answer is taken")
    refused(report, "a part by a member whose turn is over", raw.fetch("b", part)[0], "NOT_FOUND")
    report.check(len(raw.due("c")) == 1 and raw.due("c") != [part], "the next turn has another name", raw.due("c"))

    raw = Raw(server, client, propose(two, "--segments", "a=2"))
    for sentence, label in (("an escape sequence", "\x1b[31m"), ("a C1 control", "x\x9b"), ("a new line", "x\ny"), ("64 bytes", "x" * 64), ("nothing", "")):
        refused(report, f"a label of {sentence}", raw.give("a", plain, label=label), "INVALID_ARGUMENT")
    both = [*raw.part("a", plain, label="x"), *raw.part("a", random_points(16, 5), label="x")]
    refused(report, "one label twice", raw.contribute("a", raw.begin(), *both, raw.commit(plain, random_points(16, 5))), "INVALID_ARGUMENT")
    report.check(raw.files() == [], "nothing of it is kept", raw.files())
    # One identifier under two labels: the parts have a point in common, and end the session when they are counted.
    parts = plain[:30], plain[20:]
    raw.contribute("a", raw.begin(), *raw.part("a", parts[0], label="x"), *raw.part("a", parts[1], label="y"), raw.commit(*parts))
    raw.give("b", random_points(17, 10))
    for name in raw.due("b"):
        count = len(raw.fetch("b", name)[1])
        raw.give_back("b", name, random_points(18, count))
    raw.give_back("a", raw.due("a")[0], random_points(19, 10))
    refused(report, "points of one list that come out equal", client.ask("b", "analyst", SERVICE + "Release", {"session": raw.session}), "INVALID_ARGUMENT")
    report.check(raw.get("b")["state"] == "failed" and 'the list of "a", or another member\'s answer to it, has points' in raw.get("b")["reason"],
                 "end the session", raw.get("b"))


def check_ended(report, server, client, members):
    """A session that is cancelled while a list comes in, or goes back: a clear line, and nothing of the server's disk in it."""
    two = {name: members[name] for name in ("a", "b")}
    points = random_points(23, 50)
    for sentence in ("a list comes in", "a part comes back"):
        raw = Raw(server, client, propose(two))
        if sentence == "a list comes in":
            steps = [raw.begin(), *raw.part("a", points)[:2], {"sleep": 800}, raw.part("a", points)[2], raw.commit(points)]
            running = client.start("a", "analyst", SERVICE + "Contribute", *steps)
        else:
            raw.give("a", points)
            steps = raw.return_steps(raw.due("b")[0], points)
            running = client.start("b", "analyst", SERVICE + "ReturnPart", *steps[:-1], {"sleep": 800}, steps[-1])
        time.sleep(0.2)
        members["b"].must("overlap", "cancel", raw.session)
        answer = client.wait(running)
        refused(report, f"cancelled while {sentence}", answer, "FAILED_PRECONDITION")
        report.check("/" not in answer["message"] and raw.files() == [], "  without a path; nothing is kept", answer["message"])


def check_collusion(report, server, client, members):
    """With three members: a and b, who both multiply the list of c, cannot tell which of its points are the same."""
    raw = Raw(server, client, propose(members))
    write_list(members["c"], [f"u{i}" for i in range(12)])
    members["c"].must(*join_words(raw.session))
    scalar = 8 * 123456789
    _, first = raw.fetch("a", raw.due("a")[0])
    mine = sorted(multiply(scalar, point) for point in first)
    report.check(raw.give_back("a", raw.due("a")[0], mine)["status"] == "OK", "a multiplies the list of c")
    _, second = raw.fetch("b", raw.due("b")[0])
    report.check(len(second) == 12 and not set(mine) & set(second) and not set(first) & set(second), "b gets points that a has never seen")
    stored = b"".join((raw.server.data / "data/overlap" / raw.session / name).read_bytes() for name in raw.files())
    report.check(not any(point in stored for point in mine), "nor does the server keep them", raw.files())


def check_p256(report, server, client, members):
    raw = Raw(server, client, propose({name: members[name] for name in ("a", "b")}, "--suite", "p256"))
    good = p256_points(3, 40)
    for sentence, bad in BAD_P256_POINTS:
        refused(report, f"p256: {sentence}", raw.give("a", sorted([*good, bad])), "INVALID_ARGUMENT")
    refused(report, "p256: points of curve25519", raw.give("a", random_points(24, 33)), "INVALID_ARGUMENT")
    refused(report, "p256: a list cut short", raw.give("a", good, sent=[b"".join(good)[:-1]]), "INVALID_ARGUMENT")
    refused(report, "p256: a repeat", raw.give("a", good[:9] + good[8:]), "INVALID_ARGUMENT")
    report.check(raw.files() == [], "nothing of it is kept", raw.files())
    report.check(raw.give("a", good)["status"] == "OK", "and good ones are taken")
    part = raw.due("b")[0]
    refused(report, "p256: a bad point that comes back", raw.give_back("b", part, sorted([*good[:39], BAD_P256_POINTS[2][1]])), "INVALID_ARGUMENT")
    report.check(raw.give_back("b", part, p256_points(4, 40))["status"] == "OK", "and good ones are taken")


# ---- opening and confirming ----------------------------------------------------------------------

def check_terms(report, server, client, members):
    first = members["a"].must("overlap", "open", "--member", "a", "--member", "b", "--minimum", 0, "--output", "json").json()
    raw = Raw(server, client, first["session"])
    terms = json.loads(raw.manifest)

    def opened(member="a", role="analyst", text=None, **changes):
        document = json.dumps({**terms, **changes}, sort_keys=True, separators=(",", ":")) if text is None else text
        return client.ask(member, role, SERVICE + "OpenSession", {"collaboration": "o", "terms": b64(document.encode())})

    report.check(opened()["status"] == "OK", "the same terms again are another session")
    certain = {**terms["members"][0], "nonce": "11" * 32, "certificate": "22" * 32}
    for sentence, answer, statuses in (
            ("terms with a confirmation in them", opened(members=[certain, terms["members"][1]]), ("INVALID_ARGUMENT",)),
            ("terms that are not canonical", opened(text=json.dumps(terms)), ("INVALID_ARGUMENT",)),
            ("terms with a field too many", opened(more=1), ("INVALID_ARGUMENT",)),
            ("terms that are no JSON", opened(text="{"), ("INVALID_ARGUMENT",)),
            ("a version to come", opened(version=2), ("INVALID_ARGUMENT",)),
            ("an unknown suite", opened(suite="none"), ("INVALID_ARGUMENT",)),
            ("a time that is over", opened(expires=1), ("INVALID_ARGUMENT",)),
            ("a time that is too far", opened(expires=terms["expires"] + 40 * 86400), ("INVALID_ARGUMENT",)),
            ("a cap of four billion", opened(members=[{**terms["members"][0], "cap": 2**32}, terms["members"][1]]), ("INVALID_ARGUMENT",)),
            ("a negative minimum", opened(minimum=-1), ("INVALID_ARGUMENT",)),
            ("a session of others", opened(member="c"), ("PERMISSION_DENIED",)),
            ("an admin", opened(role="admin"), ("PERMISSION_DENIED",)),
            ("a member of no collaboration", opened(member="d"), ("NOT_FOUND",))):
        refused(report, sentence, answer, *statuses)

    nonce = b"n" * 32
    key = server.folder / "members/a/analyst.key"

    def confirmed(member="a", **changes):
        request = {"session": raw.session, "terms_digest": b64(hashlib.sha256(raw.manifest).digest()), "nonce": b64(nonce),
                   "signature": b64(sign(key, confirm_message(raw.manifest, nonce)))}
        return client.ask(member, "analyst", SERVICE + "ConfirmSession", {**request, **changes})

    for sentence, answer, statuses in (
            ("no nonce", confirmed(nonce=""), ("INVALID_ARGUMENT",)),
            ("a nonce of 31 bytes", confirmed(nonce=b64(nonce[1:])), ("INVALID_ARGUMENT",)),
            ("another nonce than was signed", confirmed(nonce=b64(b"m" * 32)), ("UNAUTHENTICATED",)),
            ("no signature", confirmed(signature=""), ("UNAUTHENTICATED",)),
            ("the signature of another", confirmed(member="b"), ("UNAUTHENTICATED",)),
            ("other terms", confirmed(terms_digest=b64(b"x" * 32)), ("FAILED_PRECONDITION",)),
            ("no terms", confirmed(terms_digest=""), ("FAILED_PRECONDITION",)),
            ("a member outside", confirmed(member="c"), ("NOT_FOUND",))):
        refused(report, f"a confirmation with {sentence}", answer, *statuses)
    report.check(confirmed()["status"] == "OK", "an honest confirmation is taken")
    refused(report, "a second one", confirmed(), "FAILED_PRECONDITION")
    refused(report, "a list before all have confirmed", raw.give("a", random_points(20, 5)), "FAILED_PRECONDITION")
    report.check(not raw.get("a")["checkpoint_share"], "no share before the session runs")

    short = opened(expires=int(time.time()) + 2)["answers"][0]["session"]
    for member in ("a", "b"):
        members[member].must("overlap", "confirm", short, "--yes")
    late = Raw(server, client, short)
    report.check(late.give("a", random_points(21, 5))["status"] == "OK" and len(late.files()) == 1, "a session of two seconds takes a list")
    part = late.due("b")[0]
    while time.time() < json.loads(late.manifest)["expires"]:
        time.sleep(0.05)
    refused(report, "a list after its time", late.give("b", random_points(22, 5)), "FAILED_PRECONDITION")
    refused(report, "a part after its time", late.fetch("b", part)[0], "FAILED_PRECONDITION")
    running = [client.start(member, "analyst", SERVICE + "GetSession", {"send": {"session": short}}, {"end": True}) for member in "abababab"]
    seen = [client.wait(number) for number in running]
    report.check(all(answer["status"] == "OK" and answer["answers"][0]["state"] == "expired" for answer in seen) and late.files() == [],
                 "then it is expired, whoever asks, and its lists are gone", [answer["status"] for answer in seen])
    said = members["a"].run("overlap", "join", short)
    report.check(said.status == 1 and said.one_line and "is over (expired: its time is over)" in said.err, "the client says so, and fails", said)


# ---- a damaged catalog ---------------------------------------------------------------------------

def check_unreadable(report, server, members):
    """A session whose time is over and that cannot be read: everybody else's go on, and the log tells of it."""
    damaged = propose({name: members[name] for name in ("a", "c")})
    late, other = (propose({name: members[name] for name in ("a", "b")}) for _ in range(2))
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "data/catalog.sqlite")) as catalog, catalog:
        catalog.execute("UPDATE overlap_session SET manifest = '{', expires_us = 1 WHERE id = ?", (damaged,))
        catalog.execute("UPDATE overlap_session SET expires_us = 1 WHERE id = ?", (late,))
    server.start()
    for words in (("list",), ("status", other), ("open", "--member", "a", "--member", "b", "--minimum", 0)):
        answer = members["b"].run("overlap", *words)
        report.check(answer.status == 0, f"beside a session that cannot be read: overlap {words[0]}", answer)
    report.check(state_of(members["b"], late)["state"] == "expired", "and others expire")
    report.check("overlap_keeping_failed" in server.log.read_text(errors="replace"), "and the log tells of it")


def main():
    report = Report()
    with room(("a", "b", "c", "d")) as server:
        members = gather(server, ("a", "b", "c"))
        two = {name: members[name] for name in ("a", "b")}
        client = RawClient(server)
        raw, other = (Raw(server, client, propose(two)) for _ in range(2))
        check_points(report, raw)
        check_lists(report, raw, other)
        check_return(report, raw, other)
        check_lies(report, server, client, members)
        check_ended(report, server, client, members)
        check_collusion(report, server, client, members)
        check_p256(report, server, client, members)
        check_terms(report, server, client, members)
        client.close()
        write_list(members["a"], [f"u{i}" for i in range(20)])
        write_list(members["b"], [f"u{i}" for i in range(15, 40)])
        for name in "aba":
            two[name].must(*join_words(other.session))
        report.check(state_of(members["a"], other.session)["state"] == "complete"
                     and told(report_of(members["a"], other.session))["overlaps"] == {("a", "b"): 5}, "an honest session beside all that is exact")
        check_unreadable(report, server, members)
        report.check(server.stop() == 0, "the server stops in an orderly way")
        said = server.log.read_text(errors="replace")
        report.check("Sanitizer" not in said and "runtime error" not in said, "without a word from the sanitizers", said[-2000:])
    report.finish()


main()
