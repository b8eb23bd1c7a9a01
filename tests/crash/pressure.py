"""Fifty clients at once: they upload, append, delete versions and ask. Some are killed, some pause, some crawl, some
stop and never go on. Every answer is right, the server's memory stays under a bound that follows from its
configuration, nothing leaks (memory, descriptors, temporary files), and the server ends in an orderly way.

    python3 pressure.py BINARY_DIR SECONDS [CLIENTS]

The last line is the figures; exit status 0 only when everything held.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
from harness import Failure, Member, lab, room # noqa: E402
from pressure_clients import PARTS, ROWS, RULE, SCHEMA, Asker, Staller, Tally, Writer, parts_answer, parts_query, table_text # noqa: E402
from pressure_watch import Watch # noqa: E402

SECONDS = int(sys.argv[2])
CLIENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 50
MEMBERS = ("publisher", "advertiser", "broker", "agency", "auditor") # ten clients each, of the sixteen calls it may have
ENGINE_MIB = 128 # soon full of cached rows, so that what grows after that is no cache


def live(client, until):
    client.until = until
    try:
        while time.monotonic() < until:
            client.step()
    except (subprocess.TimeoutExpired, OSError) as fault:
        client.tally.blame("hangs", client.number, str(fault)[:300])


def prepare(server):
    """The lab with three members more, and the tables that do not change."""
    owner, partner = lab(server)
    members = [owner, partner]
    for name in MEMBERS[2:]:
        member = Member(server, name)
        owner.must("collab", "invite", "lab", name)
        member.must("collab", "accept", "lab")
        member.write("secret.key", owner.secret.read_text()).chmod(0o600)
        members.append(member)
    for member in members:
        member.write("parts.json", SCHEMA)
        member.write("wide.csv", "id,part\n" + "".join(f"{row},g{row // 2}\n" for row in range(ROWS)))
    owner.write("steady.csv", table_text(0, ROWS))
    owner.write("rule.json", RULE)
    for table in ("steady", "wide"):
        owner.must("table", "upload", table, f"{table}.csv", "--schema", "parts.json", "--secret-file", "secret.key")
        owner.must("table", "rule", table, "rule.json")
    return members


def clients(members, tally):
    """Of ten: one stalls, two change a table that others ask, one changes one and deletes it, six ask."""
    writers = {number: Writer(number, members, tally, number % 10 != 7) for number in range(CLIENTS) if number % 10 in (0, 3, 7)}
    changing = [writer for writer in writers.values() if writer.keeps_table]
    return [writers.get(number) or (Staller(number, members, tally) if number % 10 == 9 else
                                    Asker(number, members, tally, changing)) for number in range(CLIENTS)]


def check_tables(writers):
    """What stands is what was said to be committed, answers are right, and what was deleted is erased."""
    for writer in writers:
        writer.versions()
        if writer.has_rule:
            answer = writer.member.must("query", "run", parts_query(writer.table), "--output", "csv", "--collab", "lab").out
            if answer not in {parts_answer(state[0]) for state in writer.states if state}:
                raise Failure(f"{writer.table} may be {writer.states} and answers {answer!r}")


def check_erased(writers):
    for writer in writers:
        versions = writer.member.run("table", "versions", writer.table, "--output", "csv", "--collab", "lab").out
        if "erasing" in versions:
            raise Failure(f"{writer.table}: nobody works with it, and deleted versions are not erased: {versions}")


def configure(server):
    server.stop()
    path = server.data / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "memoryLimit": f"{ENGINE_MIB}M"}))
    server.start()


def main():
    tally = Tally()
    with room(MEMBERS) as server:
        configure(server)
        members = prepare(server)
        watch = Watch(server, ENGINE_MIB)
        until = time.monotonic() + SECONDS
        crowd = clients(members, tally)
        threads = [threading.Thread(target=live, args=(client, until)) for client in crowd]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            watch.look()
            time.sleep(1)
        if tally.wrong:
            raise Failure(f"{len(tally.wrong)} wrong, the first: {tally.wrong[0]}; {tally.counts}")
        watch.settle()
        writers = [client for client in crowd if isinstance(client, Writer)]
        check_erased(writers)
        check_tables(writers)
        watch.end()
        server.start()
        check_tables(writers)
        watch.end()
        if tally.wrong:
            raise Failure(f"afterwards {len(tally.wrong)} wrong, the first: {tally.wrong[0]}")
    words = ", ".join(f"{count} {what}" for what, count in sorted(tally.counts.items()))
    times = ", ".join(f"{words} {seconds:.1f} s" for words, seconds in sorted(tally.typical.items()))
    print(f"{CLIENTS} clients for {SECONDS} s: {words}; {times}; {watch.figures()}")


main()
