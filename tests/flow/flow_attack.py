"""A member, a server and a neighbour who mean ill: one clear line, nothing visible, nobody else the worse for it."""

import json
import os
import signal
import stat
import subprocess
import time

from harness import (SEALROOMD, Member, Report, aggregation_rule, lab, room, schema, upload)
from peers import KEY_CHECK, FakeServer, RawClient, b64, batch, begin, cells, column, commit, field

X = cells([b"x"])
ESCAPE = "\x1b[31m"
FINGERPRINT = [column("f", "fingerprint")]
ROOM_ID = "11111111-2222-4333-8444-555555555555"


def is_clean(text):
    return not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in text)


# ---- uploads -------------------------------------------------------------------------------------

ENCRYPTED = {"columns": FINGERPRINT, "key_check": KEY_CHECK}
WIDE = [column(f"c{i}") for i in range(17)]
BAD_UPLOADS = (
    ("a batch before begin", [batch(1, X)], "INVALID_ARGUMENT"),
    ("no request at all", [{"end": True}], "CANCELLED"),
    ("bytes that are no message", [{"raw": b64(b"\xff" * 40)}], "INVALID_ARGUMENT"),
    ("two begins", [begin(), begin()], "INVALID_ARGUMENT"),
    ("a commit before begin", [commit(b"")], "INVALID_ARGUMENT"),
    ("a stream that ends without commit", [begin(), batch(1, X)], "CANCELLED"),
    ("a wrong number of rows", [begin(), batch(1, X), commit(b"", rows=2)], "INVALID_ARGUMENT"),
    ("a wrong digest", [begin(), batch(1, X), commit(b"", digest=b64(b"\0" * 32))], "INVALID_ARGUMENT"),
    ("a digest that is too short", [begin(), batch(1, X), commit(b"", digest=b64(b"\0" * 31))], "INVALID_ARGUMENT"),
    ("no card for a column", [begin(), batch(1, X), commit()], "INVALID_ARGUMENT"),
    ("a card too many", [begin(), batch(1, X), commit(b"", b"")], "INVALID_ARGUMENT"),
    ("a card of a cleartext column", [begin(), batch(1, X), commit(b"x")], "INVALID_ARGUMENT"),
    ("no card of an encrypted column", [begin(**ENCRYPTED), batch(1, cells([b"x" * 32])), commit(b"")], "INVALID_ARGUMENT"),
    ("lengths whose sum overflows", [begin(), batch(2, cells(lengths=[0xffffffff, 3], data=b"abc"))], "INVALID_ARGUMENT"),
    ("a width beside lengths", [begin(), batch(1, cells([b"a"], width=1))], "INVALID_ARGUMENT"),
    ("a width beyond the data", [begin(), batch(2, cells(width=0xffffffff, data=b"a"))], "INVALID_ARGUMENT"),
    ("a NULL bitmap that is too short", [begin(), batch(9, cells([b""] * 9, nulls=b"\1"))], "INVALID_ARGUMENT"),
    ("a NULL bitmap that is too long", [begin(), batch(8, cells([b""] * 8, nulls=b"\1\0"))], "INVALID_ARGUMENT"),
    ("a NULL cell with a length", [begin(), batch(1, cells([b"x"], nulls=b"\1"))], "INVALID_ARGUMENT"),
    ("bytes left over", [begin(), batch(1, cells(lengths=[1], data=b"xx"))], "INVALID_ARGUMENT"),
    ("a batch without rows", [begin(), batch(0)], "INVALID_ARGUMENT"),
    ("four billion rows", [begin(), batch(0xffffffff, cells(width=1, data=b"x"))], "INVALID_ARGUMENT"),
    ("too many cells in a small message",
     [begin(columns=WIDE), batch(65536, *[cells(width=1, nulls=b"\xff" * 8192)] * 17)], "INVALID_ARGUMENT"),
    ("a batch without its columns", [begin(), batch(1)], "INVALID_ARGUMENT"),
    ("cleartext that is not UTF-8", [begin(), batch(1, cells([b"\xff\xfe"]))], "INVALID_ARGUMENT"),
    ("a number that is none", [begin(columns=[column("n", data_type="BIGINT")]), batch(1, cells([b"4x4secret"]))],
     "INVALID_ARGUMENT"),
    ("a fingerprint of 31 bytes", [begin(**ENCRYPTED), batch(1, cells([b"x" * 31]))], "INVALID_ARGUMENT"),
    ("a fingerprint of 33 bytes", [begin(**ENCRYPTED), batch(1, cells([b"x" * 33]))], "INVALID_ARGUMENT"),
    ("fingerprints of 31 and 33 bytes", [begin(**ENCRYPTED), batch(2, cells([b"x" * 31, b"x" * 33]))], "INVALID_ARGUMENT"),
    ("a sealed cell that is too short",
     [begin(columns=[column("s", "sealed")], key_check=KEY_CHECK), batch(1, cells([b"x" * 62]))], "INVALID_ARGUMENT"),
    ("a sealed cell that is too long",
     [begin(columns=[column("s", "sealed")], key_check=KEY_CHECK), batch(1, cells([b"x" * 12289]))], "INVALID_ARGUMENT"),
    ("no key check value", [begin(columns=FINGERPRINT)], "INVALID_ARGUMENT"),
    ("a key check value of 15 bytes", [begin(columns=FINGERPRINT, key_check=b"x" * 15)], "INVALID_ARGUMENT"),
    ("a wrong key check value", [begin(columns=FINGERPRINT, key_check=b"x" * 16)], "FAILED_PRECONDITION"),
    ("other flags", [begin(flags=0)], "FAILED_PRECONDITION"),
    ("flags above 15", [begin(flags=27)], "FAILED_PRECONDITION"),
    ("no columns", [begin(columns=[])], "INVALID_ARGUMENT"),
    ("1,601 columns", [begin(columns=[column(f"c{i}") for i in range(1601)])], "INVALID_ARGUMENT"),
    ("two columns of one name", [begin(columns=[column("a"), column("a")])], "INVALID_ARGUMENT"),
    ("a header that is not normalised", [begin(columns=[column("A")])], "INVALID_ARGUMENT"),
    ("a header with an escape sequence", [begin(columns=[column("a" + ESCAPE)])], "INVALID_ARGUMENT"),
    ("a normaliser with an escape sequence", [begin(columns=[{**column(), "normaliser": ESCAPE}])], "INVALID_ARGUMENT"),
    ("an unknown column type", [begin(columns=[column("a", "magic")])], "INVALID_ARGUMENT"),
    ("SQL as a data type", [begin(columns=[column("a", data_type="BIGINT); DROP TABLE x--")])], "INVALID_ARGUMENT"),
    ("SQL as a table name", [begin("x'; drop table y--")], "INVALID_ARGUMENT"),
    ("a path as a table name", [begin("../x")], "INVALID_ARGUMENT"),
    ("another member's table", [begin("theirs")], "ALREADY_EXISTS"),
    ("a collaboration that is not there", [begin(collaboration="raw' OR '1'='1")], "NOT_FOUND"),
    ("half a million columns in a megabyte", [begin(), {"raw": b64(field(2, field(2, b"") * 500000))}], "INVALID_ARGUMENT"),
    ("half a million unknown fields", [{"raw": b64(b"\x78\x01" * 500000)}], "INVALID_ARGUMENT"),
    ("two megabytes", [begin(), {"raw": b64(field(2, bytes(1 << 21)))}], "RESOURCE_EXHAUSTED"),
)


