"""Overlap sessions end to end: exact counts for every shape of lists, what is held back, who receives, and everything
that goes otherwise than planned: refused with one line, nothing lost.
"""

import base64
import hashlib
import subprocess
import sys
import time
import xml.dom.minidom

from harness import BINARY, SOURCE, Report, room
from overlap import (gather, go_round, join_words, plain, propose, report_of, state_of, told, whole_session, write_list)


def numbered(first, end):
    return [f"user{i}@example.com" for i in range(first, end)]


# ---- exact counts --------------------------------------------------------------------------------

PAIRS = (
    ("one item each, the same", numbered(0, 1), numbered(0, 1)),
    ("one item each, not the same", numbered(0, 1), numbered(1, 2)),
    ("two items and one", numbered(0, 2), numbered(1, 2)),
    ("disjoint lists", numbered(0, 40), numbered(40, 90)),
    ("equal lists", numbered(0, 64), numbered(0, 64)),
    ("a list within the other", numbered(10, 42), numbered(0, 128)),
    ("very unequal lists", numbered(500, 501), numbered(0, 5000)),
)


def check_shapes(report, members):
    two = {name: members[name] for name in ("a", "b")}
    for sentence, left, right in PAIRS:
        lists = {"a": set(left), "b": set(right)}
        found, _ = whole_session(two, lists)
        report.check(told(found) == plain(lists), f"exact: {sentence}", found)
    lists = {"a": set(numbered(0, 300)), "b": set(numbered(100, 400)), "c": set(numbered(250, 260)) | set(numbered(1000, 1700))}
    found, _ = whole_session(members, lists)
    report.check(told(found) == plain(lists), "exact: three members, every region", (found, plain(lists)))


def check_normaliser(report, members):
    two = {name: members[name] for name in ("a", "b")}
    session = propose(two)
    two["a"].write("list.csv", "email\nann@x.org\nANN@x.org\n \n\" bob@x.org \"\nbob@x.org\ncarl@x.org\n\"\"\n")
    two["b"].write("list.csv", "name,email\nA, Ann@X.org\t\nB,BOB@X.ORG\nC,\nD,dora@x.org\n")
    said = two["a"].must(*join_words(session)).out
    report.check("sent        3 identifiers" in said and "repeats     2 " in said and "left out    2 " in said,
                 "repeats and empty rows are told", said)
    go_round(two, session)
    found = told(report_of(two["a"], session))
    report.check(found["overlaps"] == {("a", "b"): 2} and found["members"] == {"a": 3, "b": 3},
                 "odd case and blanks are one form under email", found)
    session = propose(two, "--normaliser", "exact")
    write_list(two["a"], ["Ann", "bob"])
    write_list(two["b"], ["ann", "bob"])
    go_round(two, session)
    report.check(told(report_of(two["a"], session))["overlaps"] == {("a", "b"): 1}, "and are not under exact")


def check_segments(report, members):
    lists = {
        "a": {item: "gold" if i % 3 else "silver" for i, item in enumerate(numbered(0, 90))},
        "b": {item: ("north", "south", "east")[i % 3] for i, item in enumerate(numbered(40, 140))},
        "c": set(numbered(80, 200)),
    }
    found, _ = whole_session(members, lists)
    report.check(told(found) == plain(lists), "exact: matrices by segment of two members of three", (found, plain(lists)))
    segments = {member["name"]: member.get("segments") for member in found["members"]}
    report.check(sum(s["items"] for s in segments["b"]) == 100 and segments["c"] is None, "segments and their sizes", segments)
    two = {name: members[name] for name in ("a", "b")}
    session = propose(two, "--segments", "a=2")
    a = two["a"]
    write_list(a, numbered(0, 4), dict(zip(numbered(0, 4), "xyzx")))
    answer = a.run(*join_words(session, True))
    report.check(answer.status == 1 and answer.one_line and "more than 2 segments" in answer.err, "a segment too many", answer)
    a.write("list.csv", "email,segment\nann,x\nbob,y\nANN,y\n")
    answer = a.run(*join_words(session, True))
    report.check(answer.status == 1 and answer.one_line and "two labels" in answer.err, "an identifier under two labels", answer)
    answer = a.run(*join_words(session))
    report.check(answer.status == 2 and answer.one_line and "--segment" in answer.err, "no segment column", answer)
    write_list(two["b"], numbered(0, 2), dict(zip(numbered(0, 2), "xy")))
    answer = two["b"].run(*join_words(session, True))
    report.check(answer.status == 2 and answer.one_line and "--segment" in answer.err, "a segment column for a member without", answer)
    session = propose(two, "--segments", "a=2", "--leastInput", 0, minimum=3)
    write_list(a, numbered(0, 5), dict(zip(numbered(0, 5), "xyxyx")))
    answer = a.run(*join_words(session, True))
    report.check(answer.status == 1 and answer.one_line and "fewer items than the minimum" in answer.err, "a small segment", answer)


