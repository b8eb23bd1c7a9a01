"""The clients of pressure.py: those who ask, those who change tables of their own, and those who stall."""

import itertools
import random
import signal
import subprocess
import threading
import time

from harness import LAB_QUERY, aggregation_rule, schema

PATIENCE = 300 # seconds: far longer than any command takes, so what takes longer hangs
ROWS = 60000
PARTS = 5
MOST_VERSIONS = 4 # of a table, so that what is stored stops growing
SCHEMA = schema(("id", "fingerprint"), ("part", "cleartext"))
RULE = aggregation_rule(2, join=("id",), dimensions=["part"], aggregates=[(["id"], "COUNT_DISTINCT")])
LAB_ANSWER = "campaign,users\nspring_launch,2\n"
WIDE_QUERY = "SELECT part, COUNT(DISTINCT id) AS n FROM wide GROUP BY part"
WIDE_ANSWER = sorted(["part,n", *(f"g{group},2" for group in range(ROWS // 2))])


def parts_query(table):
    return f"SELECT part, COUNT(DISTINCT id) AS n FROM {table} GROUP BY part ORDER BY part"


def parts_answer(rows):
    return "part,n\n" + "".join(f"p{part},{rows // PARTS}\n" for part in range(PARTS))


def table_text(first, rows):
    return "id,part\n" + "".join(f"{row},p{row % PARTS}\n" for row in range(first, first + rows))


class Tally:
    """What the clients did; shared by their threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}
        self.wrong = []
        self.typical = {} # seconds that a command takes, by its words

    def add(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def took(self, words, seconds):
        with self.lock:
            before = self.typical.get(words, seconds)
            self.typical[words] = before + (seconds - before) / 20

    def blame(self, *what):
        with self.lock:
            self.wrong.append(what)


class Client:
    """One client, whose every command may be disturbed."""

    def __init__(self, number, members, tally):
        self.number = number
        self.member = members[number % len(members)]
        self.tally = tally
        self.chance = random.Random(number)

    def moment(self, process):
        """Waits for a random moment in the life of a command."""
        words = " ".join(process.args[1:3])
        time.sleep(self.chance.random() * self.tally.typical.get(words, 1.0))

    def pause(self, process):
        self.moment(process)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1 + self.chance.random() * 3)
        process.send_signal(signal.SIGCONT)
        self.tally.add("paused")

    def crawl(self, process):
        """A slow reader and writer: stopped four fifths of the time."""
        for _ in range(40):
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.2)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            if process.poll() is not None:
                break
        self.tally.add("slowed")

    def disturb(self, process, gentle):
        """True when the command was killed."""
        fate = self.chance.random() * (0.875 if gentle else 1) + (0.125 if gentle else 0)
        if fate < 0.125:
            self.moment(process)
            process.kill()
        elif fate < 0.25:
            self.pause(process)
        elif fate < 0.3:
            self.crawl(process)
        return fate < 0.125

    def judge(self, right, *shown):
        if right:
            self.tally.add(f"{shown[0]} right")
        else:
            self.tally.blame(*shown)
        return right

    def command(self, *arguments, gentle=False):
        """(killed, status, out, err); a gentle one is not killed."""
        start = time.monotonic()
        process = self.member.start(*arguments, "--collab", "lab")
        killed = self.disturb(process, gentle)
        out, err = process.communicate(timeout=PATIENCE)
        if killed and process.returncode == -signal.SIGKILL:
            self.tally.add("killed")
            return True, None, "", ""
        self.tally.took(" ".join(arguments[:2]), time.monotonic() - start)
        return False, process.returncode, out, err


class Asker(Client):
    """Asks tables that do not change, and those that change under the question."""

    def __init__(self, number, members, tally, changing):
        super().__init__(number, members, tally)
        self.changing = changing

    def right(self, kind, out):
        if kind == "wide":
            return sorted(out.splitlines()) == WIDE_ANSWER
        return out == (LAB_ANSWER if kind == "lab" else parts_answer(ROWS))

    def step(self):
        kind = self.chance.choice(("lab", "steady", "wide", "changing"))
        if kind == "changing":
            self.ask_changing(self.chance.choice(self.changing))
            return
        sql = {"lab": LAB_QUERY, "steady": parts_query("steady"), "wide": WIDE_QUERY}[kind]
        killed, status, out, err = self.command("query", "run", sql, "--output", "csv")
        if not killed:
            self.judge(status == 0 and self.right(kind, out), "ask", kind, status, out[:200], err[:200])

    def ask_changing(self, writer):
        if writer.has_rule:
            killed, status, out, err = self.command("query", "run", parts_query(writer.table), "--output", "csv")
            if not killed:
                self.judge(status == 0 and out in {parts_answer(rows) for rows in set(writer.ever)},
                           "ask", writer.table, status, out[:200], err[:200])


class Writer(Client):
    """Changes a table of its own, version by version, and knows which states it may be in.

    A state is the rows of each version that stands, newest first. An upload that was killed may still become
    visible a moment later, until the next one does: those are `late`.
    """

    def __init__(self, number, members, tally, keeps_table):
        super().__init__(number, members, tally)
        self.table = f"churn_{number}"
        self.keeps_table = keeps_table # so that others can ask it at any time
        self.states = {()}
        self.late = []
        self.ever = set() # how many rows it may ever have shown
        self.has_rule = False
        self.next_id = 0
        self.member.write(f"{self.table}.rule.json", RULE)

    def possible(self):
        found = set()
        for count in range(len(self.late) + 1):
            for chosen in itertools.combinations(self.late, count):
                for state in self.states:
                    for append, rows in chosen:
                        state = ((state[0] if append and state else 0) + rows, *state)
                    found.add(state)
        return found

    def settle_on(self, states):
        self.states = states
        self.ever |= {state[0] for state in self.possible() if state}

    def versions(self):
        """[version, state, rows, …] of those that stand, newest first; none when there is no table."""
        answer = self.member.run("table", "versions", self.table, "--output", "csv", "--collab", "lab", timeout=PATIENCE)
        rows = [line.replace('"', "").split(",") for line in answer.out.splitlines()[1:]]
        standing = [row for row in rows if row[1] in ("current", "kept")]
        state = tuple(int(row[2]) for row in standing)
        if self.judge(state in self.possible(), "versions", self.table, state, self.states, self.late, answer.err):
            self.settle_on({state})
        return standing

    def upload(self, append):
        rows = self.chance.randrange(2, ROWS // PARTS) * PARTS # no group under the minimum
        self.member.write(f"{self.table}.csv", table_text(self.next_id, rows))
        self.next_id += rows
        self.ever |= {rows + (state[0] if append else 0) for state in self.possible() if state or not append}
        killed, status, _, err = self.command(
            "table", "upload", self.table, f"{self.table}.csv", "--schema", "parts.json", "--secret-file", "secret.key",
            "--memory", "64M", "--threads", "1", *(["--append"] if append else []), gentle=len(self.late) > 1)
        if killed:
            self.late.append((append, rows))
            self.settle_on(self.states)
        elif self.judge(status == 0, "upload", self.table, append, status, err[:300], self.late):
            after = {((state[0] if append else 0) + rows, *state) for state in self.possible() if state or not append}
            self.late = []
            self.settle_on(after)
            self.tally.add("appends" if append else "uploads")

    def delete(self, *what, gentle):
        killed, status, out, err = self.command("table", "delete", self.table, *what, "--yes", gentle=gentle)
        if killed: # again, so that what it did is done now
            again = self.member.run("table", "delete", self.table, *what, "--yes", "--collab", "lab", timeout=PATIENCE)
            self.judge(again.status == 0 or "has no version" in again.err, "delete", self.table, what, again)
        else:
            self.judge(status == 0, "delete", self.table, what, status, out, err)
            self.tally.add("erased within the call" if "are erased from" in out else "erased later")

    def delete_some(self):
        standing = self.versions()
        if self.chance.random() < 0.5 and len(standing) > 1:
            number = self.chance.randrange(2) # the current version, or the one before it
            self.delete("--version", standing[number][0], gentle=False)
            self.settle_on({state[:-1 - at] + state[len(state) - at:] for state in self.possible()
                            for at in [len(standing) - 1 - number] if len(state) >= len(standing)})
        else:
            self.delete("--old", gentle=True)
            self.settle_on({state[:cut] for state in self.possible() for cut in range(1, len(state) + 1)})
        self.versions()

    def delete_table(self):
        self.has_rule = False
        self.delete(gentle=True)
        self.late = []
        self.settle_on({()})

    def set_rule(self):
        answer = self.member.run("table", "rule", self.table, f"{self.table}.rule.json", "--collab", "lab", timeout=PATIENCE)
        self.has_rule = self.judge(answer.status == 0, "rule", self.table, answer)

    def ask(self):
        killed, status, out, err = self.command("query", "run", parts_query(self.table), "--output", "csv")
        if not killed:
            fitting = {state for state in self.possible() if state and out == parts_answer(state[0])}
            self.judge(status == 0 and fitting, "ask", self.table, self.states, self.late, status, out[:200], err[:200])

    def step(self):
        is_there = all(self.states) and () not in self.states
        kind = self.chance.random()
        if is_there and max(map(len, self.states)) > MOST_VERSIONS:
            self.delete_some()
        elif not is_there or kind < 0.4:
            self.upload(append=False)
        elif kind < 0.75:
            self.upload(append=True)
        elif kind < 0.95 or self.keeps_table:
            self.delete_some()
        else:
            self.delete_table()
        if () not in self.states:
            if not self.has_rule:
                self.set_rule()
            self.ask()


class Staller(Client):
    """Stops its commands halfway and never goes on; they are killed at the end, or after a minute."""

    def step(self):
        chance = self.chance
        process = (self.member.start("query", "run", WIDE_QUERY, "--output", "csv", "--collab", "lab") if chance.random() < 0.5 else
                   self.member.start("table", "upload", f"stalled_{self.number}", "wide.csv", "--schema", "parts.json",
                                     "--secret-file", "secret.key", "--collab", "lab", "--threads", "1"))
        self.moment(process)
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            self.tally.add("stopped for good")
            until = min(self.until, time.monotonic() + 60)
            while time.monotonic() < until:
                time.sleep(0.5)
            process.kill()
        process.communicate()