def prepare(client):
    """Room "raw": the first key check value to arrive is ours, and the partner has one table."""
    flags = {"allow_cleartext": True, "allow_duplicates": True, "preserve_nulls": True}
    client.ask("publisher", "admin", "CollaborationService/CreateCollaboration", {"name": "raw", "flags": flags})
    for member, abilities in (("advertiser", {"contribute": True, "query": True, "receive_results": True}),
                              ("outsider", {"query": True}), ("silent", {"contribute": True})):
        client.ask("publisher", "admin", "CollaborationService/InviteMember",
                   {"collaboration": "raw", "member": member, "abilities": abilities})
    for member in ("advertiser", "outsider"):
        client.ask(member, "admin", "CollaborationService/AcceptInvitation", {"collaboration": "raw"})
    client.run("advertiser", "owner", "TableService/Upload", begin("theirs", **ENCRYPTED), batch(1, cells([b"x" * 32])),
               commit(b"x" * 32))


def tables_of(client, member, collaboration="raw"):
    answer = client.ask(member, "owner", "TableService/ListTables", {"collaboration": collaboration})
    return sorted((table["name"], table["version"]) for table in answer["answers"][0]["tables"])


def check_uploads(report, client):
    def up(*steps, member="publisher", role="owner"):
        return client.run(member, role, "TableService/Upload", *steps)

    for sentence, steps, status in BAD_UPLOADS:
        answer = up(*steps)
        report.check(answer["status"] == status and "secret" not in answer["message"].replace("another secret", "")
                     and is_clean(answer["message"]) and "\n" not in answer["message"],
                     f"refused with a clear line: {sentence}", {k: answer[k] for k in ("status", "message")})
    for role in ("admin", "analyst"):
        report.check(up(begin(), role=role)["status"] == "PERMISSION_DENIED", f"an upload by an {role}")
    report.check(up(begin(), member="outsider")["status"] == "PERMISSION_DENIED", "an upload without the ability")
    report.check(up(begin(), member="silent")["status"] == "FAILED_PRECONDITION", "an upload before accepting")
    report.check(tables_of(client, "publisher") == [("theirs", 1)], "none of these left anything visible")
    up(begin("again"), {"wait": 1}, batch(1, X), {"cancel": True})
    report.check(up(begin("again"), batch(1, X), commit(b""))["status"] == "OK", "an upload after an aborted one")
    slow = client.start("publisher", "owner", "TableService/Upload", begin("two"), {"wait": 1}, batch(1, X),
                        {"sleep": 500}, commit(b""))
    time.sleep(0.2)
    fast = up(begin("two"), {"wait": 1}, batch(1, X), commit(b""))
    report.check(fast["status"] == "OK" and client.wait(slow)["status"] == "FAILED_PRECONDITION",
                 "of two uploads of a table at once the later version stays")
    report.check(up(begin("twice"), batch(1, X), commit(b""), commit(b""))["status"] == "OK"
                 and ("twice", 1) in tables_of(client, "publisher"), "a second commit changes nothing")
    partial = [table for table in tables_of(client, "advertiser") if table[0] in ("t", "two")]
    report.check(partial == [("two", 2)], "a partner sees whole versions only", partial)