def check_certificates(report, members):
    """The others' certificates are shown to be compared with them: 128 bits, in groups, and once more when the list goes."""
    two = {name: members[name] for name in ("a", "b")}
    words = {}
    for name, member in two.items():
        pem = (member.folder / "analyst.pem").read_text().split("-----")[2]
        digits = hashlib.sha256(base64.b64decode(pem)).hexdigest()
        words[name] = " ".join(digits[i:i + 4] for i in range(0, 32, 4))
    session = two["a"].must("overlap", "open", "--member", "a", "--member", "b", "--minimum", 0, "--output", "json").json()["session"]
    said = two["a"].must("overlap", "confirm", session, "--yes").out
    report.check(words["a"] in said and words["b"] not in said, "whoever confirms first sees its own certificate", said)
    said = two["b"].must("overlap", "confirm", session, "--yes").out
    report.check(words["a"] in said and words["b"] in said, "whoever confirms last sees all", said)
    said = two["a"].must("overlap", "status", session).out
    rows = {line.index(words[name]) for line in said.splitlines() for name in two if words[name] in line}
    report.check(len(rows) == 1, "so does the first in the status; the table lines up", said)
    for name, member in two.items():
        write_list(member, numbered(0, 10))
        said = member.must(*join_words(session)).out
        report.check(words["a"] in said and words["b"] in said and "telephone" in said, f"{name}: and when the list goes", said)
    said = two["a"].must(*join_words(session)).out
    report.check(words["b"] not in said and "telephone" not in said, "not again later", said)


def check_words(report, members):
    """What status and join tell on the way; a list that is not read is told so."""
    two = {name: members[name] for name in ("a", "b")}
    a, b = two.values()
    session = propose(two)
    write_list(a, numbered(0, 1))
    write_list(b, numbered(0, 739))
    said = b.must(*join_words(session))
    report.check("waiting for a: contribute\n" in said.out and "sent        739 identifiers" in said.out, "whom it waits for", said)
    a.write("broken.csv", "no,such\n\"")
    first = a.must(*join_words(session)).out
    report.check("sent        1 identifier of list.csv, blinded, as 1 point\n" in first
                 and "re-blinded  1 list of other members, 739 points\n" in first, "one of a thing is one", first)
    report.check("waiting for b: re-blind a list of 1 point\n" in first, "what others must do, as status tells it", first)
    for name in ("broken.csv", "nosuch.csv"):
        answer = a.run("overlap", "join", session, name)
        report.check(answer.status == 0 and answer.one_line and f"the list is in already; {name} was not read" in answer.err,
                     f"a file given once the list is in: {name}", answer)
    said = a.must("overlap", "status", session).out
    begins = {line[:12] for line in said.splitlines() if line.startswith(("session", "state", "due now", "waiting for"))}
    report.check(begins == {"session     ", "state       ", "waiting for "} and "\n\n1 of 2 lists are back" in said, "status lines up", said)
    report.check("due now     b: re-blind" in b.must("overlap", "status", session).out, "and tells what is due")
    said = b.must("overlap", "join", session)
    report.check("Next: sealroom overlap release" in said.out and not said.err, "without a file nothing is said of one", said)
    said = b.must("overlap", "status", session).out
    report.check(f"Next: sealroom overlap release {session}" in said, "status of a complete session: the next step", said)
    report_of(a, session)
    said = b.must("overlap", "status", session).out
    report.check(f"The numbers: sealroom overlap release {session}" in said, "and of a released one", said)
    opened = a.must("overlap", "open", "--member", "a", "--member", "b", "--minimum", 0, "--output", "json").json()["session"]
    a.must("overlap", "confirm", opened, "--yes")
    answer = a.run(*join_words(opened))
    report.check(answer.status == 0 and answer.one_line and "not all members have confirmed yet; list.csv was not read" in answer.err,
                 "a file given before all have confirmed", answer)


