"""What is committed survives a killed server; what is not leaves nothing behind."""

import pathlib
import signal
import time

from harness import LAB_QUERY, Report, lab, room, schema, upload

ROWS = 500_000 # an upload long enough to be interrupted
FEWER = 20_000


def visible(member):
    return sorted((table["name"], table["version"], table["rows"])
                  for table in member.must("table", "list", "--output", "json").json()["tables"]
                  if table["owner"] == member.name)


def busy_ticks(server):
    """Processor time that the server has used, in clock ticks."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def wait_until_upload_runs(server, client):
    """The server has nothing else to do: once it works, rows are arriving."""
    before = busy_ticks(server)
    while busy_ticks(server) < before + 5 and client.poll() is None:
        time.sleep(0.01)


def table_text(rows):
    return "user_id_hash,segment\n" + "".join(f"u{row},s{row % 7}\n" for row in range(rows))


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = lab(server)
        before = visible(publisher)
        answers = advertiser.must("query", "run", LAB_QUERY, "--output", "csv").out
        records = len(publisher.must("audit", "list", "--output", "json").json()["records"])

        server.stop(signal.SIGKILL)
        server.start()
        report.check(visible(publisher) == before, "tables survive kill -9", visible(publisher))
        report.check(advertiser.must("query", "run", LAB_QUERY, "--output", "csv").out == answers, "and answer the same")
        now = len(publisher.must("audit", "list", "--output", "json").json()["records"])
        report.check(now == records + 1, "and no audit record is lost", (records, now))

        publisher.write("big.csv", table_text(ROWS))
        document = schema(("user_id_hash", "fingerprint"), ("segment", "cleartext"))
        publisher.write("big.schema.json", document)
        command = ("table", "upload", "big", "big.csv", "--schema", "big.schema.json", "--secret-file", "secret.key")
        client = publisher.start(*command)
        wait_until_upload_runs(server, client)
        report.check(client.poll() is None, "the client is killed while it uploads")
        client.kill()
        client.communicate()
        time.sleep(0.5)
        report.check(visible(publisher) == before, "a killed client leaves no table behind", visible(publisher))

        client = publisher.start(*command)
        wait_until_upload_runs(server, client)
        server.stop(signal.SIGKILL)
        _, said = client.communicate()
        report.check(client.returncode == 1 and len(said.strip().splitlines()) == 1,
                     "the client of a killed server says so in one line", (client.returncode, said))
        server.start()
        report.check(visible(publisher) == before, "and nothing of the upload is visible", visible(publisher))

        publisher.write("fewer.csv", table_text(FEWER))
        answer = upload(publisher, "big", "fewer.csv", document)
        rows = [rows for name, _, rows in visible(publisher) if name == "big"]
        report.check(answer.status == 0 and rows == [FEWER], "the next upload works", (answer, visible(publisher)))
        replaced = upload(publisher, "big", "fewer.csv", document)
        versions = [version for name, version, _ in visible(publisher) if name == "big"]
        report.check(replaced.status == 0 and len(versions) == 1, "uploading again makes a new version", versions)
        different = upload(publisher, "big", "fewer.csv", schema(("user_id_hash", "fingerprint")))
        report.check(different.status == 1 and different.one_line, "with other columns it is refused", different)
    report.finish()


main()