def check_share(report, client, publisher, advertiser):
    pauses = [client.start("publisher", "owner", "TableService/Upload", begin(f"idle{i}"), {"wait": 1}, {"sleep": 1500})
              for i in range(70)]
    time.sleep(0.7)
    asked = time.monotonic()
    answer = advertiser.run("ping")
    report.check(answer.status == 0 and time.monotonic() - asked < 10, "idle uploads of one member keep no other out", answer)
    ended = [client.wait(pause)["status"] for pause in pauses]
    report.check(ended.count("RESOURCE_EXHAUSTED") >= 50, "what is beyond a member's share is refused at once", ended)
    report.check(publisher.run("ping").status == 0, "and its share comes back", ended)
    names = [f"{'x' * 120}{i}" for i in range(1600)]
    for table in ("wide1", "wide2", "wide3", "wide4", "wide5"):
        client.run("publisher", "owner", "TableService/Upload", begin(table, columns=[column(name) for name in names]),
                   commit(*[b""] * len(names)))
    listed = advertiser.run("table", "list", "--collab", "raw", "--output", "csv")
    report.check(listed.status == 0 and all(f"\nwide{i}," in listed.out for i in range(1, 6)),
                 "tables with very many columns do not hide the list from partners", listed)


# ---- queries and what is known of them -----------------------------------------------------------

