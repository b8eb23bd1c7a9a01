"""What is committed survives a killed server; what is not leaves nothing behind."""

import signal
import time

from harness import LAB_QUERY, Report, lab, room, schema, upload


def visible(member):
    return sorted((table["name"], table["version"], table["rows"])
                  for table in member.must("table", "list", "--output", "json").json()["tables"]
                  if table["owner"] == member.name)


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

        publisher.write("big.csv", "user_id_hash,segment\n" + "".join(f"u{row},s{row % 7}\n" for row in range(400000)))
        document = schema(("user_id_hash", "fingerprint"), ("segment", "cleartext"))
        publisher.write("big.schema.json", document)
        command = ("table", "upload", "big", "big.csv", "--schema", "big.schema.json", "--secret-file", "secret.key")
        client = publisher.start(*command)
        time.sleep(1.2)
        client.kill()
        client.communicate()
        time.sleep(0.5)
        report.check(visible(publisher) == before, "a killed client leaves no table behind", visible(publisher))

        client = publisher.start(*command)
        time.sleep(1.2)
        server.stop(signal.SIGKILL)
        _, said = client.communicate()
        report.check(client.returncode == 1 and len(said.strip().splitlines()) == 1,
                     "the client of a killed server says so in one line", (client.returncode, said))
        server.start()
        report.check(visible(publisher) == before, "and nothing of the upload is visible", visible(publisher))

        answer = upload(publisher, "big", "big.csv", document)
        report.check(answer.status == 0 and ("big", 1, 400000) in visible(publisher) or ("big", 2, 400000) in visible(publisher)
                     or ("big", 3, 400000) in visible(publisher),
                     "the next upload works", (answer, visible(publisher)))
        replaced = upload(publisher, "big", "big.csv", document)
        versions = [version for name, version, _ in visible(publisher) if name == "big"]
        report.check(replaced.status == 0 and len(versions) == 1, "uploading again makes a new version", versions)
        different = upload(publisher, "big", "big.csv", schema(("user_id_hash", "fingerprint")))
        report.check(different.status == 1 and different.one_line, "with other columns it is refused", different)
    report.finish()


main()
