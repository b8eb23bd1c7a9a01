"""Bad input: one clear line, the right exit status, nothing half done."""

import json
import subprocess

from harness import (LAB_QUERY, SEALROOMD, Member, Report, aggregation_rule, lab, room, schema, upload)

GOOD = schema(("user_id_hash", "fingerprint"), ("segment", "cleartext"))


def refused(report, answer, status, sentence, *words):
    report.check(answer.status == status and answer.one_line and all(word in answer.err for word in words),
                 sentence, answer)


def check_files(report, publisher):
    versions = lambda: [(table["name"], table["version"]) for table in
                        publisher.must("table", "list", "--output", "json").json()["tables"]]
    before = versions()
    refused(report, upload(publisher, "t1", "missing.csv", GOOD), 1, "a missing file", "missing.csv")
    publisher.write("ragged.csv", "user_id_hash,segment\na,b\nc\n")
    refused(report, upload(publisher, "t1", "ragged.csv", GOOD), 1, "a ragged row, by number", "ragged.csv", "row 2")
    (publisher.folder / "bytes.csv").write_bytes(b"user_id_hash,segment\na,b\nc,\xff\xfe\n")
    refused(report, upload(publisher, "t1", "bytes.csv", GOOD), 1, "bad UTF-8, by row", "bytes.csv", "UTF-8", "row 2")
    publisher.write("fine.csv", "user_id_hash,segment\na,b\n")
    refused(report, upload(publisher, "t1", "fine.csv", schema(("nope", "fingerprint"))), 1,
            "an unknown column in the schema", "nope")
    refused(report, upload(publisher, "t1", "fine.csv", {"headerRow": True, "columns": [{"sourceHeader": "a", "type": "magic"}]}),
            1, "an unknown type in the schema", "magic")
    publisher.write("broken.json", '{"headerRow": true,')
    refused(report, publisher.run("table", "upload", "t1", "fine.csv", "--schema", "broken.json", "--secret-file", "secret.key"),
            1, "a schema that is not JSON", "broken.json", "line")
    publisher.write("number.csv", "user_id_hash,n\na,12\nb,4x4secret\n")
    typed = schema(("user_id_hash", "fingerprint"), ("n", "cleartext", {"dataType": "INTEGER"}))
    answer = upload(publisher, "t1", "number.csv", typed)
    refused(report, answer, 1, "a value that is not of its type, by row and column", "row 2", '"n"')
    report.check("4x4secret" not in answer.err, "and without the value", answer)
    report.check(versions() == before, "none of these left a table behind", versions())


def check_secrets(report, publisher, advertiser):
    advertiser.must("keys", "new", "other.key")
    advertiser.write("s.json", schema(("user_id_hash", "fingerprint"), ("campaign", "cleartext")))
    answer = advertiser.run("table", "upload", "wrong", "advertiser_audience.csv", "--schema", "s.json", "--secret-file", "other.key")
    refused(report, answer, 1, "a wrong secret is said at upload, by the key check value", "secret")
    (advertiser.folder / "other.key").chmod(0o644)
    answer = advertiser.run("table", "upload", "wrong", "advertiser_audience.csv", "--schema", "s.json", "--secret-file", "other.key")
    refused(report, answer, 1, "a secret file that others may read", "other.key")
    advertiser.write("short.key", "c2hvcnQ=\n").chmod(0o600)
    answer = advertiser.run("table", "upload", "wrong", "advertiser_audience.csv", "--schema", "s.json", "--secret-file", "short.key")
    refused(report, answer, 1, "a secret that is too short")
    report.check("c2hvcnQ" not in answer.err, "never shows it", answer)
    answer = advertiser.run("table", "upload", "wrong", "advertiser_audience.csv", "--schema", "s.json")
    refused(report, answer, 1, "no secret at all", "secret")


