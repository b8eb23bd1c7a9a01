"""Every column type through the whole path: encrypted off-line or while uploading, queried, and opened."""

import csv

from harness import LAB_FLAGS, Member, Report, aggregation_rule, room, schema, share_secret, upload

PURCHASES = ("email,category,amount,week,note\n" + "".join(
    f"user{row}@example.com,{('garden', 'toys', 'food')[row % 3]},{row}.25,2026-01-{1 + row % 28:02d},memo {row}\n"
    for row in range(30)))
DOCUMENT = schema(("email", "fingerprint"), ("category", "deterministic"),
                  ("amount", "cleartext", {"dataType": "DECIMAL(12,2)"}),
                  ("week", "cleartext", {"dataType": "DATE"}), ("note", "sealed"))
RULE = aggregation_rule(5, join=("email",), dimensions=["category", "week"],
                        aggregates=[(["email"], "COUNT_DISTINCT"), (["amount"], "SUM"), (["amount"], "AVG")])
QUERY = "SELECT category, COUNT(DISTINCT email) AS people, SUM(amount) AS total FROM {} GROUP BY category ORDER BY total DESC"
EXPECTED = {("garden", 10, "137.50"), ("toys", 10, "147.50"), ("food", 10, "157.50")}


def rows_of(answer):
    return {(row["category"], row["people"], f'{row["total"]:.2f}') for row in answer.json()}


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = Member(server, "publisher"), Member(server, "advertiser")
        share_secret(publisher, advertiser)
        publisher.must("collab", "create", "types", *LAB_FLAGS)
        publisher.must("collab", "invite", "types", "advertiser")
        advertiser.must("collab", "accept", "types")
        publisher.write("purchases.csv", PURCHASES)
        publisher.write("rule.json", RULE)
        report.check(upload(publisher, "streamed", "purchases.csv", DOCUMENT).status == 0, "a table is encrypted while it uploads")
        publisher.must("table", "rule", "streamed", "rule.json")

        room_id = publisher.must("collab", "show", "types", "--output", "json").json()["id"]
        publisher.write("flags.json", {"allowCleartext": True, "allowDuplicates": True,
                                       "allowJoinsOnColumnsWithDifferentNames": False, "preserveNulls": True})
        publisher.write("p.json", DOCUMENT)
        made = publisher.run("encrypt", "purchases.csv", "--schema", "p.json", "--id", room_id, "--flags", "flags.json",
                             "--secret-file", "secret.key", "--output", "purchases.enc.csv")
        report.check(made.status == 0, "the same table is encrypted off-line", made)
        cells = (publisher.folder / "purchases.enc.csv").read_text()
        report.check("02:hmac:" in cells and "03:det:" in cells and "02:enc:" in cells and "user1@" not in cells,
                     "its cells are encrypted")
        asked = publisher.run("encrypt", "purchases.csv", "--schema", "p.json", "--collab", "types",
                              "--secret-file", "secret.key", "--output", "asked.csv")
        emails = lambda name: sorted(row["email"] for row in csv.DictReader((publisher.folder / name).read_text().splitlines()))
        report.check(asked.status == 0 and emails("asked.csv") == emails("purchases.enc.csv"),
                     "id and settings asked of the server give the same fingerprints", asked)
        answer = publisher.run("table", "upload", "filed", "purchases.enc.csv", "--encrypted", "--schema", "p.json",
                               "--secret-file", "secret.key")
        report.check(answer.status == 0, "and uploaded as a file", answer)
        publisher.must("table", "rule", "filed", "rule.json")
        answer = publisher.run("table", "upload", "plain", "purchases.csv", "--encrypted", "--schema", "p.json",
                               "--secret-file", "secret.key")
        report.check(answer.status == 1 and answer.one_line and "email" in answer.err,
                     "a plaintext file is not taken for an encrypted one", answer)

        for table in ("streamed", "filed"):
            answer = advertiser.run("query", "run", QUERY.format(table), "--output", "json", "--secret-file", "secret.key")
            report.check(answer.status == 0 and rows_of(answer) == EXPECTED,
                         f"{table}: the partner's answer is right and its categories are opened", answer)
        closed = advertiser.run("query", "run", QUERY.format("filed"), "--output", "json")
        report.check(closed.status == 0 and all(row["category"].startswith("03:det:") for row in closed.json()),
                     "without the secret the categories stay encrypted", closed)
        opened = publisher.run("decrypt", "purchases.enc.csv", "--id", room_id, "--secret-file", "secret.key", "--output", "back.csv")
        report.check(opened.status == 0, "the encrypted file opens again", opened)
        back = sorted(row[1:] for row in csv.reader((publisher.folder / "back.csv").read_text().splitlines()[1:]))
        there = sorted(row[1:] for row in csv.reader(PURCHASES.splitlines()[1:]))
        report.check(back == there, "with its own values", (back[:2], there[:2]))

        shown = advertiser.must("table", "show", "streamed", "--secret-file", "secret.key")
        report.check("deterministic" in shown.out and "fingerprint" in shown.out, "a partner sees the column types", shown)
        report.check("card" in shown.out.lower() or "verified" in shown.out.lower(),
                     "and that the column cards verify under the shared secret", shown)
        for sql, sentence in (
                ("SELECT note, COUNT(DISTINCT email) FROM streamed GROUP BY note", "grouping by a sealed column is refused"),
                ("SELECT category, COUNT(DISTINCT email) FROM streamed WHERE category = 'toys' GROUP BY category",
                 "comparing a deterministic column with a plain literal is refused")):
            answer = advertiser.run("query", "run", sql)
            report.check(answer.status == 3 and answer.one_line, sentence, answer)
    report.finish()


main()
