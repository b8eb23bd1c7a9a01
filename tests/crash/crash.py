"""`kill -9` of the server at random moments, recorded by seed: what was said to be committed is there and
right after the restart, nothing else is visible, and the next upload works.

    python3 crash.py BINARY_DIR SEED KILLS

Every second kill waits for the moment between the last batch and the answer to the commit. The last line
is the figures; exit status 0 only when everything held.
"""

import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1] / "flow"))
from harness import BINARY, Failure, Member, aggregation_rule, room # noqa: E402

SEED, KILLS = int(sys.argv[2]), int(sys.argv[3])
RULE = aggregation_rule(2, join=("id",), dimensions=["part"], aggregates=[(["id"], "COUNT_DISTINCT")])


class Upload:
    """An upload_steps process and the steps that it has told of so far."""

    def __init__(self, server, member, table, rows):
        self.table, self.rows = table, rows
        self.process = subprocess.Popen(
            [BINARY / "bin/upload_steps", server.address, member.folder, "crash", table, str(rows)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for(self, word):
        for line in self.process.stdout:
            if line.split()[0] == word:
                return True
        return False

    def finish(self):
        """True when the server said that it is committed."""
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode == 0 and "committed" in rest


def check_table(member, name, rows):
    answer = member.must("query", "run", f"SELECT part, COUNT(DISTINCT id) AS n FROM {name} GROUP BY part ORDER BY part",
                         "--output", "csv", "--collab", "crash").out.split()[1:]
    wanted = [f"p{part},{len(range(part, rows, 5))}" for part in range(5) if len(range(part, rows, 5)) >= 2]
    if answer != wanted:
        raise Failure(f"table {name} of {rows} rows answers {answer}")


def check_everything(member, committed, in_flight):
    """Visible is what was committed, and at most the upload that was killed while it was committing."""
    tables = member.must("table", "list", "--output", "json", "--collab", "crash").json()["tables"]
    visible = {table["name"]: table["rows"] for table in tables}
    for name, rows in committed.items():
        if visible.get(name) != rows:
            raise Failure(f"table {name} was committed with {rows} rows and shows {visible.get(name)}")
    extra = set(visible) - set(committed)
    if extra - {in_flight.table} or (extra and visible[in_flight.table] != in_flight.rows):
        raise Failure(f"visible, and never said to be committed: {extra}")
    for name in extra:
        committed[name] = visible[name]
    member.write("rule.json", RULE)
    for table in tables:
        if table["rule"] is None:
            member.must("table", "rule", table["name"], "rule.json", "--collab", "crash")
    for name, rows in committed.items():
        check_table(member, name, rows)
    return bool(extra)


def main():
    chance = random.Random(SEED)
    committed, in_window, unanswered = {}, 0, 0
    with room(("publisher",)) as server:
        member = Member(server, "publisher")
        member.must("collab", "create", "crash", "--allowCleartext", "--allowDuplicates", "--preserveNulls")
        for kill in range(KILLS):
            upload = Upload(server, member, f"t{kill}", chance.randrange(1000, 150000))
            upload.wait_for("sent" if kill % 2 else "accepted")
            time.sleep(chance.random() * (0.03 if kill % 2 else 0.25))
            server.stop(signal.SIGKILL)
            told = upload.finish()
            if told:
                committed[upload.table] = upload.rows
            in_window += bool(kill % 2 and not told)
            server.start()
            unanswered += check_everything(member, committed, upload)
            after = Upload(server, member, f"a{kill}", chance.randrange(10, 2000))
            if not after.finish():
                raise Failure(f"the upload after kill {kill} failed")
            committed[after.table] = after.rows
            check_everything(member, committed, after)
    print(f"{KILLS} kills, {in_window} between the last batch and the commit's answer, {len(committed)} tables right, "
          f"{unanswered} committed without an answer")


main()