def check_rules(report, publisher, advertiser):
    cases = (
        ("a rule naming a column that is not there",
         aggregation_rule(2, dimensions=["nowhere"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT")]), ("nowhere", "dimensionColumns")),
        ("a rule summing a fingerprint",
         aggregation_rule(2, dimensions=["segment"], aggregates=[(["user_id_hash"], "SUM")]), ("user_id_hash", "aggregateColumns")),
        ("a rule with a minimum of 1", aggregation_rule(1, dimensions=["segment"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT")]),
         ("minimum",)),
        ("a rule with a field that is not enforced",
         aggregation_rule(2, dimensions=["segment"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT")], newField=1), ("newField",)),
        ("a rule of another kind", {"analysisRuleType": "MAGIC", "analysisRulePolicy": {"v1": {}}}, ("MAGIC",)),
    )
    for sentence, rule, words in cases:
        publisher.write("bad_rule.json", rule)
        refused(report, publisher.run("table", "rule", "publisher_audience", "bad_rule.json"), 1, sentence, *words)
    answer = advertiser.must("query", "run", LAB_QUERY, "--output", "csv")
    report.check(answer.out == "campaign,users\nspring_launch,2\n", "the rule in force is still the old one", answer)


def check_rooms(report, publisher, advertiser, outsider):
    refused(report, outsider.run("table", "list", "--collab", "lab"), 1, "a stranger's collaboration is not there", "lab")
    stranger = outsider.run("table", "list", "--collab", "lab").err
    nobody = outsider.run("table", "list", "--collab", "nosuch").err
    report.check(stranger.replace('"lab"', "X") == nobody.replace('"nosuch"', "X"),
                 "in the same words as one that does not exist", (stranger, nobody))
    publisher.must("collab", "create", "second", "--allowCleartext", "--allowDuplicates", "--preserveNulls")
    refused(report, publisher.run("table", "show", "publisher_audience", "--collab", "second"), 1,
            "a table of another collaboration is not there", "publisher_audience")
    refused(report, publisher.run("table", "list"), 2, "two collaborations and none named", "--collab")
    outsider.must("collab", "create", "own", "--allowCleartext")
    refused(report, publisher.run("collab", "invite", "second", "Bad Name!"), 1, "a malformed member name")
    publisher.must("collab", "invite", "second", "outsider")
    refused(report, outsider.run("table", "list", "--collab", "second"), 1, "an invitation that is not accepted yet", "accept")
    answer = publisher.run("query", "run", "SELECT COUNT(*) FROM publisher_audience", "--collab", "second")
    refused(report, answer, 3, "a query on a table of another collaboration", "publisher_audience")


def check_nulls(report, publisher):
    publisher.write("nulls.csv", "user_id_hash,segment\n,news\n,news\na,news\nb,sports\nc,sports\n")
    answer = upload(publisher, "nulls", "nulls.csv", GOOD, "--collab", "lab")
    report.check(answer.status == 0, "a table with NULL subjects is accepted", answer)
    publisher.write("rule.json", aggregation_rule(2, dimensions=["segment"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT")]))
    publisher.must("table", "rule", "nulls", "rule.json", "--collab", "lab")
    answer = publisher.must("query", "run", "SELECT segment, COUNT(DISTINCT user_id_hash) AS n FROM nulls GROUP BY segment",
                            "--output", "csv", "--collab", "lab")
    report.check(answer.out == "segment,n\nsports,2\n", "but a NULL is never a subject: one person and two NULLs stay under 2", answer)


def check_server(report, server, publisher):
    port = server.address.rsplit(":", 1)[1]
    other = server.folder.parent / "other"
    done = subprocess.run([SEALROOMD, "--dev", other, "--listen", f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=60)
    report.check(done.returncode == 1 and port in done.stderr and len(done.stderr.strip().splitlines()) == 1,
                 "a port in use: one line, exit status 1", (done.returncode, done.stderr))
    done = subprocess.run([SEALROOMD, "--dev", server.folder, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    report.check(done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1,
                 "a second server over the same data folder", (done.returncode, done.stderr))
    profile = json.loads((publisher.folder / "profile.json").read_text())
    profile["server"] = "127.0.0.1:1"
    path = publisher.write("nowhere.json", profile)
    refused(report, publisher.run("ping", "--profile", path), 1, "a server that is not there", "127.0.0.1:1")
    refused(report, publisher.run("ping", "--profile", "no-such.json"), 1, "a profile that is not there", "no-such.json")
    refused(report, publisher.run("tabel", "list"), 2, "a misspelt command", "table")
    refused(report, publisher.run("table", "list", "--colab", "lab"), 2, "a misspelt option", "--collab")


def main():
    report = Report()
    with room(("publisher", "advertiser", "outsider")) as server:
        publisher, advertiser = lab(server)
        outsider = Member(server, "outsider")
        check_files(report, publisher)
        check_secrets(report, publisher, advertiser)
        check_rules(report, publisher, advertiser)
        check_rooms(report, publisher, advertiser, outsider)
        check_nulls(report, publisher)
        check_server(report, server, publisher)
    report.finish()


main()