def check_cells(report, members):
    """Too many segments to tell apart: said when it is agreed and when the numbers come, not left out in silence."""
    two = {name: members[name] for name in ("a", "b")}
    a, b = two.values()
    words = ("overlap", "open", "--member", "a", "--member", "b", "--minimum", 0, "--segments", "a=16", "--segments", "b=15")
    answer = a.run(*words)
    report.check(answer.status == 0 and answer.one_line and "too many segments to tell apart" in answer.err and "fewer than 258" in answer.err,
                 "open warns", answer)
    session = a.must(*words, "--output", "json").json()["session"]
    for more in ((), ("--yes",)):
        answer = b.run("overlap", "confirm", session, *more)
        report.check(answer.status == 0 and answer.one_line and "no matrix will be told" in answer.err, f"confirm {more} warns", answer)
    a.must("overlap", "confirm", session, "--yes")
    items = numbered(0, 64)
    for member, many in ((a, 16), (b, 15)):
        write_list(member, items, {item: f"s{i % many}" for i, item in enumerate(items)})
    go_round(two, session, two)
    answer = a.must("overlap", "release", session)
    report.check("No matrix: too many segments to tell apart." in answer.out and "Segments: rows" not in answer.out, "release says why", answer)
    report.check(report_of(a, session)["matrices"] == [], "there is none")
    answer = a.run(*words[:-2], "--segments", "b=14")
    report.check(answer.status == 0 and not answer.err, "as many as can be told: no warning", answer)


def check_for_people(report, members):
    a = members["a"]
    lists = {
        "a": {item: ("gold", "silver")[i % 2] for i, item in enumerate(numbered(0, 200))},
        "b": set(numbered(130, 250)),
        "c": set(numbered(170, 240)),
    }
    _, session = whole_session(members, lists)
    answer = a.must("overlap", "release", session, "--svg", "plot.svg", env={"LC_ALL": "C.UTF-8"})
    report.check("35.0 % of a's audience is in b's" in answer.out and "42.9 % of c's audience is in a's and b's" in answer.out
                 and "Segments: rows are a's, columns b's" in answer.out, "percentages in words, matrices as tables", answer.out)
    report.check(answer.out.count("●") == 12 and "│" in answer.out and "█" in answer.out, "an UpSet plot", answer.out)
    drawn = xml.dom.minidom.parse(str(a.folder / "plot.svg"))
    report.check("a and b, nobody else: 40" in drawn.getElementsByTagName("desc")[0].firstChild.data, "and one as SVG", drawn.toxml())
    answer = a.run("overlap", "release", session, "--svg", "plot.svg")
    report.check(answer.status == 1 and answer.one_line and "plot.svg: exists already; choose another" in answer.err and not answer.out,
                 "which replaces no file", answer)
    lines = a.must("overlap", "release", session, "--output", "csv").out.splitlines()
    report.check(len(lines) == 1 + 3 + 2 + 4 + 7 + 4 and "region,a|b,,40" in lines and "cell,a|c,gold|,15" in lines,
                 "a line of CSV for each number", lines)


# ---- rules and receivers -------------------------------------------------------------------------

def check_minimum(report, members):
    two = {name: members[name] for name in ("a", "b")}
    for sentence, left, right, expected in (
            ("at the minimum", numbered(0, 20), numbered(10, 30), 10),
            ("one below the minimum", numbered(0, 20), numbered(11, 31), None),
            ("one below the complement", numbered(0, 20), numbered(9, 40), None),
            ("a full overlap", numbered(0, 20), numbered(0, 40), None)):
        found, _ = whole_session(two, {"a": set(left), "b": set(right)}, "--leastInput", 10, minimum=10)
        values = [number["items"] for number in found["overlaps"] + found["regions"]]
        report.check((values[0] == expected) and (expected is not None or values == [None] * 4),
                     f"{sentence}: {'told' if expected else 'nothing is told'}", found)
    session = propose(two, minimum=10)
    write_list(two["a"], numbered(0, 99))
    answer = two["a"].run(*join_words(session))
    report.check(answer.status == 1 and answer.one_line and "fewer identifiers than the 100" in answer.err and "--leastInput" in answer.err,
                 "a list below the least input (ten minimums)", answer)
    session = propose(two)
    for content in ("email\n", "email\n \n\n"):
        two["a"].write("list.csv", content)
        answer = two["a"].run(*join_words(session))
        report.check(answer.status == 1 and answer.one_line and "no identifiers" in answer.err, "an empty list", answer)
    session = propose(two, "--cap", 5)
    write_list(two["a"], numbered(0, 6))
    answer = two["a"].run(*join_words(session))
    report.check(answer.status == 1 and answer.one_line and "cap of 5" in answer.err, "a list beyond the cap", answer)


