"""What the server holds of an overlap session: no identifier and no unblinded point, not in any file of its data folder (catalog
with its log, lists, scratch), not in its memory, not during the session and not after; and once the numbers are released no
list, no scalar of its own and no share of a checkpoint in any file. Blinded points, shares and transport scalars are found by
the same search while the session runs, so it can fail. And what people read, the server's log, its refusals and all that
clients print: no blinded point, share or scalar, and no segment's label before the report.
"""

import base64
import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import tempfile

from curve import BAD_POINTS, encode, hash_to_curve, random_points
from harness import SOURCE, Failure, Report, room
from overlap import gather, go_round, join_words, propose, report_of, told, write_list
from overlap_raw import Raw
from peers import RawClient
from search import make_search, search_files, search_memory, search_text

MARK = "zqxvov" # begins every identifier
ITEMS = 20000
WATCHED = 6 # identifiers whose points are searched for
LIST_PART = 64 + 8 + 8 + 32 # of each part, behind the points of a member's kept list
LIST_END = 8 + 8 + 24


def check_hash(report):
    vectors = json.loads((SOURCE / "tests/vectors/rfc9380/curve25519_XMD_SHA-512_ELL2_RO.json").read_text())
    right = all(hash_to_curve(one["msg"].encode(), one["dst"].encode()) == encode(int(one["P.x"], 16)) for one in vectors)
    report.check(right and len(vectors) >= 5, "the test's own hash to the curve gives the vectors of RFC 9380")


def points_of(session, manifest, first):
    """H(x) of some identifiers of the session, in both byte orders."""
    tag = b"SEALROOM-PSI-V01-curve25519-" + hashlib.sha256(manifest).hexdigest().encode()
    points = [hash_to_curve(f"{MARK}{i}@example.com".encode(), tag) for i in range(first, first + WATCHED)]
    return points + [point[::-1] for point in points]


def read_catalog(server, session):
    """(shares, transport scalars) from a copy of the catalog and its log; the server holds the original."""
    with tempfile.TemporaryDirectory() as folder:
        for path in server.data.rglob("catalog.sqlite*"):
            shutil.copy2(path, folder)
        catalog = sqlite3.connect(pathlib.Path(folder) / "catalog.sqlite")
        shares = [row[0] for row in catalog.execute("SELECT share FROM overlap_member WHERE session = ?", (session,)) if row[0]]
        scalars = [row[0] for row in catalog.execute("SELECT transport FROM overlap_part WHERE session = ?", (session,))]
        catalog.close()
    return shares, scalars


class Watch:
    """Looks for what must never be there, in files and memory, whenever it is asked."""

    def __init__(self, server, pattern):
        self.server, self.pattern = server, pattern
        self.hits, self.scanned = set(), 0

    def look(self):
        hits, scanned = search_memory(self.server.process.pid, self.pattern)
        self.hits |= hits | search_files(self.server.data, self.pattern) | set(self.pattern.findall(self.server.log.read_bytes()))
        self.scanned += scanned


def check_session(report, server, client, names, members):
    session = propose({name: members[name] for name in names})
    raw = client.ask("a", "analyst", "OverlapService/GetSession", {"session": session})["answers"][0]
    first = {name: 5000 * place for place, name in enumerate(names)}
    for name in names:
        write_list(members[name], [f"{MARK}{i}@Example.com" for i in range(first[name], first[name] + ITEMS)])
    points = points_of(session, base64.b64decode(raw["manifest"]), 15000)
    watch = Watch(server, re.compile(b"|".join([make_search([MARK]).pattern, *map(re.escape, points)])))
    for name in names:
        running = members[name].start(*join_words(session))
        while running.poll() is None:
            watch.look()
        running.communicate()
    watch.look()
    report.check(watch.scanned > 1 << 24 and not watch.hits, f"{len(names)} members: no identifier and no unblinded point on the server", watch.hits)
    # The list of the first member as it was sent: while the session is young it lies on the server, and b's files hold it once more.
    kept = (members["a"].folder / "overlap" / session / "list").read_bytes()[:-LIST_PART - LIST_END]
    report.check(len(kept) == 32 * ITEMS and not any(point in kept for point in points), "nor in what the member sent")
    shares, scalars = read_catalog(server, session)
    report.check(len(shares) == len(names) and len(scalars) == len(names) and base64.b64decode(raw["checkpoint_share"]) in shares,
                 "shares and transport scalars are read from the running server's catalog", (len(shares), len(scalars)))
    secrets = make_search(shares + [scalar for scalar in scalars if any(scalar)])
    report.check(bool(search_files(server.data, secrets)), "and found by the search")
    folder = server.data / "data/overlap" / session
    listed = [path.read_bytes()[:32] for path in folder.iterdir() if path.is_file()]
    stored = make_search(listed)
    report.check(len(listed) == len(names) and bool(search_files(server.data, stored)), "so are blinded points")
    go_round({name: members[name] for name in names}, session)
    shares_late, scalars_late = read_catalog(server, session)
    late = make_search(shares + shares_late + [scalar for scalar in scalars + scalars_late if any(scalar)])
    listed += [path.read_bytes()[:32] for path in folder.iterdir() if path.is_file()]
    report.check(told(report_of(members["a"], session))["overlaps"][names[0], names[1]] == ITEMS - 5000, "the count is exact")
    watch.look()
    report.check(not watch.hits, "after the release: no identifier and no unblinded point", watch.hits)
    report.check(not search_files(server.data, late), "no share and no scalar is left in any file", search_files(server.data, late))
    report.check(not search_files(server.data, make_search(listed)) and not folder.exists(), "and no list", folder)


