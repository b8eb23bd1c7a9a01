"""Members whose messages are well formed and who lie all the same, against a real server: one scalar for each element, by
which a member bets on identifiers; lists of people who are known to be in both, and one more; points of another session
under fresh signatures; lists that are smaller than was agreed. What can be refused is. What cannot tells what README.md
says, and the number of sessions is limited.
"""

import base64
import hashlib
import json
import random

from curve import hash_to_curve, multiply, random_points
from harness import Report, room
from overlap import gather, join_words, propose, report_of, state_of, told, whole_session, write_list
from overlap_raw import SERVICE, Raw, refused
from peers import RawClient

MINIMUM = 5
SECRET = 8 * random.Random(31).randrange(2**200, 2**201) # of a
SCALARS = [8 * random.Random(number).randrange(2**200, 2**201) for number in range(100, 100 + 2 * MINIMUM)] # of b


def users(first, end):
    return [f"user{i}@example.com" for i in range(first, end)]


def hashed(raw, names):
    tag = b"SEALROOM-PSI-V01-curve25519-" + raw.hash.hex().encode()
    return [hash_to_curve(name.encode(), tag) for name in names]


def masked(scalar, points):
    return sorted(multiply(scalar, point) for point in points)


def released(raw):
    answer = raw.client.ask("b", "analyst", SERVICE + "Release", {"session": raw.session})
    return told(json.loads(base64.b64decode(answer["answers"][0]["report"])))


# ---- one scalar for each element -----------------------------------------------------------------

def bet_list(raw, bets, size):
    """b's list: as many multiples of each identifier as `bets` says, and points that mean nothing."""
    points = [multiply(SCALARS[j], point) for point, weight in zip(hashed(raw, bets), bets.values()) for j in range(weight)]
    return sorted(points + random_points(41, size - len(points)))


def bet_answer(points, chosen, weight):
    """b's answer to the list of a: for a few of its points many multiples, for the others none. As long as the list."""
    answer = [multiply(SCALARS[j], point) for point in chosen for j in range(weight)]
    return sorted(answer + random_points(42, len(points) - len(answer)))


def bet(server, client, members, bets, mine, choose, weight, size=30):
    """One session in which b bets; `choose` says of whom the points are that b happens to choose."""
    raw = Raw(server, client, propose(members, "--leastInput", 10, minimum=MINIMUM))
    points = masked(SECRET, hashed(raw, mine))
    theirs = bet_list(raw, bets, size)
    statuses = [raw.give("a", points)["status"], raw.give("b", theirs)["status"]]
    chosen = [multiply(SECRET, point) for point in hashed(raw, choose)]
    statuses.append(raw.give_back("b", raw.due("b")[0], bet_answer(points, chosen, weight))["status"])
    statuses.append(raw.give_back("a", raw.due("a")[0], masked(SECRET, theirs))["status"])
    return released(raw), statuses


def check_bets(report, server, client, members):
    mine = users(0, 20)
    nothing = [None] * 4
    for sentence, bets, choose, number in (
            ("a has it, and its point is chosen: the minimum is told, so a has it", {mine[3]: 5}, mine[2:6], 5),
            ("a has it, its point is not chosen: nothing is told", {mine[3]: 5}, mine[10:14], None),
            ("a has it not: nothing is told", {"zoe@example.com": 5}, mine[2:6], None),
            ("fewer multiples than the minimum: nothing is told", {mine[3]: 4}, mine[2:6], None),
            ("on three at once, with different weights: the number tells which one a has",
             {"zoe@example.com": 5, mine[1]: 6, "yan@example.com": 7}, mine[1:3], 6)):
        found, statuses = bet(server, client, members, bets, mine, choose, max(bets.values()))
        values = [*found["overlaps"].values(), *found["regions"].values()]
        right = values == nothing if number is None else found["overlaps"] == {("a", "b"): number}
        report.check(right and statuses == ["OK"] * 4, f"one scalar for each element: {sentence}", (found, statuses))