def check_receivers(report, members):
    lists = {"a": set(numbered(0, 20)), "b": set(numbered(10, 30)), "c": set(numbered(15, 40))}
    found, session = whole_session(members, lists, "--receiver", "a")
    report.check(told(found) == plain(lists), "a receiver gets the numbers", found)
    for name in "bc":
        answer = members[name].run("overlap", "release", session)
        report.check(answer.status == 0 and "does not receive" in answer.out and "{" not in answer.out,
                     "a member that does not receive is told so, and no number", answer)
    report.check(told(report_of(members["a"], session)) == plain(lists), "each later call gives the same")


def check_padding(report, members):
    two = {name: members[name] for name in ("a", "b")}
    lists = {"a": set(numbered(0, 1500)), "b": set(numbered(1000, 1010))}
    session = propose(two, "--padded")
    for name in two:
        write_list(two[name], lists[name])
    said = {name: two[name].must(*join_words(session)).out for name in two}
    report.check("as 2000 points" in said["a"] and "as 1000 points" in said["b"], "padded lists are as large as their buckets", said)
    seen = state_of(two["b"], session)
    report.check("1500" not in str(seen), "status tells the padded size only", seen)
    go_round(two, session)
    found = report_of(two["b"], session)
    report.check(told(found)["overlaps"] == {("a", "b"): 10}, "dummies are in nobody's list", found)
    said = two["b"].must("overlap", "release", session).out
    report.check("regions of one member are always held back" in " ".join(said.split()), "people are told that", said)
    report.check("1500" not in str(found) and "1490" not in str(found) and all("percent" not in o for o in found["overlaps"]),
                 "and no number of the report tells a true size", found)


# ---- otherwise than planned ----------------------------------------------------------------------

def check_wait(report, members):
    lists = {"a": set(numbered(0, 20)), "b": set(numbered(10, 30)), "c": set(numbered(15, 40))}
    session = propose(members)
    for name, member in members.items():
        write_list(member, lists[name])
    running = [member.start(*join_words(session), "--wait", 60) for member in members.values()]
    ended = [process.communicate(timeout=90) + (process.returncode,) for process in running]
    report.check(all(status == 0 for _, _, status in ended), "three members who wait for one another", ended)
    report.check(told(report_of(members["c"], session)) == plain(lists), "and their counts are exact")
    asked = time.monotonic()
    session = propose(members)
    answer = members["a"].run(*join_words(session), "--wait", 1)
    report.check(answer.status == 0 and "waiting for b: contribute" in answer.out and time.monotonic() - asked >= 1,
                 "whoever waits in vain is told for whom", answer)


def check_twins(report, members):
    """Two processes of one member at once: one scalar, one list, one count."""
    two = {name: members[name] for name in ("a", "b")}
    lists = {"a": set(numbered(0, 3000)), "b": set(numbered(1000, 5000))}
    words, right = [], []
    for _ in range(3):
        session = propose(two)
        for name, member in two.items():
            write_list(member, lists[name])
        for name in "aba":
            running = [two[name].start(*join_words(session)) for _ in range(3)]
            for process in running:
                out, err = process.communicate(timeout=60)
                words += [] if process.returncode == 0 else [err]
        go_round(two, session)
        right.append(told(report_of(two["a"], session)) == plain(lists))
    report.check(all("another process of this member" in word and len(word.strip().splitlines()) == 1 for word in words),
                 "of processes of one member at once those that come late are told so", words)
    report.check(all(right), "and the counts are exact", right)


