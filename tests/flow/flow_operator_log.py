"""The operator's log has one line for each call, and nothing of anybody's data: no value of a table, no text of
a query, no secret, no name that a caller made up. A call that fails by a fault of the server is there with why,
under the id that its caller was told. Each line parses, as logfmt and as JSON.
"""

import json
import re
import shlex

from harness import LAB_FLAGS, Member, Report, aggregation_rule, room, schema, share_secret, upload

CELLS = ("zqvalueone", "zqvaluetwo", "zqregionnorth")
PLANTED = re.compile(rb"(?i)zq[a-z]+")


def read_text(line):
    """A logfmt line as a dictionary; fails on what is none."""
    return dict(pair.split("=", 1) for pair in shlex.split(line))


class Log:
    def __init__(self, server):
        self.server, self.at = server, 0

    def new(self, read):
        """The calls since the last look."""
        everything = self.server.log.read_bytes()
        lines, self.at = everything[self.at:].decode(), len(everything)
        return [fields for fields in (read(line) for line in lines.splitlines() if read is read_text and
                                      line.startswith("time=") or read is json.loads and line.startswith("{"))
                if fields["event"] == "call"]


def prepare(owner):
    share_secret(owner)
    owner.must("collab", "create", "zqroom", *LAB_FLAGS)
    owner.write("zqfile.csv", "zqcolumn,zqplain\n" + "".join(
        f"{CELLS[row % 2]}{row},{CELLS[2]}\n" for row in range(50)))


def succeed(report, log, owner):
    columns = schema(("zqcolumn", "fingerprint"), ("zqplain", "cleartext"))
    answer = upload(owner, "zqtable", "zqfile.csv", columns, "--collab", "zqroom")
    owner.write("zqrule.json", aggregation_rule(2, join=("zqcolumn",), dimensions=["zqplain"],
                                                aggregates=[(["zqcolumn"], "COUNT_DISTINCT")]))
    owner.must("table", "rule", "zqtable", "zqrule.json")
    asked = owner.must("query", "run", "SELECT zqplain, COUNT(DISTINCT zqcolumn) AS zqlabel FROM zqtable GROUP BY zqplain")
    report.check(answer.status == 0 and CELLS[2] in asked.out, "the planted values went there and back", asked)
    calls = log.new(read_text)
    collaboration = owner.must("collab", "show", "zqroom", "--output", "json").json()["id"]
    log.new(read_text)
    by_method = {call["method"]: call for call in calls}
    for method, role in (("CollaborationService/CreateCollaboration", "admin"), ("TableService/Upload", "owner"),
                         ("TableService/SetRule", "owner"), ("QueryService/RunQuery", "analyst")):
        call = by_method.get(method, {})
        good = (call.get("status"), call.get("level"), call.get("member"), call.get("role"),
                call.get("collaboration")) == ("OK", "info", "publisher", role, collaboration)
        report.check(good and int(call["ms"]) >= 0 and int(call["in"]) > 0 and int(call["out"]) > 0,
                     f"{method}: a line with who, where, status, duration and bytes", call)
    report.check(len({call["call"] for call in calls}) == len(calls), "each call has an id of its own")
    report.check(int(by_method["TableService/Upload"]["in"]) > 50 * 32, "the bytes of an upload count")