def chunks(data):
    return {data[at:at + 32] for at in range(0, len(data), 32)}


def kept_points(member, session):
    """Of a member's kept list: the points of all parts stand first, then what is known of each, then the number of parts."""
    data = (member.folder / "overlap" / session / "list").read_bytes()
    parts = int.from_bytes(data[-LIST_END:-LIST_END + 8], "little")
    found = chunks(data[:-LIST_END - LIST_PART * parts])
    if len(found) != 100:
        raise Failure(f"{member.name}: {len(found)} points in the kept list")
    return found


def tell_all(server, client, members, labels):
    """One session with everything that goes otherwise than planned. (what was said, secrets, how many points of these)"""
    session = propose(members, "--segments", "a=2")
    raw = Raw(server, client, session)
    refused = random_points(7, 20)
    said = []
    for points in (refused[::-1], refused[:5] + refused[4:], sorted([*refused, BAD_POINTS[4][1]])):
        said.append(raw.give("a", points, label=labels[0])["message"])
    secrets = {*refused, BAD_POINTS[4][1]}

    def run(member, *words):
        answer = member.run(*words)
        said.append(answer.out + answer.err)

    for name, member in members.items():
        items = [f"{MARK}{i}" for i in range(100)]
        write_list(member, items, {item: labels[i % 2] for i, item in enumerate(items)} if name == "a" else None)
        run(member, "overlap", "confirm", session, "--yes")
    for name in (*members, *members, *members):
        run(members[name], *join_words(session, name == "a"))
        run(members[name], "overlap", "status", session)
        run(members[name], "overlap", "status", session, "--output", "json")
        run(members[name], "overlap", "list")
        run(members[name], "overlap", "join", session, "profile.json", "--id", "nosuch")
        for path in (server.data / "data/overlap" / session).iterdir():
            secrets |= chunks(path.read_bytes())
        for values in read_catalog(server, session):
            secrets |= {value for value in values if any(value)}
        secrets |= kept_points(members[name], session)
    return session, "\n".join(said), secrets


def check_words(report, server, client, members):
    labels = ("zqgoldlabel", "zqsilverlabel")
    for names in (("a", "b"), ("a", "b", "c")):
        session, said, secrets = tell_all(server, client, {name: members[name] for name in names}, labels)
        released = members["b"].must("overlap", "release", session).out
        told_to = {"the server's log": server.log.read_bytes(), "what clients print, and refusals": said.encode()}
        for whose, text in told_to.items():
            hits = search_text(text, {*secrets, *labels, MARK})
            report.check(len(text) > 2000 and len(secrets) > 300 and not hits,
                         f"{len(names)} members: no point, share, scalar, label or identifier in {whose}", (hits, len(secrets)))
        report.check(not search_text(released.encode(), secrets) and all(label in released for label in labels),
                     "the report tells labels, and none of the others")
        one = next(iter(secrets))
        report.check(all(search_text(b"x " + form, secrets) for form in (one, one.hex().encode(), base64.b64encode(b"ab" + one))),
                     "the search finds a point that is there")


def check_cancelled(report, server, members):
    session = propose(members)
    write_list(members["a"], [f"{MARK}{i}" for i in range(100)])
    members["a"].must(*join_words(session))
    members["b"].run(*join_words(session))
    shares, scalars = read_catalog(server, session)
    folder = server.data / "data/overlap" / session
    secrets = make_search(shares + scalars + [path.read_bytes()[:32] for path in folder.iterdir()])
    report.check(len(search_files(server.data, secrets)) >= 2, "a session that is under way has shares, scalars and lists")
    members["b"].must("overlap", "cancel", session)
    report.check(not search_files(server.data, secrets) and not folder.exists(), "a cancelled one has none",
                 search_files(server.data, secrets))


def check_folders(report, server, members):
    """Each member's state is its own: no other member's, nor the server's, folder holds a byte of its secrets."""
    session = propose(members)
    for name, member in members.items():
        write_list(member, [f"{MARK}{i}" for i in range(50)])
        member.must(*join_words(session))
    own = {}
    for name, member in members.items():
        folder = member.folder / "overlap"
        own[name] = make_search([(folder / "local.secret").read_bytes(), (folder / session / "checkpoint").read_bytes()])
        open_to = [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]
        report.check(not open_to, f"{name}: its state is for its own eyes", open_to)
    for name, pattern in own.items():
        elsewhere = set().union(*(search_files(other.folder, pattern) for other in members.values() if other.name != name))
        report.check(bool(search_files(members[name].folder, pattern)) and not elsewhere and not search_files(server.data, pattern)
                     and not search_memory(server.process.pid, pattern)[0], f"{name}: its secrets are nowhere else", elsewhere)


def main():
    report = Report()
    check_hash(report)
    with room(("a", "b", "c")) as server:
        members = gather(server, ("a", "b", "c"))
        client = RawClient(server)
        check_session(report, server, client, ("a", "b"), members)
        check_session(report, server, client, ("a", "b", "c"), members)
        check_words(report, server, client, members)
        check_cancelled(report, server, members)
        check_folders(report, server, members)
        client.close()
        server.stop()
        report.check(not search_files(server.data, make_search([MARK])), "after a stop no identifier is in any file")
    report.finish()


main()
