"""Overlap sessions from outside: what several tests share. Members have no secret in common."""

import itertools

from harness import Failure, Member


def gather(server, names):
    """The members of collaboration "o", by name; the first one made it."""
    members = {name: Member(server, name) for name in names}
    first, *others = members.values()
    first.must("collab", "create", "o")
    for other in others:
        first.must("collab", "invite", "o", other.name)
        other.must("collab", "accept", "o")
    return members


def propose(members, *options, minimum=0):
    """A session of these members, confirmed by all."""
    names = [word for name in members for word in ("--member", name)]
    first = next(iter(members.values()))
    opened = first.must("overlap", "open", *names, "--minimum", minimum, "--output", "json", *options).json()
    for member in members.values():
        member.must("overlap", "confirm", opened["session"], "--yes")
    return opened["session"]


def write_list(member, items, label_of=None):
    """`items`: texts; with `label_of` a dictionary of them."""
    lines = [f"{item},{label_of[item]}" if label_of else str(item) for item in items]
    member.write("list.csv", "\n".join(["email,segment" if label_of else "email", *lines]) + "\n")


def join_words(session, segmented=False):
    return ["overlap", "join", session, "list.csv", "--id", "email", "--quiet", *(["--segment", "segment"] if segmented else [])]


def state_of(member, session):
    return member.must("overlap", "status", session, "--output", "json").json()


def go_round(members, session, segmented=(), rounds=20):
    """Every member joins in turn until every list has been round."""
    for _ in range(rounds):
        for member in members.values():
            member.must(*join_words(session, member.name in segmented))
            if state_of(member, session)["state"] == "complete":
                return
    raise Failure(f"{rounds} rounds were not enough")


def report_of(member, session):
    return member.must("overlap", "release", session, "--output", "json").json()


def sets(names, least):
    return [set_of for size in range(least, len(names) + 1) for set_of in itertools.combinations(names, size)]


def plain(lists):
    """What a report must say with minimum 0. `lists`: of each member its items, in a set or with a label each."""
    names = sorted(lists)  # as the report has them
    have = {name: set(lists[name]) for name in names}
    out = {"members": {name: len(have[name]) for name in names}}
    out["overlaps"] = {those: len(set.intersection(*(have[name] for name in those))) for those in sets(names, 2)}
    out["regions"] = {those: len(set.intersection(*(have[name] for name in those))
                                 - set().union(*(have[name] for name in names if name not in those)))
                      for those in sets(names, 1)}
    out["matrices"] = {}
    for one, other in itertools.combinations(names, 2):
        if not isinstance(lists[one], dict) and not isinstance(lists[other], dict):
            continue
        label = lambda name, item: lists[name][item] if isinstance(lists[name], dict) else ""
        cells = {(label(one, a), label(other, b)): 0 for a in lists[one] for b in lists[other]}
        for item in have[one] & have[other]:
            cells[label(one, item), label(other, item)] += 1
        out["matrices"][one, other] = cells
    return out


def told(report):
    """A report in the shape of `plain`."""
    return {
        "members": {member["name"]: member.get("items") for member in report["members"]},
        "overlaps": {tuple(number["members"]): number["items"] for number in report["overlaps"]},
        "regions": {tuple(number["members"]): number["items"] for number in report["regions"]},
        "matrices": {tuple(matrix["members"]): {
            (row, column): matrix["items"][r][c]
            for r, row in enumerate(matrix["rows"]) for c, column in enumerate(matrix["columns"])}
            for matrix in report["matrices"]},
    }


def whole_session(members, lists, *options, minimum=0, untidy=None):
    """One session from proposal to report, by the first member's eyes; also its id. `untidy` changes lists without segments
    on their way into the file."""
    segmented = {name for name in members if isinstance(lists[name], dict)}
    for name in segmented:
        options += ("--segments", f"{name}={len(set(lists[name].values()))}")
    session = propose(members, *options, minimum=minimum)
    for name, member in members.items():
        items = sorted(lists[name])
        write_list(member, untidy(items) if untidy and name not in segmented else items, lists[name] if name in segmented else None)
    go_round(members, session, segmented)
    return report_of(next(iter(members.values())), session), session
