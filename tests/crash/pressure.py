"""Fifty clients at once, uploading and asking; some are killed, some stall. Every answer is right, the
server's memory is bounded, and it stops in an orderly way.

    python3 pressure.py BINARY_DIR SECONDS [CLIENTS]

The last line is the figures; exit status 0 only when everything held.
"""

import pathlib
import random
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
from harness import LAB_QUERY, Failure, aggregation_rule, lab, room, schema # noqa: E402

SECONDS = int(sys.argv[2])
CLIENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 50
ROWS = 20000
WANTED = "campaign,users\nspring_launch,2\n"
PARTS = "part,n\n" + "".join(f"p{part},{ROWS // 5}\n" for part in range(5))


class Tally:
    """What the clients did; shared by their threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}
        self.wrong = []

    def add(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def blame(self, what):
        with self.lock:
            self.wrong.append(what)


def disturb(chance, process):
    """Kills one client in eight, stalls one in eight for a while; true when it was killed."""
    fate = chance.random()
    if fate > 0.25:
        return False
    time.sleep(chance.random() * 0.4)
    if process.poll() is not None:
        return False
    if fate < 0.125:
        process.kill()
        return True
    process.send_signal(signal.SIGSTOP)
    time.sleep(1 + chance.random() * 3)
    process.send_signal(signal.SIGCONT)
    return False


def ask(member, tally, chance):
    big = chance.random() < 0.5
    sql = "SELECT part, COUNT(DISTINCT id) AS n FROM steady GROUP BY part ORDER BY part" if big else LAB_QUERY
    process = member.start("query", "run", sql, "--output", "csv", "--collab", "lab")
    killed = disturb(chance, process)
    out, err = process.communicate(timeout=120)
    if killed:
        tally.add("asks killed")
    elif process.returncode != 0 or out != (PARTS if big else WANTED):
        tally.blame(("ask", process.returncode, out[:200], err[:200]))
    else:
        tally.add("asks right")


def upload(member, table, tally, chance):
    process = member.start("table", "upload", table, "churn.csv", "--schema", "churn.json", "--secret-file", "secret.key",
                           "--collab", "lab", "--memory", "64M", "--threads", "1")
    killed = disturb(chance, process)
    _, err = process.communicate(timeout=120)
    if killed:
        tally.add("uploads killed")
    elif process.returncode != 0:
        tally.blame(("upload", process.returncode, err[:200]))
    else:
        tally.add("uploads done")


def client(number, members, tally, until):
    chance = random.Random(number)
    while time.monotonic() < until:
        member = members[number % 2]
        if number % 5 == 0:
            upload(member, f"churn_{number}", tally, chance)
        else:
            ask(member, tally, chance)


def resident(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def prepare(members):
    table = "id,part\n" + "".join(f"{row},p{row % 5}\n" for row in range(ROWS))
    document = schema(("id", "fingerprint"), ("part", "cleartext"))
    for member in members:
        member.write("churn.csv", table)
        member.write("churn.json", document)
    owner = members[0]
    owner.must("table", "upload", "steady", "churn.csv", "--schema", "churn.json", "--secret-file", "secret.key")
    owner.write("steady.rule.json", aggregation_rule(2, join=("id",), dimensions=["part"],
                                                     aggregates=[(["id"], "COUNT_DISTINCT")]))
    owner.must("table", "rule", "steady", "steady.rule.json")


def main():
    tally = Tally()
    with room() as server:
        members = lab(server)
        prepare(members)
        until = time.monotonic() + SECONDS
        threads = [threading.Thread(target=client, args=(number, members, tally, until)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        memory = []
        while any(thread.is_alive() for thread in threads):
            memory.append(resident(server))
            time.sleep(1)
        if tally.wrong:
            raise Failure(f"{len(tally.wrong)} wrong, the first: {tally.wrong[0]}")
        half, end = max(memory[:len(memory) // 2 or 1]), max(memory)
        status = server.stop()
        if status != 0:
            raise Failure(f"the server ended with {status}:\n" + server.log.read_text(errors="replace")[-3000:])
    words = ", ".join(f"{count} {what}" for what, count in sorted(tally.counts.items()))
    print(f"{CLIENTS} clients for {SECONDS} s: {words}; server memory at most {half} MB in the first half, {end} MB in all")


main()