def check_changes(report, members):
    a, b = members["a"], members["b"]
    two = {"a": a, "b": b}
    session = propose(two)
    write_list(a, numbered(0, 20))
    write_list(b, numbered(10, 30))
    a.must(*join_words(session))
    go_round(two, session)
    a_folder = a.folder / "overlap" / session
    report.check(not any("user" in path.read_bytes().decode("latin1") for path in a_folder.rglob("*")), "no identifier is kept")
    report_of(a, session)
    report.check(not a_folder.exists() and (b.folder / "overlap" / session).exists(), "released: the member's state is gone")
    b.must(*join_words(session))
    report.check(not (b.folder / "overlap" / session).exists(), "the other's too, as soon as it looks")

    session = propose(two)
    write_list(a, numbered(0, 20))
    a.must(*join_words(session))
    write_list(b, numbered(0, 20))
    b.must(*join_words(session))
    kept = (a.folder / "overlap" / session / "checkpoint").read_bytes()
    report.check(bytes(range(32)) not in kept and len(kept) == 32 + 1 + 32 + 12 + 16, "the scalar is sealed", len(kept))
    copy = a.run("overlap", "join", session)
    report.check(copy.status == 0, "without the file the rest of the work is done", copy)


def check_other_input(report, members):
    """Killed after the list was kept, before it was in: simulated by a server that is not there."""
    a, b = members["a"], members["b"]
    two = {"a": a, "b": b}
    session = propose(two)
    folder = a.folder / "overlap" / session
    write_list(a, numbered(0, 3000))
    process = a.start(*join_words(session))
    while process.poll() is None and not (folder / "list").exists():
        time.sleep(0.001)
    process.kill()
    process.communicate()
    state = state_of(a, session)
    if any(due["step"] == "contribute" for due in state["due"]):
        write_list(a, numbered(1, 3001))
        answer = a.run(*join_words(session))
        report.check(answer.status == 1 and answer.one_line and "not the one that this session began with" in answer.err,
                     "a changed input is refused on resume", answer)
        report.check("list.csv" in answer.err and f"join {session}`" in answer.err, "with the file's name and the way out", answer)
        write_list(a, numbered(0, 3000))
    write_list(b, numbered(1500, 3500))
    go_round(two, session)
    report.check(told(report_of(b, session))["overlaps"] == {("a", "b"): 1500}, "the same input goes on")


def check_ends(report, members):
    a, b, c = members.values()
    two = {"a": a, "b": b}
    session = propose(two)
    write_list(a, numbered(0, 20))
    a.must(*join_words(session))
    for words in (("status",), ("cancel",), ("release",), ("confirm",), ("join",)):
        answer = c.run("overlap", words[0], session)
        report.check(answer.status == 1 and answer.one_line and "no such overlap session" in answer.err,
                     f"a member outside it finds no session to {words[0]}", answer)
    report.check(session not in c.must("overlap", "list").out, "and sees it in no list")
    answer = a.run("overlap", "confirm", session, "--yes")
    report.check(answer.status == 1 and answer.one_line and "is running" in answer.err, "confirmed twice", answer)
    answer = b.run("overlap", "release", session)
    report.check(answer.status == 1 and answer.one_line and "overlap status" in answer.err, "released too early", answer)
    answer = b.run("overlap", "join", session)
    report.check(answer.status == 1 and answer.one_line and "list is due" in answer.err, "no file", answer)
    answer = b.run("overlap", "join", session, "nosuch.csv")
    report.check(answer.status == 1 and answer.one_line and "nosuch.csv" in answer.err, "a file that is not there", answer)
    write_list(b, numbered(0, 20))
    answer = b.run("overlap", "join", session, "list.csv", "--id", "nosuch")
    report.check(answer.status == 1 and answer.one_line and "nosuch" in answer.err, "a column that is not there", answer)
    answer = b.must("overlap", "cancel", session)
    report.check("cancelled for everybody" in answer.out, "any member may cancel", answer)
    answer = a.run("overlap", "join", session, "list.csv")
    report.check(answer.status == 1 and answer.one_line and "is over (cancelled by b)" in answer.err and "cancelled: " not in answer.err
                 and not (a.folder / "overlap" / session).exists(), "the others hear who, and forget", answer)
    for words in (("cancel",), ("release",), ("confirm", "--yes")):
        answer = a.run("overlap", words[0], session, *words[1:])
        report.check(answer.status == 1 and answer.one_line and "cancelled" in answer.err, f"it is over: no {words[0]}", answer)
    report.check("overlap status" not in a.run("overlap", "release", session).err, "and nothing is due that status could tell")
    a.must("overlap", "confirm", session)
    report.check(not (a.folder / "overlap" / session).exists(), "nothing of it is written any more")
    said = a.must("overlap", "status", session).out
    report.check("state       cancelled by b\n" in said, "the state is told once", said)
    listed = a.must("overlap", "list").out
    report.check(f"{session}  cancelled" in listed, "the list keeps it", listed)


