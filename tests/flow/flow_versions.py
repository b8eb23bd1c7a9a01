"""Versions of a table: replaced, appended to, taken back, deleted; and what is deleted is in no file."""

import random
import re
import signal

from harness import Report, aggregation_rule, lab, room, schema, upload
from peers import RawClient, batch, begin, cells, commit

ROWS = 2000
SCHEMA = schema(("user_id_hash", "fingerprint"), ("mark", "cleartext"), ("wave", "cleartext"))
QUERY = ("SELECT o.wave, COUNT(DISTINCT o.user_id_hash) AS users FROM orders o "
         "JOIN publisher_audience p ON o.user_id_hash = p.user_id_hash GROUP BY o.wave ORDER BY o.wave")
KNOWN = ("aaa111", "bbb222", "ccc333", "ddd444", "eee555") # the publisher's users


def write_wave(member, wave, known):
    """Rows with marks of their own, and `known` users of the partner; gives the marks."""
    draw = random.Random(wave)
    marks = ["".join(draw.choices("0123456789abcdefghijklmnopqrstuvwxyz", k=40)) for _ in range(ROWS)]
    users = list(KNOWN[:known]) + [f"{wave}-{row}" for row in range(ROWS - known)]
    lines = [f"{user},{mark},{wave}\n" for user, mark in zip(users, marks)]
    member.write(f"{wave}.csv", "user_id_hash,mark,wave\n" + "".join(lines))
    return marks


def found_in_files(server, marks):
    """How many of the marks stand in any file of the server's data directory. DuckDB may pack texts: the first
    check of each wave is that its marks are found while it is stored."""
    wanted = {mark[:24].encode() for mark in marks}
    hits = set()
    for path in server.data.rglob("*"):
        if path.is_file():
            for run in re.findall(rb"[0-9a-z]{24,}", path.read_bytes()):
                hits |= wanted.intersection(run[at:at + 24] for at in range(len(run) - 23))
    return len(hits)


def versions_of(member, table="orders"):
    rows = member.must("table", "versions", table, "--output", "csv").out.splitlines()[1:]
    return [tuple(row.replace('"', '').split(",")[:4]) for row in rows]


def counts(member):
    return member.must("query", "run", QUERY, "--output", "csv").out.splitlines()[1:]


def actions(member):
    return [record["action"] for record in member.must("audit", "list", "--output", "json").json()["records"]]


