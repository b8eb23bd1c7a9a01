"""The figures of Sealroom, each beside a baseline measured in the same run: run it as scripts/bench.

Figures are CPU seconds of the processes concerned and medians; what was made is opened and compared, so that skipped
work fails. What is compared takes turns, so that whatever slows the machine slows both.
"""

import argparse
import csv
import hashlib
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ARGUMENTS = sys.argv[1:]
sys.argv[1:] = ARGUMENTS[:1] # the harness takes the first word, the folder of the build
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
from overlap_group import Peak, Wrong, bench_overlap # noqa: E402
from harness import LAB_FLAGS, SEALROOM, BINARY, Member, aggregation_rule, room, schema, share_secret # noqa: E402

RUNS = 3
ID = "12345678-1234-1234-1234-1234567890ab"
OPEN = {"allowCleartext": True, "allowDuplicates": True, "allowJoinsOnColumnsWithDifferentNames": False,
        "preserveNulls": True}
TABLE = schema(("email", "fingerprint"), ("amount", "cleartext", {"dataType": "BIGINT"}), ("note", "sealed"))
TICKS = os.sysconf("SC_CLK_TCK")


class Board:
    """Collects figures. `aim`, `most` and `least` are bounds of the ratio or, without a baseline, of the value: what it
    should be, and what it must not go beyond or fall below (--check)."""

    def __init__(self, as_json):
        self.as_json, self.failed = as_json, []
        if not as_json:
            print(f"{'name':56} {'value':>10} {'unit':8} {'baseline':>12} {'ratio':>6} {'aim':>6} {'bound':>6}")

    def add(self, name, value, unit, baseline=None, *, aim=None, most=None, least=None):
        ratio = None if baseline is None else value / baseline
        measured = value if ratio is None else ratio
        if most is not None and measured > most:
            self.failed.append(f"{name}: {measured:.2f} is beyond {most}")
        if least is not None and measured < least:
            self.failed.append(f"{name}: {measured:.2f} is below {least}")
        if self.as_json:
            print(json.dumps({"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio}), flush=True)
            return
        show = lambda number, digits: "" if number is None else f"{number:,.{digits}f}"
        bound = lambda number: "" if number is None else f"{number:g}"
        digits = 0 if value >= 1000 else 1 if value >= 10 else 3
        print(f"{name:56} {show(value, digits):>10} {unit:8} {show(baseline, digits):>12} {show(ratio, 2):>6} "
              f"{bound(aim):>6} {bound(least if most is None else most):>6}", flush=True)


# ---- processes -----------------------------------------------------------------------------------

def run(words, folder, environment):
    """CPU seconds and peak KiB of one process."""
    process = subprocess.Popen([str(word) for word in words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak = Peak(process.pid)
    err = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Wrong(f"{' '.join(map(str, words))}: {err}")
    return usage.ru_utime + usage.ru_stime, peak.end()


def cpu_of(server):
    """CPU seconds of the server and of its children that have ended."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / TICKS


def baseline(*words):
    done = subprocess.run([BINARY / "bin/baselines", *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Wrong(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- tables --------------------------------------------------------------------------------------

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def write_table(path, rows, first=0):
    """Unique e-mail, number, text of 40 characters; nothing constant, nothing ordered."""
    chance = random.Random(first + rows)
    with open(path, "w") as out:
        out.write("email,amount,note\n")
        for row in range(first, first + rows):
            bits = chance.getrandbits(160)
            out.write(f"person{row * 7919 % 99_999_989}.{row}@example.com,{bits % 1_000_000},{bits:040x}\n")


def digest_of(path, names):
    """The rows of these columns, in whatever order, as a number; and how many."""
    total = rows = 0
    with open(path, newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        places = [header.index(name) for name in names]
        for row in reader:
            text = ",".join([row[place] for place in places]).encode()
            total += int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
            rows += 1
    return total % (1 << 64), rows


# ---- encrypt -------------------------------------------------------------------------------------

def offline(folder):
    (folder / "flags.json").write_text(json.dumps(OPEN))
    (folder / "schema.json").write_text(json.dumps(TABLE))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    run([SEALROOM, "keys", "new", "secret.key"], folder, environment)
    return environment


def encrypt(folder, environment, name):
    """Reading, ordering, writing and fsync included."""
    return run([SEALROOM, "encrypt", name, "--schema", "schema.json", "--id", ID, "--flags", "flags.json", "--secret-file",
                "secret.key", "--output", "out.csv", "--overwrite", "--quiet"], folder, environment)


def check_encrypted(folder, environment, name):
    run([SEALROOM, "decrypt", "out.csv", "--id", ID, "--secret-file", "secret.key", "--output",
         "opened.csv", "--overwrite", "--quiet"], folder, environment)
    if digest_of(folder / name, ("amount", "note")) != digest_of(folder / "opened.csv", ("amount", "note")):
        raise Wrong("what was encrypted does not open to what went in")
    with open(folder / "out.csv") as out:
        emails = {line.split(",", 1)[0] for line in out}
    if len(emails) != digest_of(folder / name, ("email",))[1] + 1:
        raise Wrong("fingerprints are missing")


def bench_encrypt(board, folder, rows):
    environment = offline(folder)
    write_table(folder / "in.csv", rows)
    write_table(folder / "in4.csv", 4 * rows)
    runs, bare, large = [], [], []
    for _ in range(RUNS):
        runs.append(encrypt(folder, environment, "in.csv"))
        bare.append(baseline("cells", folder / "in.csv")[0]["cpu"])
        large.append(encrypt(folder, environment, "in4.csv"))
    for name in ("in4.csv", "in.csv"):
        encrypt(folder, environment, name)
        check_encrypted(folder, environment, name)
    cpu, bare = statistics.median(run[0] for run in runs), statistics.median(bare)
    board.add("encrypt: rows a CPU second", rows / cpu, "rows/s", rows / bare)
    board.add("encrypt: CPU beside the bare cost of its cells", cpu, "CPU s", bare)
    peaks = [statistics.median(run[1] for run in of) / 1024 for of in (large, runs)]
    fills = rows >= 1_000_000 # fewer do not fill what the client may use
    board.add(f"encrypt: peak memory, {4 * rows:,} rows beside {rows:,}", peaks[0], "MiB", peaks[1],
              most=1.2 if fills else None)


# ---- upload and ask ------------------------------------------------------------------------------

def members_of(server):
    left, right = Member(server, "publisher"), Member(server, "advertiser")
    share_secret(left, right)
    left.must("collab", "create", "bench", *LAB_FLAGS)
    left.must("collab", "invite", "bench", "advertiser")
    right.must("collab", "accept", "bench")
    return left, right


def upload(member, table, name, *more):
    return run([SEALROOM, "table", "upload", table, name, "--schema", "schema.json", "--secret-file", "secret.key", *more],
               member.folder, member.environment)[0]


def give_rule(member, table):
    member.write("rule.json", aggregation_rule(2, join=("email",), aggregates=[
        (["amount"], "SUM"), (["email"], "COUNT_DISTINCT")]))
    member.must("table", "rule", table, "rule.json")


def bench_upload(board, server, members, rows):
    """A file that is encrypted already, so that nothing but reading, sending and storing counts."""
    member = members[0]
    write_table(member.folder / "in.csv", rows)
    member.write("schema.json", TABLE)
    member.must("encrypt", "in.csv", "--schema", "schema.json", "--collab", "bench", "--secret-file", "secret.key",
                "--output", "sent.csv", timeout=600)
    size, fixed = 0, 32 + 103 # raw cells: the fingerprint, and nonce, IV, padded text and tag
    with open(member.folder / "sent.csv", newline="") as sent:
        reader = csv.reader(sent)
        place = next(reader).index("amount")
        size = sum(fixed + len(row[place]) for row in reader)
    runs, plain = [], []
    for at in range(RUNS):
        before = cpu_of(server)
        client = upload(member, f"sent{at}", "sent.csv", "--encrypted")
        runs.append(client + cpu_of(server) - before)
        plain.append(baseline("tls", size)[0]["cpu"])
    give_rule(member, "sent0")
    want = sum(int(row["amount"]) for row in csv.DictReader(open(member.folder / "in.csv")))
    answer = member.must("query", "run", "SELECT SUM(amount) AS a, COUNT(DISTINCT email) AS n FROM sent0", "--output", "csv")
    if answer.out.split() != ["a,n", f"{want},{rows}"]:
        raise Wrong(f"what was uploaded is not what is stored: {answer!r}")
    board.add("upload: MB a CPU second (client and server)", size / 1e6 / statistics.median(runs), "MB/s",
              size / 1e6 / statistics.median(plain))


def timed(member, command, count, is_right):
    """Milliseconds over the whole path: program, TLS, seven stages, answer."""
    runs = []
    for _ in range(count):
        start = time.perf_counter()
        answer = member.must(*command)
        runs.append((time.perf_counter() - start) * 1000)
        if not is_right(answer):
            raise Wrong(f"{command}: {answer!r}")
    return sorted(runs)


def timed_query(member, query, count, want):
    return timed(member, ("query", "run", query, "--output", "csv"), count, lambda answer: answer.out.split() == want)


def bench_join_count(board, server, member, rows):
    question = "SELECT COUNT(DISTINCT a.email) AS n FROM audience a JOIN buyers b ON a.email = b.email"
    count = ("overlap", "count", "audience", "buyers", "--output", "json")
    runs, before, common = 21, cpu_of(server), rows - rows // 2
    walls = timed_query(member, question, runs, ["n", str(common)])
    board.add(f"ask: overlap of {rows:,} x {rows:,}, p50", statistics.median(walls), "ms", aim=100)
    board.add(f"ask: overlap of {rows:,} x {rows:,}, server", (cpu_of(server) - before) * 1000 / runs, "CPU ms")
    timed(member, count, 1, lambda answer: answer.json()["subjects"] == common)
    before = cpu_of(server)
    walls = timed(member, count, runs, lambda answer: answer.json()["subjects"] == common and answer.json()["fromMemory"])
    board.add("ask: overlap count, the same again, p50", statistics.median(walls), "ms", aim=100)
    board.add("ask: overlap count, the same again, server", (cpu_of(server) - before) * 1000 / runs, "CPU ms")


def bench_ask(board, server, members, rows):
    for number, (count, figures) in enumerate(zip((1, 3, 6), baseline("ask", rows, "1,3,6"))):
        of = f"{count} aggregate{'s' if count > 1 else ''}"
        board.add(f"ask: join and group, {of}", figures["token"], "CPU s", figures["number"], aim=1.1, most=1.5)
        board.add(f"ask: the same with hidden counts, {of}", figures["hidden"], "CPU s", figures["number"])
        board.add(f"ask: the same, keys may repeat, {of}", figures["unknown"], "CPU s", figures["number"])
    left, right = members
    for member, table, first, size in ((left, "audience", 0, rows), (right, "buyers", rows // 2, rows),
                                       (left, "few", 0, 1000), (right, "others", 500, 1000)):
        member.write("schema.json", TABLE)
        write_table(member.folder / f"{table}.csv", size, first)
        upload(member, table, f"{table}.csv")
        give_rule(member, table)
    small = timed_query(right, "SELECT COUNT(DISTINCT a.email) AS n FROM few a JOIN others b ON a.email = b.email", 100, ["n", "500"])
    board.add("ask: small query, p50", statistics.median(small), "ms")
    board.add("ask: small query, p99", small[98], "ms")
    bench_join_count(board, server, right, rows)


# ---- the groups ----------------------------------------------------------------------------------

GROUPS = ("encrypt", "overlap", "upload", "ask")


def measure(board, groups, rows):
    if "encrypt" in groups:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sealroom-bench-"))
        try:
            bench_encrypt(board, folder, rows)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if "overlap" in groups:
        bench_overlap(board, rows, time.monotonic)
    if not {"upload", "ask"} & set(groups):
        return
    with room() as server:
        members = members_of(server)
        if "upload" in groups:
            bench_upload(board, server, members, rows)
        if "ask" in groups:
            bench_ask(board, server, members, rows)


def main():
    words = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    words.add_argument("group", nargs="?", choices=GROUPS, help="default: all")
    words.add_argument("--json", action="store_true", help="one object a line")
    words.add_argument("--check", action="store_true", help="fail when a figure is past its least")
    words.add_argument("--rows", type=int, default=1_000_000, metavar="N", help="default: 1000000")
    asked = words.parse_args(ARGUMENTS[1:])
    board = Board(asked.json)
    try:
        measure(board, [asked.group] if asked.group else GROUPS, asked.rows)
    except Wrong as wrong:
        sys.exit(f"bench: {wrong}")
    for line in board.failed:
        print(f"bench: {line}", file=sys.stderr)
    sys.exit(1 if asked.check and board.failed else 0)


main()
