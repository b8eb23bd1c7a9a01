"""Sessions of more than five members, up to sixteen: every pair and what all have are counted exactly, by both suites;
regions, and whatever else nobody has proven to be safe, are not told.
"""

import itertools
import random

from harness import Failure, Report, room
from overlap import gather, join_words, plain, propose, report_of, state_of, told, write_list

NAMES = [f"m{number}" for number in range(16)]


def make_lists(names, seed):
    """Everybody has four of them; of the others each has a random half."""
    chosen = random.Random(seed)
    return {name: {f"all{i}" for i in range(4)} | {f"user{i}" for i in range(24) if chosen.random() < 0.5} for name in names}


def run(members, lists, label_of=None, *options):
    """The report of a session in which everybody joins in turn; with `label_of` the first member's list has segments."""
    first, *_ = members.values()
    session = propose(members, *options)
    for name, member in members.items():
        write_list(member, sorted(lists[name]), label_of if member is first else None)
    for turn in range(4):
        for member in members.values():
            member.must(*join_words(session, label_of is not None and member is first))
        if state_of(first, session)["state"] == "complete":
            return report_of(first, session), turn + 1
    raise Failure("four rounds were not enough")


def check_report(report, sentence, names, lists, found):
    wanted = plain(lists)["overlaps"]
    asked = [*itertools.combinations(names, 2), tuple(names)]
    said = told(found)
    report.check(said["overlaps"] == {those: wanted[those] for those in asked} and wanted[tuple(names)] >= 4,
                 f"{sentence}: all {len(asked) - 1} pairs and what all have are exact", said)
    report.check(said["members"] == plain(lists)["members"] and said["regions"] == {} and said["matrices"] == {},
                 "and nothing else is told but sizes", said)


def check_six(report, members):
    six = {name: members[name] for name in NAMES[:6]}
    lists = make_lists(six, 6)
    found, _ = run(six, lists)
    check_report(report, "six members", list(six), lists, found)
    label_of = {item: ("gold", "silver")[place % 2] for place, item in enumerate(sorted(lists["m0"]))}
    found, _ = run(six, lists, label_of, "--segments", "m0=2", "--suite", "p256")
    check_report(report, "six members, one with segments, p256", list(six), lists, found)


def check_sixteen(report, members):
    lists = make_lists(members, 16)
    found, rounds = run(members, lists)
    check_report(report, "sixteen members", sorted(members), lists, found)
    report.check(rounds == 2, "each is asked for twice: for its list, and for those of who came later", rounds)


def main():
    report = Report()
    with room(NAMES) as server:
        members = gather(server, NAMES)
        check_six(report, members)
        check_sixteen(report, members)
        answer = members["m0"].run("overlap", "open", *[word for name in [*NAMES, "m16"] for word in ("--member", name)])
        report.check(answer.status == 2 and answer.one_line and "2 to 16 members" in answer.err, "seventeen are too many", answer)
        report.check(server.stop() == 0, "the server stops in an orderly way")
    report.finish()


main()
