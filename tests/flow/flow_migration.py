"""A data directory that an earlier server left opens today: every archive of tests/vectors/data_directory."""

import json
import tarfile

from harness import SOURCE, Member, Report, room

ARCHIVES = sorted((SOURCE / "tests/vectors/data_directory").glob("*.tar.xz"))
TABLES = (("retailer", "customers"), ("brand", "orders"))


def unpack(archive, folder):
    folder.mkdir(mode=0o700)
    with tarfile.open(archive) as packed:
        packed.extractall(folder)
    for inside in (folder / "server").rglob("*"):
        inside.chmod(0o700 if inside.is_dir() else 0o600)


def ask(member, sql):
    return member.run("query", "run", sql, "--collab", "spring", "--secret-file", "secret.key", "--output", "csv")


def records_of(member):
    return member.must("audit", "list", "--collab", "spring", "--output", "json").json()["records"]


def versions(member):
    tables = member.must("table", "list", "--collab", "spring", "--output", "json").json()["tables"]
    return {table["name"]: (table["owner"], table["version"], table["rows"]) for table in tables}


def as_before(report, members, expected):
    """Tables, records and answers are those of the day the directory was made."""
    seen = versions(members["retailer"])
    wanted = {table["name"]: (table["owner"], table["version"], table["rows"]) for table in expected["tables"]}
    report.check(seen == wanted, "its tables are there, in the same versions", (seen, wanted))
    records = {name: len(records_of(member)) for name, member in members.items()}
    report.check(records == expected["records"], "its audit log is there, record for record", records)
    for answer in expected["answers"]:
        now = ask(members[answer["member"]], answer["sql"])
        report.check(now.status == 0 and now.out == answer["csv"],
                     f"{answer['member']}'s question has the same answer", now)
    refused = ask(members[expected["refused"]["member"]], expected["refused"]["sql"])
    report.check(refused.status == 3 and refused.one_line, "what its rule refused is refused", refused)


def knows_nothing_of_repeats(report, members):
    """It was not counted then: every column of both tables says so, to its owner too."""
    for name, table in TABLES:
        shown = members[name].must("table", "show", table, "--collab", "spring", "--output", "json").json()
        report.check(all(column["repeats"] is None for column in shown["columns"]),
                     f"whether columns of {table} repeat is not known", shown)


def goes_on(report, members, expected):
    """It is a working directory, not an exhibit: uploads, an old invitation, new records."""
    before = versions(members["retailer"])
    for name, table in TABLES:
        done = members[name].run("table", "upload", table, f"{table}.csv", "--collab", "spring",
                                 "--schema", f"{table}.schema.json", "--secret-file", "secret.key")
        now = versions(members["retailer"])
        report.check(done.status == 0 and now[table][1] == before[table][1] + 1,
                     f"a new version of {table} is uploaded with the same secret and key", (done, now))
        shown = members[name].must("table", "show", table, "--collab", "spring", "--output", "json").json()
        repeats = {column["name"]: column["repeats"] for column in shown["columns"]}
        report.check(repeats["email"] in (True, False), f"of the new version of {table} it is known", repeats)
    answer = expected["answers"][0]
    now = ask(members[answer["member"]], answer["sql"])
    report.check(now.status == 0 and now.out == answer["csv"],
                 "and meets yesterday's fingerprints: the answer over new versions is the same", now)
    accepted = members["retailer"].run("collab", "accept", "autumn")
    report.check(accepted.status == 0, "an invitation of that day can be accepted", accepted)
    newest = max(record["number"] for record in records_of(members["retailer"]))
    report.check(newest > max(expected["records"].values()), "and all of that is on record", newest)


def opens_today(report, archive):
    def prepare(folder):
        unpack(archive, folder)

    with room(("retailer", "brand"), prepare) as server:
        expected = json.loads((server.folder / "expected.json").read_text())
        print(f"{archive.name}: made at {expected['commit']}, {expected['how']}")
        members = {name: Member(server, name) for name in ("retailer", "brand")}
        as_before(report, members, expected)
        knows_nothing_of_repeats(report, members)
        goes_on(report, members, expected)
        report.check(server.stop() == 0, "the server stops cleanly")
        server.start()
        answer = expected["answers"][1]
        again = ask(members[answer["member"]], answer["sql"])
        report.check(again.status == 0 and again.out == answer["csv"], "and opens it once more", again)


def main():
    report = Report()
    report.check(len(ARCHIVES) >= 2, "there are archives to open", ARCHIVES)
    for archive in ARCHIVES:
        opens_today(report, archive)
    report.finish()


main()
