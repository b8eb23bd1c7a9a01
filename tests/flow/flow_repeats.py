"""Keys that repeat on both sides: the program says which sums count a row several times, its way out gives the sums of
plain arithmetic, and what it says depends on nothing that was found."""

import csv
import pathlib
import subprocess
import sys

from harness import LAB_FLAGS, SOURCE, Member, Report, aggregation_rule, room, schema, share_secret, upload

DOCUMENTS = SOURCE / "tests/retail_media"
sys.path.insert(0, str(DOCUMENTS))
from plaintext import MINIMUM, QUERY, revenue, write_reached # noqa: E402

REVENUE = ("SELECT p.store_region, COUNT(DISTINCT p.email) AS buyers, SUM(p.purchase_amount) AS revenue FROM purchases p "
           "JOIN {0} i ON p.email = i.email GROUP BY p.store_region")
PROBE = "SELECT SUM(p.purchase_amount) AS revenue FROM purchases p JOIN probe i ON p.email = i.email"
KEYED = aggregation_rule(MINIMUM, join=["email"], aggregates=[(["email"], "COUNT_DISTINCT"), (["spend_amount"], "SUM")])


def generate(folder, retailer, advertiser):
    subprocess.run([SOURCE / "scripts/generate_retail_media", folder, "--purchases", "4000", "--impressions", "8000"], check=True)
    for member, table in ((retailer, "purchases"), (advertiser, "impressions")):
        (folder / f"{table}.csv").rename(member.folder / f"{table}.csv")
        member.must("table", "upload", table, f"{table}.csv", "--schema", DOCUMENTS / f"{table}.schema.json",
                    "--secret-file", "secret.key")
        member.must("table", "rule", table, DOCUMENTS / f"{table}.rule.json")


def share_keyed(member, table, name):
    """A table of addresses and amounts, with a rule."""
    upload(member, table, name, schema(("email", "fingerprint"), ("spend_amount", "cleartext", {"dataType": "DECIMAL(12,2)"})))
    member.write(f"{table}.rule.json", KEYED)
    member.must("table", "rule", table, f"{table}.rule.json")


def ask(member, query):
    return member.must("query", "run", query, "--secret-file", "secret.key", "--output", "csv")


def by_region(answer):
    return {row[0]: (int(row[1]), row[2]) for row in list(csv.reader(answer.out.splitlines()))[1:]}


def repeats_of(member, table):
    shown = member.must("table", "show", table, "--output", "json").json()
    return {column["name"]: column["repeats"] for column in shown["columns"]}


def check_show(report, retailer, advertiser):
    own, partner = repeats_of(retailer, "purchases"), repeats_of(advertiser, "purchases")
    report.check(own["email"] is True and own["store_region"] is True, "the owner sees which columns repeat", own)
    report.check(partner == {**dict.fromkeys(own), "email": True}, "a partner sees it of the join column alone", partner)
    words = advertiser.must("table", "show", "purchases").out
    line = next(line for line in words.splitlines() if line.startswith("email"))
    report.check("values repeat" in words and line.rstrip().endswith("yes"), "table show says it in words", words)


def check_way_out(report, retailer, advertiser):
    files = retailer.folder / "purchases.csv", advertiser.folder / "impressions.csv"
    plain = {region: sums for region, sums in revenue(*files).items() if sums[0] >= MINIMUM}
    answer = ask(advertiser, REVENUE.format("impressions"))
    often = {region: (buyers, often) for region, (buyers, _, often) in plain.items()}
    report.check(len(plain) > 1 and by_region(answer) == often, "a purchase counts once for each impression", (answer, often))
    report.check(answer.err.count("\n") == 1 and "impressions.email repeats" in answer.err
                 and "SUM(purchases.purchase_amount)" in answer.err
                 and "one row for each email in impressions counts purchases once" in answer.err,
                 "which is said in one line, with the way out", answer)
    both = ask(advertiser, QUERY)
    report.check("purchases.email and impressions.email both repeat" in both.err, "both sides are named where both sums matter", both)
    write_reached(advertiser.folder / "reached.csv", files[1])
    share_keyed(advertiser, "reached", "reached.csv")
    report.check(repeats_of(advertiser, "reached")["email"] is False, "one row for each address does not repeat")
    answer = ask(advertiser, REVENUE.format("reached"))
    once = {region: (buyers, once) for region, (buyers, once, _) in plain.items()}
    report.check(once != often and by_region(answer) == once, "with the way out each purchase counts once", (answer, once))
    report.check(answer.err == "", "and nothing is said", answer)


def check_no_oracle(report, retailer, advertiser):
    """The advertiser repeats one key, which the retailer has or has not: the words are the same, whatever is asked."""
    known = next(csv.reader((retailer.folder / "purchases.csv").read_text(encoding="utf-8").splitlines()[1:]))[0]
    said = set()
    for address in (known, "nobody@elsewhere.example"):
        advertiser.write("probe.csv", "email,spend_amount\n" + 2 * f"{address},1.00\n")
        share_keyed(advertiser, "probe", "probe.csv")
        for where in ("", " WHERE p.purchase_week < 3", " WHERE p.purchase_week > 99"):
            said.add(ask(advertiser, PROBE + where).err)
    report.check(len(said) == 1 and "probe.email repeats" in said.pop(), "a repeated key learns nothing of its counterpart", said)


def main():
    report = Report()
    with room(("retailer", "advertiser")) as server:
        retailer, advertiser = Member(server, "retailer"), Member(server, "advertiser")
        share_secret(retailer, advertiser)
        retailer.must("collab", "create", "spring", *LAB_FLAGS)
        retailer.must("collab", "invite", "spring", "advertiser")
        advertiser.must("collab", "accept", "spring")
        generate(pathlib.Path(server.folder).parent / "tables", retailer, advertiser)
        check_show(report, retailer, advertiser)
        check_way_out(report, retailer, advertiser)
        check_no_oracle(report, retailer, advertiser)
    report.finish()


main()