def check_three_waves(report, server, publisher, advertiser, marks):
    upload(advertiser, "orders", "first.csv", SCHEMA)
    advertiser.write("orders.rule.json", aggregation_rule(
        2, dimensions=["wave"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT")]))
    advertiser.must("table", "rule", "orders", "orders.rule.json")
    report.check(counts(advertiser) == ["first,3"], "the first version answers", counts(advertiser))
    report.check(found_in_files(server, marks["first"]) > ROWS // 2, "and its marks are found in the files",
                 found_in_files(server, marks["first"]))
    upload(advertiser, "orders", "second.csv", SCHEMA)
    report.check(counts(advertiser) == ["second,4"], "uploading again replaces", counts(advertiser))
    answer = upload(advertiser, "orders", "third.csv", SCHEMA, "--append")
    report.check(answer.status == 0 and f"with those of the version before: {2 * ROWS} rows" in answer.out,
                 "--append adds to the current version and says so", answer)
    report.check(counts(advertiser) == ["second,4", "third,5"], "and queries see both", counts(advertiser))
    expected = [("3", "current", str(2 * ROWS), "2"), ("2", "kept", str(ROWS), ""), ("1", "kept", str(ROWS), "")]
    report.check(versions_of(advertiser) == expected, "the versions are listed", versions_of(advertiser))


def check_strangers(report, publisher, advertiser):
    for command in (("table", "versions", "orders"), ("table", "delete", "orders", "--yes"),
                    ("table", "delete", "orders", "--old", "--yes")):
        answer = publisher.run(*command)
        report.check(answer.status != 0 and answer.one_line and "belongs to another member" in answer.err,
                     f"a partner may not: {' '.join(command)}", answer)
    answer = upload(publisher, "nothing", "publisher_audience.csv",
                    schema(("user_id_hash", "fingerprint"), ("segment", "cleartext")), "--append")
    report.check(answer.status != 0 and answer.one_line, "nothing can be appended to no table", answer)
    answer = advertiser.run("table", "delete", "orders")
    report.check(answer.status == 0 and "Nothing was deleted yet" in answer.out and len(versions_of(advertiser)) == 3,
                 "without --yes nothing is deleted", answer)
    answer = advertiser.run("table", "delete", "orders", "--version", "1", "--old", "--yes")
    report.check(answer.status == 2 and answer.one_line, "--version and --old together are refused", answer)
    answer = advertiser.run("table", "delete", "orders", "--version", "9", "--yes")
    report.check(answer.status == 1 and "has no version 9" in answer.err, "so is a version that is not there", answer)


def check_deleting(report, server, advertiser, marks):
    answer = advertiser.must("table", "delete", "orders", "--version", "1", "--yes")
    report.check("erased" in answer.out, "an old version is deleted and erased", answer)
    report.check(found_in_files(server, marks["first"]) == 0, "none of its marks is in any file")
    report.check(found_in_files(server, marks["second"]) > ROWS // 2, "those of the others are")
    report.check(counts(advertiser) == ["second,4", "third,5"], "and answers are the same", counts(advertiser))
    advertiser.must("table", "delete", "orders", "--version", "3", "--yes")
    report.check(counts(advertiser) == ["second,4"], "deleting the current version brings back the one before")
    report.check(found_in_files(server, marks["third"]) == 0, "and erases only what was appended")
    states = [(version, state) for version, state, _, _ in versions_of(advertiser)]
    report.check(states == [("3", "erased"), ("2", "current"), ("1", "erased")], "the list tells what became of each",
                 states)
    answer = advertiser.run("table", "delete", "orders", "--version", "2", "--yes")
    report.check(answer.status == 1 and answer.one_line and "the only one" in answer.err,
                 "the only version cannot be deleted without its table", answer)
    answer = advertiser.must("table", "delete", "orders", "--old", "--yes")
    report.check("nothing to delete" in answer.out, "there is no old version left", answer)


def check_table_gone(report, server, publisher, advertiser, marks):
    advertiser.must("table", "delete", "orders", "--yes")
    report.check(found_in_files(server, marks["second"]) == 0, "with the table all its rows are erased")
    answer = advertiser.run("query", "run", QUERY)
    report.check(answer.status != 0 and answer.one_line, "no query can name it any more", answer)
    log = actions(advertiser)
    report.check(log.count("TABLE_DELETED") == 3 and log.count("ROWS_ERASED") == 3, "all of it is on record", log)
    report.check(actions(publisher).count("TABLE_DELETED") == 0, "for the owner alone")
    about = advertiser.must("audit", "list", "--table", "orders", "--output", "json").json()["records"]
    report.check("TABLE_UPLOADED" in [record["action"] for record in about], "records of the deleted table are found")
    answer = upload(publisher, "orders", "publisher_audience.csv",
                    schema(("user_id_hash", "fingerprint"), ("segment", "cleartext")))
    report.check(answer.status != 0 and "another member had a table" in answer.err, "its name stays its owner's", answer)
    server.stop(signal.SIGKILL)
    server.start()
    narrow = schema(("user_id_hash", "fingerprint"), ("wave", "cleartext"))
    answer = upload(advertiser, "orders", "third.csv", narrow)
    report.check(answer.status == 0 and versions_of(advertiser) == [("4", "current", str(ROWS), "")],
                 "who may use it again, with other columns and the next version", answer)
    answer = advertiser.run("query", "run", QUERY)
    report.check(answer.status == 3 and answer.one_line, "but without the old rule", answer)


def check_new_secret(report, publisher, advertiser):
    advertiser.must("keys", "new", "other.key")
    other = ("table", "upload", "orders", "third.csv", "--schema", "orders.schema.json", "--secret-file", "other.key")
    answer = advertiser.run(*other)
    report.check(answer.status != 0 and "key check" in answer.err, "another secret is refused", answer)
    for member, table in ((publisher, "publisher_audience"), (advertiser, "advertiser_audience"),
                          (advertiser, "orders")):
        member.must("table", "delete", table, "--yes")
    answer = advertiser.run(*other)
    report.check(answer.status == 0, "until no encrypted table is left: then members may begin with a new one", answer)


def check_held(report, server, publisher, advertiser):
    """A partner sends a row now and then, for as long as it likes: its upload has the file open."""
    server.configure(erasePatienceSeconds=1)
    marks = write_wave(advertiser, "fourth", 1)
    again = ("table", "upload", "orders", "fourth.csv", "--schema", "orders.schema.json", "--secret-file", "other.key")
    advertiser.must(*again)
    advertiser.must(*again)
    client = RawClient(server)
    slow = client.start("publisher", "owner", "TableService/Upload", begin("held", collaboration="lab"), {"wait": 1}, {"tell": True},
                        {"repeat": 120, "steps": [batch(1, cells([b"x"])), {"sleep": 300}]}, commit(b""))
    client.wait_told(slow)
    answer = advertiser.must("table", "delete", "orders", "--yes")
    report.check("erased from" in answer.out and found_in_files(server, marks) == 0,
                 "an upload that goes on and on does not keep a partner's deleted rows", answer)
    ended = client.wait(slow)
    report.check(ended["status"] == "UNAVAILABLE" and "deleted" in ended["message"], "it ends, and is told why", ended)
    done = client.run("publisher", "owner", "TableService/Upload", begin("held", collaboration="lab"), {"wait": 1},
                      batch(1, cells([b"x"])), commit(b""))
    report.check(done["status"] == "OK", "and succeeds afterwards", done)
    client.close()


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = lab(server)
        marks = {wave: write_wave(advertiser, wave, known)
                 for wave, known in (("first", 3), ("second", 4), ("third", 5))}
        check_three_waves(report, server, publisher, advertiser, marks)
        check_strangers(report, publisher, advertiser)
        check_deleting(report, server, advertiser, marks)
        check_table_gone(report, server, publisher, advertiser, marks)
        check_new_secret(report, publisher, advertiser)
        check_held(report, server, publisher, advertiser)
    report.finish()


main()