def check_longer(report, server, client, members):
    """With the multiples of all points b would be sure; an answer is as long as what it answers, and no longer."""
    raw = Raw(server, client, propose(members, "--leastInput", 10, minimum=MINIMUM))
    points = masked(SECRET, hashed(raw, users(0, 20)))
    raw.give("a", points)
    part = raw.due("b")[0]
    every = sorted(multiply(SCALARS[j], point) for point in points for j in range(MINIMUM))
    answer = raw.give_back("b", part, every)
    refused(report, "the multiples of every point, more than there were", answer, "RESOURCE_EXHAUSTED")
    report.check(raw.due("b") == [part] and len(raw.files()) == 1, "nothing of it is kept, and the part is due still", raw.files())
    report.check(raw.give_back("b", part, every[:20])["status"] == "OK", "as many as there were are taken")


def check_client(report, server, client, members):
    """Nor can the client of the other member tell: all points are distinct, ascending, on the curve."""
    raw = Raw(server, client, propose(members, "--leastInput", 10, minimum=MINIMUM))
    raw.give("b", bet_list(raw, {"user3@example.com": MINIMUM}, 30))
    write_list(members["a"], users(0, 20))
    answer = members["a"].run(*join_words(raw.session))
    report.check(answer.status == 0 and "re-blinded  1 list of other members, 30 points" in answer.out, "an honest client re-blinds such a list", answer)
    part = raw.due("b")[0]
    _, points = raw.fetch("b", part)
    raw.give_back("b", part, bet_answer(points, points[:4], MINIMUM))
    found = report_of(members["a"], raw.session)["overlaps"][0]["items"]
    report.check(found in (None, MINIMUM), "and is told the minimum or nothing, by chance", found)


def check_known(report, server, client, members):
    """No lie in the answer is needed by who knows others that both have: they fill a list up to the minimum."""
    mine = set(users(0, 20))
    for one, number in (("user12@example.com", MINIMUM), ("zoe@example.com", None)):
        theirs = {*users(0, MINIMUM - 1), one, *(f"nobody{i}" for i in range(20))}
        found, _ = whole_session(members, {"a": mine, "b": theirs}, "--leastInput", 10, minimum=MINIMUM)
        report.check(told(found)["overlaps"] == {("a", "b"): number}, f"one short of the minimum, and one more: {'told' if number else 'nothing is told'}", found)


# ---- points of another session -------------------------------------------------------------------

def honest(server, client, members):
    """A session of a, whose scalar the test knows, and of b's client. (session, a's points, b's points, a's answer)"""
    raw = Raw(server, client, propose(members))
    mine = masked(SECRET, hashed(raw, users(0, 20)))
    raw.give("a", mine)
    write_list(members["b"], users(5, 25))
    members["b"].must(*join_words(raw.session))
    part = raw.due("a")[0]
    _, theirs = raw.fetch("a", part)
    return raw, mine, theirs, part


def check_replay(report, server, client, members):
    raw, mine, theirs, part = honest(server, client, members)
    answer = masked(SECRET, theirs)
    raw.give_back("a", part, answer)
    report.check(released(raw)["overlaps"] == {("a", "b"): 15}, "a session of a member that the test plays is counted exactly")

    replay = Raw(server, client, propose(members))
    refused(report, "points of another session as they were signed there",
            replay.give("a", mine, end={"signature": base64.b64encode(raw.signature("a", mine)).decode()}), "UNAUTHENTICATED")
    both = sorted(mine + theirs)
    report.check(replay.give("a", both)["status"] == "OK", "signed anew they are points like any others")
    members["b"].must(*join_words(replay.session))
    again = replay.due("a")[0]
    replay.give_back("a", again, masked(SECRET, replay.fetch("a", again)[1]))
    found = released(replay)
    report.check(found["overlaps"] == {("a", "b"): 0} and found["members"] == {"a": 40, "b": 20}, "and are in nobody's list of this session", found)

    late, _, _, part = honest(server, client, members)
    report.check(late.give_back("a", part, answer)["status"] == "OK", "an answer of another session is taken")
    report.check(released(late)["overlaps"] == {("a", "b"): 0}, "and meets nothing")