COUNT = "COUNT(DISTINCT user_id_hash)"
REFUSED = (
    f"SELECT {COUNT} FROM v HAVING user_id_hash = 'u1'", f"SELECT {COUNT} FROM v ORDER BY user_id_hash",
    f"SELECT {COUNT} FROM v WHERE user_id_hash IS NULL", f"SELECT segment AS user_id_hash, {COUNT} FROM v GROUP BY user_id_hash",
    f"SELECT {COUNT} FROM v GROUP BY 1", f"SELECT {COUNT} FROM v GROUP BY 'x'", f"SELECT {COUNT} FROM v WHERE NULL",
    f"SELECT {COUNT} FROM v WHERE segment = NULL", f"SELECT {COUNT} FROM v WHERE segment LIKE '\\'",
    f"SELECT {COUNT} FROM v WHERE segment LIKE 'a!' ESCAPE '!'", f"SELECT {COUNT} FROM v WHERE amount + 1 = 2",
    f"SELECT {COUNT} FROM v WHERE amount = 9223372036854775808", f"SELECT {COUNT} FROM v WHERE 1 = 1",
    f"SELECT {COUNT} FROM v LIMIT 99999999999999999999", f"SELECT {COUNT} FROM v ORDER BY 99999999999999999999",
    "SELECT COUNT(DISTINCT a.user_id_hash) FROM v a JOIN v b ON a.user_id_hash = b.user_id_hash",
    f"SELECT {COUNT} FROM read_csv('/etc/passwd')", f"SELECT {COUNT} FROM information_schema.tables",
    f"SELECT {COUNT} FROM t1_v1", f"SELECT c0, {COUNT} FROM v GROUP BY 1", f"SELECT SUM(amount + 1) FROM v",
    f"SELECT CAST(segment AS int), {COUNT} FROM v GROUP BY 1", f"SELECT UPPER(segment), {COUNT} FROM v GROUP BY 1",
    f"SELECT {COUNT} FROM v WHERE CASE WHEN segment = 'news' THEN 1 / 0 END = 1", f"SELECT E'\\xff', {COUNT} FROM v",
    f"SELECT U&\"a\\001b[31m\", {COUNT} FROM v", "SELECT 1" + "+1" * 20000, "/*" * 100, "(" * 200, "", "SELECT 1",
    "SELECT '" + "x" * 65536 + "'", "SELECT '" + "x" * 1000000 + "'", f"COPY v TO '/tmp/x'", f"SELECT {COUNT} FROM v; SELECT 1",
)


