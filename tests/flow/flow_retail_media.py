"""Retail-media attribution: purchases of a retailer joined with impressions of an advertiser, in groups of at least
100 people; the answer equals the same question asked of the plaintext, to the cent.

    flow_retail_media.py BINARY_DIR [PURCHASES IMPRESSIONS]
"""

import csv
import pathlib
import subprocess
import sys

from harness import LAB_FLAGS, SOURCE, Member, Report, room, share_secret

sys.path.insert(0, str(SOURCE / "tests/retail_media"))
from plaintext import MINIMUM, QUERY, QUERY_BY_REGION, attribution, by_region # noqa: E402

DOCUMENTS = SOURCE / "tests/retail_media"
PURCHASES, IMPRESSIONS = map(int, sys.argv[2:4]) if len(sys.argv) > 3 else (20_000, 40_000)
SLOW = {"timeout": 3600}


def generate(folder):
    subprocess.run([SOURCE / "scripts/generate_retail_media", folder, "--purchases", str(PURCHASES),
                    "--impressions", str(IMPRESSIONS)], check=True)


def share(member, table):
    member.must("table", "upload", table, f"{table}.csv", "--schema", DOCUMENTS / f"{table}.schema.json",
                "--secret-file", "secret.key", **SLOW)
    member.must("table", "rule", table, DOCUMENTS / f"{table}.rule.json")


def ask(member, query):
    answer = member.must("query", "run", query, "--secret-file", "secret.key", "--output", "csv", **SLOW)
    return sorted(tuple(row) for row in csv.reader(answer.out.splitlines()[1:]))


def main():
    report = Report()
    with room(("retailer", "advertiser")) as server:
        retailer, advertiser = Member(server, "retailer"), Member(server, "advertiser")
        share_secret(retailer, advertiser)
        retailer.must("collab", "create", "spring", *LAB_FLAGS)
        retailer.must("collab", "invite", "spring", "advertiser")
        advertiser.must("collab", "accept", "spring")
        tables = pathlib.Path(server.folder).parent / "tables"
        generate(tables)
        (tables / "purchases.csv").rename(retailer.folder / "purchases.csv")
        (tables / "impressions.csv").rename(advertiser.folder / "impressions.csv")
        share(retailer, "purchases")
        share(advertiser, "impressions")
        files = retailer.folder / "purchases.csv", advertiser.folder / "impressions.csv"

        for name, query, plain in (("by campaign and format", QUERY, attribution(*files)),
                                   ("by campaign and region", QUERY_BY_REGION, by_region(*files))):
            kept = sorted(row for row in plain if int(row[2]) >= MINIMUM)
            answer = ask(advertiser, query)
            report.check(answer == kept, f"{name}: {len(kept)} groups, equal to plaintext to the cent", (answer, kept))
            report.check(0 < len(kept) < len(plain), f"{name}: groups under the minimum have vanished", (len(kept), len(plain)))
        emails = advertiser.run("query", "run", "SELECT i.email, COUNT(DISTINCT p.email) FROM purchases p JOIN impressions i "
                                "ON p.email = i.email GROUP BY i.email")
        report.check(emails.status != 0, "a question for the addresses themselves is refused", emails)
        print(f"  {PURCHASES} purchases, {IMPRESSIONS} impressions")
    report.finish()


main()