# ---- smaller than was agreed ---------------------------------------------------------------------

def check_small(report, server, client, members):
    """The client refuses these itself; here the server has to."""
    def refused_for(sentence, answer, word):
        refused(report, sentence, answer, "INVALID_ARGUMENT")
        report.check(word in answer["message"], f"  for that: {word}", answer)

    raw = Raw(server, client, propose(members, "--leastInput", 50, minimum=MINIMUM))
    refused_for("a list below the least input", raw.give("a", random_points(51, 49)), "at least 50 items")
    report.check(raw.files() == [] and raw.give("a", random_points(51, 50))["status"] == "OK", "one more is enough")
    raw = Raw(server, client, propose(members, "--leastInput", 50, "--padded", minimum=MINIMUM))
    padded = random_points(52, 1000)
    refused_for("one that padding fills up", raw.give("a", padded, head={"items": 49}), "at least 50 items")
    report.check(raw.files() == [] and raw.give("a", padded, head={"items": 50})["status"] == "OK", "one true item more is enough")
    raw = Raw(server, client, propose(members, "--leastInput", 10, "--segments", "a=2", minimum=MINIMUM))

    def in_two(first):
        parts = random_points(53, 20)[:first], random_points(54, 30)
        return raw.contribute("a", raw.begin(), *raw.part("a", parts[0], label="x"), *raw.part("a", parts[1], label="y"), raw.commit(*parts))

    refused_for("a segment below the minimum", in_two(MINIMUM - 1), f"at least {MINIMUM} items")
    report.check(raw.files() == [] and in_two(MINIMUM)["status"] == "OK", "one more is enough")


def check_limits(report, members):
    """Of a server that has another least minimum than a room for trying out, and has seen all these sessions of a and b."""
    def opened(other, minimum):
        return members["a"].run("overlap", "open", "--collab", "o", "--member", "a", "--member", other, "--minimum", minimum, "--output", "json")

    answer = opened("c", 9)
    report.check(answer.status == 1 and answer.one_line and "this server's least is 10" in answer.err, "a minimum below the server's", answer)
    answer = opened("b", 10)
    report.check(answer.status == 1 and answer.one_line and "quota maxOverlapSessionsPerPair: " in answer.err,
                 "members who had their sessions have no further one, so no further bet", answer)
    first, second = opened("c", 10), opened("c", 10)
    report.check(first.status == 0 and second.status == 0, "other members have theirs, and none is begun until both confirm", (first, second))
    for name in "ac":
        members[name].must("overlap", "confirm", first.json()["session"], "--yes")
    answer = members["a"].run("overlap", "confirm", second.json()["session"], "--yes")
    report.check(answer.status == 0, "one may wait", answer)
    answer = members["c"].run("overlap", "confirm", second.json()["session"], "--yes")
    report.check(answer.status == 1 and "quota maxOverlapSessionsPerPair: " in answer.err, "and is not begun", answer)
    answer = opened("c", 10)
    report.check(answer.status == 1 and "quota maxOverlapSessionsPerPair: " in answer.err, "and no more", answer)
    listed = members["a"].must("overlap", "list", "--collab", "o").out.splitlines()
    report.check(len(listed) > 10, "all of them are on record", listed)


def main():
    report = Report()
    with room(("a", "b", "c")) as server:
        members = gather(server, ("a", "b", "c"))
        two = {name: members[name] for name in ("a", "b")}
        client = RawClient(server)
        for check in (check_bets, check_longer, check_client, check_known, check_replay, check_small):
            check(report, server, client, two)
        client.close()
        server.configure(overlapLeastMinimum=10, maxOverlapSessionsPerPair=1)
        check_limits(report, members)
        report.check(server.stop() == 0, "the server stops in an orderly way")
    report.finish()


main()
