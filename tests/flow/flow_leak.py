"""No value of an encrypted column and no secret is found on the server: not in any file of its data
directory (catalog with WAL, engine file, spill, logs), not in its memory during an upload, not after.
The same search finds a planted cleartext value and a stored token, so it can fail.
"""

import base64
import hashlib
import hmac
import os
import random
import re

from harness import LAB_FLAGS, Failure, Member, Report, aggregation_rule, room, schema, share_secret, upload
from search import make_search, search_files, search_memory

ROWS = int(os.environ.get("SEALROOM_LEAK_ROWS", "60000"))
MARK = {"email": "zqxvem", "note": "zqxvno", "tier": "zqxvti"} # begins every value of an encrypted column
PLANTED = "plantedcleartext7391"


def token_of(server, secret_text, collaboration, header, value):
    """What the server stores for a fingerprint: computed here from the format documents alone."""
    prk = hmac.digest(collaboration.encode(), base64.b64decode(secret_text), "sha256")
    key = hmac.digest(prk, b"c3r-hmac-sha256-col-" + header.encode() + b"\x01", "sha256")
    fingerprint = hmac.digest(key, value.encode() + b"\x02", "sha256")
    found = []
    for path in sorted((server.data / "keys").rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        for server_key in {content[:32], content[-32:]} if len(content) >= 32 else ():
            found.append(hmac.new(server_key, b"sealroom-token-v1" + fingerprint, hashlib.sha256).digest()[:16])
    forms_of = set()
    for token in found:
        high, low = int.from_bytes(token[:8], "big"), int.from_bytes(token[8:], "big")
        forms_of |= {token, low.to_bytes(8, "little") + (high ^ 1 << 63).to_bytes(8, "little")}
    return re.compile(b"|".join(re.escape(form) for form in forms_of)) if forms_of else None


def write_table(member):
    chosen = random.Random(7)
    lines = ["email,note,tier,region"]
    for row in range(ROWS):
        region = PLANTED if row % 10 == 0 else f"region{row % 10}"
        lines.append(f"{MARK['email']}{row}@example.com,{MARK['note']}{chosen.getrandbits(64):x},"
                     f"{MARK['tier']}{row % 5},{region}")
    member.write("customers.csv", "\n".join(lines) + "\n")


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = Member(server, "publisher"), Member(server, "advertiser")
        share_secret(publisher, advertiser)
        secret_text = publisher.secret.read_text().strip()
        publisher.must("collab", "create", "leak", *LAB_FLAGS)
        collaboration = publisher.must("collab", "show", "leak", "--output", "json").json()["id"]
        write_table(publisher)
        publisher.write("customers.schema.json", schema(
            ("email", "fingerprint"), ("note", "sealed"), ("tier", "deterministic"), ("region", "cleartext")))

        secrets = make_search([base64.b64decode(secret_text), secret_text, *MARK.values()])
        planted = make_search([PLANTED])

        running = publisher.start("table", "upload", "customers", "customers.csv",
                                  "--schema", "customers.schema.json", "--secret-file", "secret.key")
        during, planted_during, looks = set(), set(), 0
        while running.poll() is None:
            hits, scanned = search_memory(server.process.pid, secrets)
            during |= hits
            if scanned:
                looks += 1
            planted_during |= search_memory(server.process.pid, planted)[0]
        if running.returncode != 0:
            raise Failure(f"the upload failed: {running.communicate()}")
        running.communicate()
        report.check(looks >= 1, "the server's memory was searched while the upload ran", looks)
        report.check(not during, "during the upload: no encrypted value and no secret in memory", during)

        after, scanned = search_memory(server.process.pid, secrets)
        report.check(scanned > 1 << 20 and not after,
                     "after the upload: no encrypted value and no secret in memory", (after, scanned))
        planted_memory = planted_during | search_memory(server.process.pid, planted)[0]
        report.check(bool(planted_memory), "the same search finds a planted cleartext value in memory")

        publisher.write("rule.json", aggregation_rule(
            2, join=("email",), dimensions=["region"], aggregates=[(["email"], "COUNT_DISTINCT")]))
        publisher.must("table", "rule", "customers", "rule.json")
        answer = publisher.must("query", "run", "SELECT region, COUNT(DISTINCT email) AS n FROM customers GROUP BY region",
                                "--output", "csv")
        report.check(f"{PLANTED},{ROWS // 10}" in answer.out, "the uploaded table is right", answer)

        report.check(not search_files(server.data, secrets),
                     "no encrypted value and no secret in any file of the server", search_files(server.data, secrets))
        report.check(not search_files(server.folder.parent, secrets) - search_files(server.folder / "members", secrets),
                     "nor in its logs")
        server_pid = server.process.pid
        token = token_of(server, secret_text, collaboration, "email", f"{MARK['email']}1@example.com")
        report.check(token is not None, "the server's keys are where they are expected")
        found = bool(token) and bool(search_memory(server_pid, token)[0] or search_files(server.data, token))
        report.check(bool(search_files(server.data, planted)) or bool(planted_memory),
                     "the search of files or memory finds the planted cleartext value")
        server.stop()
        report.check(bool(search_files(server.data, planted)),
                     "after a stop the planted cleartext value is found in the engine file")
        found = found or bool(token and search_files(server.data, token))
        report.check(found, "a stored token is found by the same search")
        report.check(not search_files(server.data, secrets),
                     "after a stop no encrypted value and no secret is in any file")
    report.finish()


main()