def check_abilities(report, members):
    """What a room's creator withheld from a member an overlap session does not give it."""
    first = members["a"]
    first.must("collab", "create", "bare")
    for name, abilities in (("b", "contribute,query"), ("c", "query,receive")):
        first.must("collab", "invite", "bare", name, "--abilities", abilities)
        members[name].must("collab", "accept", "bare")
    words = ("overlap", "open", "--collab", "bare", "--minimum", 0, "--member", "a")
    answer = first.run(*words, "--member", "b")
    report.check(answer.status == 1 and answer.one_line and '"b" lacks the ability' in answer.err, "a receiver who may not receive results", answer)
    answer = first.run(*words, "--member", "c")
    report.check(answer.status == 1 and answer.one_line and '"c" lacks the ability' in answer.err, "a member who may not contribute", answer)
    answer = first.run(*words, "--member", "b", "--receiver", "a")
    report.check(answer.status == 0, "a member who contributes only, and does not receive", answer)


def check_usage(report, members):
    a = members["a"]
    for sentence, words in (
            ("one member", ("open", "--member", "a")),
            ("no member", ("open",)),
            ("a member twice", ("open", "--member", "a", "--member", "a")),
            ("without the caller", ("open", "--member", "b", "--member", "c")),
            ("somebody unknown", ("open", "--member", "a", "--member", "zoe")),
            ("an unknown suite", ("open", "--member", "a", "--member", "b", "--suite", "rot13")),
            ("a normaliser with another version", ("open", "--member", "a", "--member", "b", "--normaliser", "email-v2")),
            ("an unknown normaliser", ("open", "--member", "a", "--member", "b", "--normaliser", "phone")),
            ("a receiver who takes no part", ("open", "--member", "a", "--member", "b", "--receiver", "a", "--receiver", "c")),
            ("segments of nobody", ("open", "--member", "a", "--member", "b", "--segments", "c=3")),
            ("segments without a number", ("open", "--member", "a", "--member", "b", "--segments", "a")),
            ("too many segments", ("open", "--member", "a", "--member", "b", "--segments", "a=65")),
            ("a minimum that is none", ("open", "--member", "a", "--member", "b", "--minimum", "-1")),
            ("a cap below the least input", ("open", "--member", "a", "--member", "b", "--minimum", "5", "--cap", "20")),
            ("31 days", ("open", "--member", "a", "--member", "b", "--days", "31")),
            ("no session", ("status",)),
            ("a session that is no UUID", ("join", "../../etc", "list.csv")),
            ("a session that is not there", ("join", "11111111-2222-4333-8444-555555555555", "list.csv")),
            ("a wait that is none", ("join", "11111111-2222-4333-8444-555555555555", "list.csv", "--wait", "long"))):
        answer = a.run("overlap", *words)
        report.check(answer.status in (1, 2) and answer.one_line and answer.err.startswith("sealroom: ") and not answer.out,
                     f"one line: {sentence}", answer)
    for words, said in ((("--suite", "rot13"), "--suite rot13: expected curve25519 or p256"),
                        (("--normaliser", "phone"), "--normaliser phone: expected exact, trim or email"),
                        (("--member", "a"), "--member a: given twice"),
                        (("--cap", "20", "--minimum", "5"), "--cap 20: below the 50 identifiers")):
        answer = a.run("overlap", "open", "--member", "a", "--member", "b", *words)
        report.check(answer.status == 2 and said in answer.err, f"in the words of the command line: {said}", answer)
    for word in ("trim", "trim-v1"):
        opened = a.must("overlap", "open", "--member", "a", "--member", "b", "--normaliser", word, "--collab", "o", "--output", "json").json()
        report.check(opened["manifest"]["normaliser"] == "trim-v1", f"{word} is understood", opened)


def main():
    report = Report()
    with room(("a", "b", "c")) as server:
        members = gather(server, ("a", "b", "c"))
        for check in (check_shapes, check_normaliser, check_segments, check_cells, check_certificates, check_words, check_for_people, check_minimum, check_receivers,
                      check_padding, check_wait, check_twins, check_changes, check_other_input, check_ends, check_abilities, check_usage):
            check(report, members)
        report.check(server.stop() == 0, "the server stops in an orderly way")
        said = server.log.read_text(errors="replace")
        report.check("Sanitizer" not in said and "runtime error" not in said, "without a word from the sanitizers", said[-2000:])
    report.finish()


main()
