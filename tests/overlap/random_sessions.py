"""Random overlap sessions against a plain set computation: two to five members, lists of all sizes, some with segments, in both
suites.

    python3 random_sessions.py BINARY_DIR SEED SESSIONS

The last line is the figures; exit status 0 only when every number of every report was right.
"""

import random
import sys

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1] / "flow"))
from harness import Failure, room # noqa: E402
from overlap import gather, plain, told, whole_session # noqa: E402

SEED, SESSIONS = int(sys.argv[2]), int(sys.argv[3])
NAMES = ("a", "b", "c", "d", "e")
CELLS_PROVEN = 256 # with more the server tells no matrices


def size_of(chosen):
    return chosen.choice((1, 1, 2, 3, 8, 64, chosen.randrange(1, 50), chosen.randrange(1, 400), chosen.randrange(1, 2000)))


def labels_of(chosen, names):
    """How many labels each member has (0: no segments), few enough for matrices."""
    counts = {name: chosen.choice((0, 0, 0, 1, 2, 3, 5)) for name in names}
    while product(counts) > CELLS_PROVEN:
        counts[chosen.choice(names)] = 0
    return counts


def product(counts):
    out = 1
    for count in counts.values():
        out *= 1 + max(count, 1)
    return out - 1


def lists_of(chosen, names):
    """Items from a universe that is small or large, so that lists are anything from disjoint to equal."""
    universe = [f"user{i}@example.com" for i in range(chosen.choice((5, 100, 500, 3000, 20000)))]
    labels = labels_of(chosen, names)
    lists = {}
    for name in names:
        items = chosen.sample(universe, min(size_of(chosen), len(universe)))
        before = list(lists.values())
        if before and chosen.random() < 0.15:
            items = sorted(before[0]) # equal lists, or a list within another
            items = items[:chosen.randrange(1, len(items) + 1)] if chosen.random() < 0.5 else items
        lists[name] = {item: f"label{chosen.randrange(labels[name])}" for item in items} if labels[name] else set(items)
    return lists


def untidy(chosen, items):
    """The same under email: odd case, blanks, repeats, another order."""
    out = [chosen.choice((item, item.upper(), f" {item}", f"{item}\t")) for item in items]
    out += [chosen.choice(items).title() for _ in range(chosen.randrange(4))]
    chosen.shuffle(out)
    return out


def main():
    chosen = random.Random(SEED)
    done, suites, items = {2: 0, 3: 0, 4: 0, 5: 0}, {"curve25519": 0, "p256": 0}, 0
    with room(NAMES) as server:
        server.configure(maxOverlapSessionsPerPair=SESSIONS + 1)
        everybody = gather(server, NAMES)
        for number in range(SESSIONS):
            names = chosen.sample(NAMES, chosen.choice((2, 2, 3, 3, 4, 5)))
            lists = lists_of(chosen, names)
            members = {name: everybody[name] for name in names}
            suite = chosen.choice(("curve25519", "curve25519", "p256"))
            report, _ = whole_session(members, lists, "--suite", suite, untidy=lambda those: untidy(chosen, those))
            if told(report) != plain(lists):
                raise Failure(f"seed {SEED}, session {number} in {suite}: {report}, and not {plain(lists)}; lists {lists}")
            done[len(names)] += 1
            suites[suite] += 1
            items += sum(map(len, lists.values()))
    print(f"{SESSIONS} sessions, {items} items; " + ", ".join(f"{count} of {size} members" for size, count in done.items())
          + "; " + ", ".join(f"{count} in {suite}" for suite, count in suites.items()))


main()