def prepare_queries(publisher):
    rows = "".join(f"u{i},{'news' if i % 2 else 'sports'},{i}\n" for i in range(10)) + "u99,,\n"
    publisher.write("v.csv", "user_id_hash,segment,amount\n" + rows)
    upload(publisher, "v", "v.csv", schema(("user_id_hash", "fingerprint"), ("segment", "cleartext"),
                                           ("amount", "cleartext", {"dataType": "BIGINT"})), "--collab", "lab")
    publisher.write("rule.json", aggregation_rule(
        3, dimensions=["segment", "amount"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT"), (["amount"], "SUM")],
        scalarFunctions=["LOWER", "CAST"]))
    publisher.must("table", "rule", "v", "rule.json", "--collab", "lab")


def check_queries(report, client, publisher):
    def ask(sql, member="advertiser"):
        return client.ask(member, "analyst", "QueryService/RunQuery", {"collaboration": "lab", "sql": sql})

    for sql in REFUSED:
        answer = ask(sql)
        report.check(answer["status"] == "PERMISSION_DENIED" and not answer["answers"] and is_clean(answer["message"])
                     and "\n" not in answer["message"], f"refused: {sql[:90]}", answer["message"])
    unknown = ask(f"SELECT nosuch, {COUNT} FROM v")["message"]
    hidden = ask(f"SELECT c0, {COUNT} FROM v")["message"]
    report.check(unknown.replace("nosuch", "c0") == hidden, "a column's name in the engine is no column", (unknown, hidden))
    broken = client.run("advertiser", "analyst", "QueryService/RunQuery", {"raw": b64(b"\x0a\x03lab\x12\x02\xff\xfe")})
    report.check(broken["status"] == "INVALID_ARGUMENT", "a query that is not UTF-8", broken)
    for member, abilities in (("outsider", {"contribute": True}), ("silent", {"query": True})):
        client.ask("publisher", "admin", "CollaborationService/InviteMember",
                   {"collaboration": "lab", "member": member, "abilities": abilities})
        client.ask(member, "admin", "CollaborationService/AcceptInvitation", {"collaboration": "lab"})
    report.check(ask(f"SELECT {COUNT} FROM v", "outsider")["status"] == "PERMISSION_DENIED", "a query without the ability")
    full = ask(f"SELECT segment, {COUNT} FROM v GROUP BY segment", "silent")
    empty = ask(f"SELECT segment, {COUNT} FROM v WHERE segment = 'none' GROUP BY segment", "silent")
    bare = [[step["finished"] for step in answer["answers"] if "finished" in step] for answer in (full, empty)]
    report.check(len(full["answers"]) == 2 and bare[0] == bare[1],
                 "a runner who may not receive results learns the same from an answer and from none", (full, empty))


def check_records(report, client, publisher):
    def records(member, **more):
        answer = client.ask(member, "analyst", "AuditService/ListAudit", {"collaboration": "lab", "limit": 1000, **more})
        return answer["answers"][0]["records"] if answer["answers"] else answer["status"]

    seen = [record for record in records("outsider") if record["member"] != "outsider"]
    report.check(not seen, "the audit list of a member without tables has its own doings only", seen)
    mine = [record for record in records("outsider") if record["action"] == "QUERY"]
    report.check([record["decision"] for record in mine] == ["REFUSED"], "a query without the ability is on record", mine)
    owner = [record for record in records("publisher") if record["member"] == "silent" and record["action"] == "QUERY"]
    report.check(len(owner) == 2, "the owner of a table sees who asked about it", owner)
    rows = "u1,news,1\n" * 20000
    publisher.write("big.csv", "user_id_hash,segment,amount\n" + rows)
    for table in ("big1", "big2"):
        upload(publisher, table, "big.csv", schema(("user_id_hash", "fingerprint"), ("segment", "cleartext")), "--collab", "lab")
        publisher.write("rule.json", aggregation_rule(2, dimensions=["segment"], aggregates=[(["user_id_hash"], "COUNT_DISTINCT")]))
        publisher.must("table", "rule", table, "rule.json", "--collab", "lab")
    sql = "SELECT COUNT(DISTINCT big1.user_id_hash) FROM big1 JOIN big2 ON big1.user_id_hash = big2.user_id_hash"
    for pause in (0, 5, 10, 20, 30, 40, 50, 70):
        steps = [{"send": {"collaboration": "lab", "sql": sql}}, {"end": True}, *([{"sleep": pause}] if pause else []), {"cancel": True}]
        client.run("advertiser", "analyst", "QueryService/RunQuery", *steps)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = [record["status"] for record in records("advertiser") if record["text"] == sql]
        if not {"SUBMITTED", "STARTED"} & set(status):
            break
        time.sleep(0.2)
    report.check(status and set(status) <= {"CANCELLED", "SUCCESS"}, "whenever its caller leaves, a query comes to an end on record", status)


def check_roles(report, client):
    asked = {
        "CollaborationService/CreateCollaboration": ({"name": "x"}, "admin"),
        "CollaborationService/InviteMember": ({"collaboration": "lab", "member": "x"}, "admin"),
        "CollaborationService/AcceptInvitation": ({"collaboration": "lab"}, "admin"),
        "TableService/SetRule": ({"collaboration": "lab", "table": "v", "rule_json": "{}"}, "owner"),
        "TableService/DeleteTable": ({"collaboration": "lab", "table": "v"}, "owner"),
        "QueryService/RunQuery": ({"collaboration": "lab", "sql": "SELECT 1"}, "analyst"),
    }
    for method, (message, allowed) in asked.items():
        for role in {"admin", "owner", "analyst"} - {allowed}:
            report.check(client.ask("publisher", role, method, message)["status"] == "PERMISSION_DENIED",
                         f"{method} is not for the role {role}")
    room_id = client.ask("publisher", "owner", "CollaborationService/GetCollaboration", {"collaboration": "lab"})["answers"][0]["id"]
    for name in ("lab", room_id):
        for method, message in (("CollaborationService/GetCollaboration", {}), ("TableService/ListTables", {}),
                                ("TableService/GetTable", {"table": "v"}), ("TableService/ListVersions", {"table": "v"}),
                                ("AuditService/ListAudit", {})):
            answer = client.ask("stranger", "admin", method, {"collaboration": name, **message})
            report.check(answer["status"] == "NOT_FOUND", f"to a stranger the collaboration is not there: {method}", answer)
    answer = client.ask("advertiser", "owner", "TableService/SetRule", {"collaboration": "lab", "table": "v", "rule_json": "{}"})
    report.check(answer["status"] == "PERMISSION_DENIED", "nobody sets the rule of another's table", answer)
    for what in ({}, {"version": 1}, {"old": True}):
        answer = client.ask("advertiser", "owner", "TableService/DeleteTable", {"collaboration": "lab", "table": "v", **what})
        report.check(answer["status"] == "PERMISSION_DENIED", f"nobody deletes another's table {what}", answer)
    answer = client.ask("publisher", "owner", "TableService/DeleteTable", {"collaboration": "lab", "table": "v", "old": False})
    report.check(answer["status"] == "INVALID_ARGUMENT", "old: false does not mean the whole table", answer)
    answer = client.ask("advertiser", "owner", "TableService/ListVersions", {"collaboration": "lab", "table": "v"})
    report.check(answer["status"] == "PERMISSION_DENIED", "nobody lists the versions of another's", answer)
    table = client.ask("advertiser", "owner", "TableService/GetTable", {"collaboration": "lab", "table": "v"})["answers"][0]
    report.check(table["rows"] == "0" and table["rule_json"], "a partner sees a table's rule and not its rows", table)
    answer = client.ask("outsider", "admin", "CollaborationService/InviteMember", {"collaboration": "lab", "member": "x"})
    report.check(answer["status"] == "PERMISSION_DENIED", "only the creator invites", answer)


# ---- a server that means ill ---------------------------------------------------------------------

def check_client(report, server, publisher):
    fake = FakeServer(server)
    profile = json.loads((publisher.folder / "profile.json").read_text())
    publisher.write("fake.json", {**profile, "server": fake.address})

    def told(sentence, status, *command, words=()):
        answer = publisher.run(*command, "--profile", "fake.json", timeout=30)
        lines = answer.err.strip().splitlines()
        allowed = status if isinstance(status, tuple) else (status,)
        report.check(answer.status in allowed and is_clean(answer.out + answer.err) and (answer.status == 0 or len(lines) == 1)
                     and all(word in answer.err for word in words) and "Sanitizer" not in answer.err, sentence, answer)

    the_room = {"id": ROOM_ID, "name": "lab", "creator": "publisher",
                "flags": {"allow_cleartext": True, "allow_duplicates": True, "preserve_nulls": True}}
    table = {"id": ROOM_ID, "name": "t", "owner": "advertiser", "version": 1,
             "columns": [{**column("f", "fingerprint"), "card": b64(b"x" * 32)}]}
    ping, show = "CollaborationService/Ping", "CollaborationService/GetCollaboration"
    fake.tell(ping, {"server_version": ESCAPE + "\x9b31m"})
    told("an escape sequence in an answer", 0, "ping")
    told("also as JSON", 0, "ping", "--output", "json")
    fake.tell(ping, {"raw": b64(b"\xff" * 20)})
    told("an answer that is no message", 1, "ping")
    fake.tell(ping, {"raw": b64(field(1, b"x" * (1 << 21)))})
    told("an answer of two megabytes", 1, "ping", words=["limit"])
    fake.tell(ping, code=7, message="no\n" + ESCAPE)
    told("an escape sequence in an error", 1, "ping")
    for sentence, change in (("another name", {"name": "other"}), ("an escape sequence for a name", {"name": ESCAPE}),
                             ("an id that is none", {"id": "x"}), ("a member with an escape sequence", {"members": [{"name": ESCAPE}]})):
        fake.tell(show, {**the_room, **change})
        told(f"a collaboration with {sentence}", 1, "collab", "show", "lab")
    fake.tell(show, the_room)
    told("a collaboration with another id than asked for", 1, "collab", "show", "99999999-2222-4333-8444-555555555555")
    fake.tell("TableService/ListTables", {"tables": [table], "more": True})
    told("a list that does not end", 1, "table", "list", "--collab", "lab")
    fake.tell("TableService/ListTables", {"tables": [table]})
    fake.tell("TableService/GetTable", table)
    told("cards that do not verify", 1, "table", "show", "t", "--collab", "lab", "--secret-file", "secret.key", words=["card"])
    for sentence, change in (("another name", {"name": "u"}), ("a header with an escape sequence", {"columns": [column(ESCAPE)]}),
                             ("a column of an unknown type", {"columns": [column("a", "magic")]}), ("a rule that is none", {"rule_json": "["})):
        fake.tell("TableService/GetTable", {**table, **change})
        told(f"a table with {sentence}", 1, "table", "show", "t", "--collab", "lab")
    result = {"name": "n", "type": "cleartext", "data_type": "STRING"}
    described = {"schema": {"columns": [result]}}
    finished = {"finished": {"status": "SUCCESS", "notice": ESCAPE + "\nforged", "warnings": [ESCAPE + "\nforged"]}}
    rows = lambda count, *columns: {"batch": {"rows": count, "columns": list(columns)}}
    for sentence, status, answers in (
            ("cells, labels and notices with escape sequences", 0,
             [{"schema": {"columns": [{**result, "name": ESCAPE}]}}, rows(1, cells([ESCAPE.encode()])), finished]),
            ("a result without columns", 1, [{"schema": {"columns": []}}, finished]),
            ("two descriptions", 1, [described, described, finished]),
            ("rows before their description", 1, [rows(1, X), finished]),
            ("a column too many", 1, [described, rows(1, X, X), finished]),
            ("four billion rows", 1, [described, rows(0xffffffff, X), finished]),
            ("lengths whose sum overflows", 1, [described, rows(2, cells(lengths=[0xffffffff, 2], data=b"x")), finished]),
            ("a cell that is not UTF-8", 1, [described, rows(1, cells([b"\xff"])), finished]),
            ("no outcome", 1, [described, rows(1, X)]),
            ("rows after the outcome", 1, [described, finished, rows(1, X)]),
            ("a sealed cell that is none", 1, [{"schema": {"columns": [{**result, "type": "sealed", "source_header": "f"}]}}, rows(1, X), finished])):
        fake.tell("QueryService/RunQuery", *answers)
        told(f"an answer with {sentence}", status, "query", "run", "SELECT 1", "--collab", "lab", "--secret-file", "secret.key")
    publisher.write("one.schema.json", schema(("user_id_hash", "fingerprint"), ("segment", "cleartext")))
    accepted = {"accepted": {"table_id": ROOM_ID, "version": 1}}
    for sentence, status, answers in (
            # This server answers at once, so it may end the call before the client has sent everything: 1 is right too.
            ("a warning with an escape sequence", (0, 1), [accepted, {"committed": {"version": 1, "rows": 5, "warnings": [ESCAPE + "\nforged"]}}]),
            ("committed before it was accepted", 1, [{"committed": {"version": 1, "rows": 5}}]),
            ("another version committed", 1, [accepted, {"committed": {"version": 7, "rows": 5}}]),
            ("no answer", 1, [])):
        fake.tell("TableService/Upload", *answers)
        told(f"an upload with {sentence}", status, "table", "upload", "t", "publisher_audience.csv", "--schema", "one.schema.json",
             "--secret-file", "secret.key", "--collab", "lab", "--quiet")
    fake.close()


# ---- a neighbour on the same machine -------------------------------------------------------------

def check_files(report, server):
    wrong = []
    for folder, folders, names in os.walk(server.folder):
        for name in folders + names:
            path = os.path.join(folder, name)
            mode = stat.S_IMODE(os.stat(path).st_mode)
            secret = os.path.isdir(path) or name.endswith((".key", ".sqlite", "-wal", ".duckdb", ".wal", "config.json", "profile.json"))
            if secret and mode & 0o077:
                wrong.append((path, oct(mode)))
    report.check(not wrong, "folders are 0700; keys, configuration and data 0600", wrong)
    key = (server.folder / "members/publisher/secret.key").read_text().strip()
    seen = b"".join(open(f"/proc/{server.process.pid}/{name}", "rb").read() for name in ("cmdline", "environ"))
    report.check(key.encode() not in seen, "no secret on the server's command line or in its environment")
    limits = open(f"/proc/{server.process.pid}/limits").read()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()
    report.check(core[4] == "0", "the server leaves no core dump", core)


def check_signals(report, client, publisher):
    publisher.write("long.csv", "user_id_hash,segment\n" + "".join(f"user{i},news\n" for i in range(1000000)))
    publisher.write("long.schema.json", schema(("user_id_hash", "fingerprint"), ("segment", "cleartext")))
    before = set(os.listdir(publisher.folder))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process = publisher.start("table", "upload", "long", "long.csv", "--schema", "long.schema.json", "--collab", "lab",
                                  "--secret-file", "secret.key", "--tempDir", str(publisher.folder))
        time.sleep(0.2)
        process.send_signal(number)
        process.communicate(timeout=60)
        report.check(process.returncode != 0, f"an upload ends on signal {int(number)}", process.returncode)
    left = set(os.listdir(publisher.folder)) - before
    report.check(not left, "and leaves no file behind", left)
    time.sleep(0.5)
    report.check(not any(name == "long" for name, _ in tables_of(client, "publisher", "lab")), "nor a table")


def check_open_folders(report, server):
    for path in (server.folder / "server/keys", server.folder / "server/data", server.folder / "server/tls/server.key"):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | 0o044)
        done = subprocess.run([SEALROOMD, "--config", server.folder / "server/config.json"], capture_output=True, text=True, timeout=60)
        report.check(done.returncode != 0 and len(done.stderr.strip().splitlines()) == 1 and path.name in done.stderr,
                     f"the server does not start while others may read {path.name}", (done.returncode, done.stderr))
        path.chmod(mode)


def main():
    report = Report()
    with room(("publisher", "advertiser", "outsider", "silent", "stranger")) as server:
        publisher, advertiser = lab(server)
        client = RawClient(server)
        prepare(client)
        check_uploads(report, client)
        prepare_queries(publisher)
        check_queries(report, client, publisher)
        check_records(report, client, publisher)
        check_roles(report, client)
        check_share(report, client, publisher, advertiser)
        check_client(report, server, publisher)
        check_files(report, server)
        check_signals(report, client, publisher)
        client.close()
        report.check(advertiser.run("ping").status == 0 and server.process.poll() is None, "after all that the server answers")
        report.check(server.stop() == 0, "and stops in an orderly way")
        said = server.log.read_text(errors="replace")
        report.check("Sanitizer" not in said and "runtime error" not in said, "without a word from the sanitizers", said[-2000:])
        check_open_folders(report, server)
    report.finish()


main()
