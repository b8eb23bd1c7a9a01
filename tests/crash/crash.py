"""`kill -9` of the server at random moments, recorded by seed: during uploads that replace, uploads that append, and
deletions. What was said to be done is there and right after the restart; what was not is there whole or not at all;
what is deleted is erased from every file; and the next upload works.

    python3 crash.py BINARY_DIR SEED KILLS

Half of the kills wait for the moment between the last batch and the answer to the commit. The last line
is the figures; exit status 0 only when everything held.
"""

import random
import signal
import string
import subprocess
import sys
import time

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1] / "flow"))
from harness import BINARY, Failure, Member, aggregation_rule, room # noqa: E402

SEED, KILLS = int(sys.argv[2]), int(sys.argv[3])
PARTS = 5
RULE = aggregation_rule(2, join=("id",), dimensions=["part"], aggregates=[(["id"], "COUNT_DISTINCT")])
MOMENTS = ("sent", "accepted", "append sent", "delete", "sent", "append accepted", "delete", "sent", "append sent", "delete")
TABLES = ("red", "green", "blue")


class Upload:
    """An upload_steps process and the steps that it has told of so far."""

    def __init__(self, server, member, table, rows, mark, append):
        self.process = subprocess.Popen(
            [BINARY / "bin/upload_steps", server.address, member.folder, "crash", table, str(rows), mark,
             *(["append"] if append else [])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for(self, word):
        for line in self.process.stdout:
            if line.split()[0] == word:
                return True
        return False

    def finish(self):
        """True when the server said that it is committed."""
        rest, self.why = self.process.communicate(timeout=60)
        return self.process.returncode == 0 and "committed" in rest


class Room:
    """What the server must hold: of each table the versions that stand, newest first, each a tuple of (mark, rows)."""

    def __init__(self, server, member, chance):
        self.server, self.member, self.chance = server, member, chance
        self.tables = {name: [] for name in TABLES}
        self.marks = set() # of rows that stand or stood
        self.figures = {"in the window": 0, "done without an answer": 0, "deletions": 0, "erased by the restart": 0, "marks erased": 0}

    # ---- looking

    def versions(self, table):
        """[version, state, rows, …] of each version ever, newest first."""
        out = self.member.run("table", "versions", table, "--output", "csv", "--collab", "crash").out
        return [line.replace('"', "").split(",") for line in out.splitlines()[1:]]

    def standing(self, table):
        return [row for row in self.versions(table) if row[1] in ("current", "kept")]

    def holds(self, table, versions):
        return [int(row[2]) for row in self.standing(table)] == [sum(rows for _, rows in pieces) for pieces in versions]

    def found(self, mark):
        return any(mark.encode() in path.read_bytes() for path in self.server.data.rglob("*") if path.is_file())

    def check_answer(self, table):
        counts = {f"{mark}{part}": len(range(part, rows, PARTS)) for mark, rows in self.tables[table][0] for part in range(PARTS)}
        wanted = sorted(f"{part},{count}" for part, count in counts.items() if count >= 2)
        self.member.write("rule.json", RULE)
        if self.member.must("table", "show", table, "--output", "json", "--collab", "crash").json()["rule"] is None:
            self.member.must("table", "rule", table, "rule.json", "--collab", "crash")
        sql = f"SELECT part, COUNT(DISTINCT id) AS n FROM {table} GROUP BY part"
        answer = sorted(self.member.must("query", "run", sql, "--output", "csv", "--collab", "crash").out.split()[1:])
        if answer != wanted:
            raise Failure(f"table {table} of {self.tables[table][0]} answers {answer}")

    def check(self):
        for table, versions in self.tables.items():
            if not self.holds(table, versions):
                raise Failure(f"table {table} should hold {versions} and shows {self.versions(table)}")
            if any(row[1] == "erasing" for row in self.versions(table)):
                raise Failure(f"an erasure is not done: {table}: {self.versions(table)}")
            if versions:
                self.check_answer(table)
        wanted = {mark for versions in self.tables.values() for pieces in versions for mark, _ in pieces}
        for mark in self.marks:
            if self.found(mark) != (mark in wanted):
                raise Failure(f"mark {mark} is {'lost' if mark in wanted else 'still in a file'}: {self.tables}")
        self.figures["marks erased"] += len(self.marks - wanted)
        self.marks = wanted

    # ---- changing

    def settle(self, table, after, told, what):
        """After a restart: as before the change, or as after it; the latter for sure when the server said so."""
        if self.holds(table, after):
            self.figures["done without an answer"] += not told
            self.tables[table] = after
        elif told or not self.holds(table, self.tables[table]):
            raise Failure(f"{what} of {table}, {'done' if told else 'not answered'}: before {self.tables[table]}, "
                          f"after {after}, shown {self.versions(table)}")

    def start_upload(self, table, most, append):
        mark = "".join(self.chance.choices(string.ascii_lowercase + string.digits, k=24))
        rows = self.chance.randrange(10, most)
        base = self.tables[table][0] if append else ()
        after = [(*base, (mark, rows)), *self.tables[table]]
        return Upload(self.server, self.member, table, rows, mark, append), after, mark

    def upload(self, table):
        upload, after, mark = self.start_upload(table, 2000, False)
        if not upload.finish():
            raise Failure(f"upload of {table} failed: {upload.why}")
        self.marks.add(mark)
        self.tables[table] = after

    def kill_upload(self, table, step, append):
        upload, after, mark = self.start_upload(table, 150000, append)
        upload.wait_for(step)
        time.sleep(self.chance.random() * (0.03 if step == "sent" else 0.25))
        self.server.stop(signal.SIGKILL)
        told = upload.finish()
        self.figures["in the window"] += step == "sent" and not told
        self.server.start()
        self.settle(table, after, told, "append" if append else "upload")
        if self.tables[table] == after:
            self.marks.add(mark)

    def some_deletion(self, table):
        versions = self.tables[table]
        kind = self.chance.choice(("version", "version", "old", "table"))
        if kind == "version" and len(versions) > 1:
            at = self.chance.randrange(len(versions))
            return ("--version", self.standing(table)[at][0]), versions[:at] + versions[at + 1:]
        if kind == "old" and len(versions) > 1:
            return ("--old",), versions[:1]
        return (), []

    def kill_deletion(self, table):
        words, after = self.some_deletion(table)
        words = ("table", "delete", table, *words, "--yes", "--collab", "crash")
        process = self.member.start(*words)
        time.sleep(self.chance.random() * 0.25)
        self.server.stop(signal.SIGKILL)
        process.communicate(timeout=60)
        gone = {mark for pieces in self.tables[table] for mark, _ in pieces} - {mark for pieces in after for mark, _ in pieces}
        left = any(self.found(mark) for mark in gone)
        self.server.start()
        self.settle(table, after, process.returncode == 0, "deletion")
        self.figures["erased by the restart"] += left and self.tables[table] == after
        self.figures["deletions"] += 1
        if self.tables[table] != after:
            self.member.must(*words)
            self.tables[table] = after

    def kill(self, moment):
        table = self.chance.choice(TABLES)
        words = moment.split()
        if moment in ("delete", "append sent", "append accepted") and not self.tables[table]:
            self.upload(table)
        if moment == "delete":
            self.kill_deletion(table)
        else:
            self.kill_upload(table, words[-1], words[0] == "append")
        self.check()
        self.upload(self.chance.choice(TABLES))
        self.check()


def main():
    with room(("publisher",)) as server:
        member = Member(server, "publisher")
        member.must("collab", "create", "crash", "--allowCleartext", "--allowDuplicates", "--preserveNulls")
        state = Room(server, member, random.Random(SEED))
        state.upload(TABLES[0])
        for kill in range(KILLS):
            state.kill(MOMENTS[kill % len(MOMENTS)])
    print(f"{KILLS} kills: " + ", ".join(f"{count} {what}" for what, count in state.figures.items()) +
          f"; {sum(map(len, state.tables.values()))} versions stand, all right")


main()