def fail(report, log, owner, partner):
    """A member's mistakes: by status and reason, without a word that it wrote."""
    for arguments, status in (
            (("query", "run", "SELECT zqnothing FROM zqtable WHERE zqplain = 'zqliteral'"), "PERMISSION_DENIED"),
            (("query", "run", "SELECT 'zqbroken FROM"), "PERMISSION_DENIED"),
            (("query", "run", "SELECT zqplain FROM zqelsewhere"), "PERMISSION_DENIED"),
            (("collab", "show", "zqunknown"), "NOT_FOUND"),
            (("collab", "invite", "zqroom", "ZQ bad name"), "INVALID_ARGUMENT")):
        answer = owner.run(*arguments)
        calls = log.new(read_text)
        failed = [call for call in calls if call["status"] != "OK"]
        report.check(answer.status != 0 and len(failed) == 1 and failed[0]["status"] == status and "why" not in failed[0],
                     f"{' '.join(arguments[:2])}: the failure is there as {status}, without its text", (answer, calls))
    partner.run("table", "show", "zqtable", "--collab", "zqroom")
    failed = [call for call in log.new(read_text) if call["status"] != "OK"]
    report.check(len(failed) == 1 and failed[0]["member"] == "advertiser" and "collaboration" not in failed[0],
                 "what a stranger asks for is not tied to the collaboration", failed)


def break_key(server):
    """The server's key of the collaboration turns into what cannot be read."""
    key = next(path for path in sorted((server.data / "keys").iterdir()) if path.is_file())
    key.rename(key.with_suffix(".away"))
    key.mkdir(mode=0o700)


def server_faults(report, log, server, owner):
    columns = schema(("zqcolumn", "fingerprint"), ("zqplain", "cleartext"))
    break_key(server)
    answer = upload(owner, "zqtable", "zqfile.csv", columns, "--collab", "zqroom")
    failed = [call for call in log.new(read_text) if call["level"] == "error"]
    good = len(failed) == 1 and failed[0]["method"] == "TableService/Upload" and failed[0]["why"].startswith("server key")
    report.check(answer.status == 1 and good, "a key that cannot be read: a line of level error says why", (answer, failed))
    report.check(good and f"call {failed[0]['call']}" in answer.err and "keys/" not in answer.err,
                 "its caller was told the call's id, and nothing of the server's files", answer)
    server.stop()
    engine = next(server.data.rglob("*.duckdb"))
    engine.write_bytes(b"\0" * 64 + engine.read_bytes()[64:])
    server.start()
    log.new(read_text)
    answer = owner.run("query", "run", "SELECT zqplain, COUNT(DISTINCT zqcolumn) FROM zqtable GROUP BY zqplain")
    failed = [call for call in log.new(read_text) if call["level"] == "error"]
    report.check(answer.status == 1 and len(failed) == 1 and failed[0]["code"] == "CORRUPT" and
                 "damaged" in failed[0]["why"] and f"call {failed[0]['call']}" in answer.err,
                 "a damaged engine file: a line of level error says so, under the id that the caller was told",
                 (answer, failed))


def in_json(report, log, server, owner):
    server.configure(logFormat="json", maxCollaborations=1)
    log.new(json.loads)
    owner.must("ping")
    calls = log.new(json.loads)
    report.check(len(calls) == 1 and calls[0]["status"] == "OK" and isinstance(calls[0]["ms"], int),
                 "logFormat json: a call is an object a line, its numbers numbers", calls)
    answer = owner.run("collab", "create", "zqsecond")
    calls = log.new(json.loads)
    report.check("quota maxCollaborations" in answer.err and calls[-1]["quota"] == "maxCollaborations" and
                 calls[-1]["level"] == "warning" and calls[-1]["status"] == "RESOURCE_EXHAUSTED",
                 "a refusal by a quota is a warning that names the quota", (answer, calls))


def main():
    report = Report()
    with room() as server:
        log = Log(server)
        owner, partner = Member(server, "publisher"), Member(server, "advertiser")
        prepare(owner)
        succeed(report, log, owner)
        fail(report, log, owner, partner)
        server_faults(report, log, server, owner)
        in_json(report, log, server, owner)
        server.stop()
        everything = server.log.read_bytes()
        report.check(not PLANTED.search(everything), "nothing that a member wrote is in the log",
                     set(PLANTED.findall(everything)))
        secret = owner.secret.read_text().strip().encode()
        report.check(secret not in everything, "no secret is in the log")
        report.check(bool(PLANTED.search(everything + b" name=ZQplanted")), "the same search finds what is there")
    report.finish()


main()
