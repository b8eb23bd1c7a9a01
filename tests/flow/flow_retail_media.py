"""Retail-media attribution: purchases of a retailer joined with impressions of an advertiser, in groups of at least
100 people; the answer equals the same question asked of the plaintext, to the cent.

    flow_retail_media.py BINARY_DIR [PURCHASES IMPRESSIONS]

The line before the last has the figures.
"""

import csv
import pathlib
import subprocess
import sys

from harness import LAB_FLAGS, SOURCE, Failure, Member, Report, room, share_secret

sys.path.insert(0, str(SOURCE / "tests/retail_media"))
from plaintext import MINIMUM, QUERY, QUERY_BY_REGION, attribution, by_region # noqa: E402

DOCUMENTS = SOURCE / "tests/retail_media"
PURCHASES, IMPRESSIONS = map(int, sys.argv[2:4]) if len(sys.argv) > 3 else (20_000, 40_000)


def generate(folder):
    subprocess.run([SOURCE / "scripts/generate_retail_media", folder, "--purchases", str(PURCHASES),
                    "--impressions", str(IMPRESSIONS)], check=True)


class Figures:
    """What the measured commands took."""

    def __init__(self):
        self.lines = []
        self.peak = 0

    def must(self, what, member, *arguments):
        answer, seconds, cpu, peak = member.measure(*arguments)
        if answer.status != 0:
            raise Failure(f"{what}: {answer!r}")
        self.lines.append(f"{what} {seconds:.1f} s ({cpu:.1f} CPU s)")
        self.peak = max(self.peak, peak)
        return answer

    def line(self, server, groups):
        return (f"{PURCHASES} purchases, {IMPRESSIONS} impressions, {groups} groups; " + ", ".join(self.lines) +
                f"; client at most {self.peak} MiB; server {server.cpu:.1f} CPU s, at most {server.peak} MiB, "
                f"{server.stored() / 2**20:.1f} MiB on disk")


def share(figures, member, table):
    figures.must(f"upload of {table}", member, "table", "upload", table, f"{table}.csv", "--schema",
                 DOCUMENTS / f"{table}.schema.json", "--secret-file", "secret.key")
    member.must("table", "rule", table, DOCUMENTS / f"{table}.rule.json")


def ask(figures, what, member, query):
    answer = figures.must(what, member, "query", "run", query, "--secret-file", "secret.key", "--output", "csv")
    return sorted(tuple(row) for row in csv.reader(answer.out.splitlines()[1:]))


def main():
    report, figures, groups = Report(), Figures(), 0
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
        share(figures, retailer, "purchases")
        share(figures, advertiser, "impressions")
        files = retailer.folder / "purchases.csv", advertiser.folder / "impressions.csv"

        for name, query, plain in (("by campaign and format", QUERY, attribution(*files)),
                                   ("by campaign and region", QUERY_BY_REGION, by_region(*files))):
            kept = sorted(row for row in plain if int(row[2]) >= MINIMUM)
            answer = ask(figures, name, advertiser, query)
            groups += len(kept)
            report.check(answer == kept, f"{name}: {len(kept)} groups, equal to plaintext to the cent", (answer, kept))
            report.check(0 < len(kept) < len(plain), f"{name}: groups under the minimum have vanished", (len(kept), len(plain)))
        emails = advertiser.run("query", "run", "SELECT i.email, COUNT(DISTINCT p.email) FROM purchases p JOIN impressions i "
                                "ON p.email = i.email GROUP BY i.email")
        report.check(emails.status != 0, "a question for the addresses themselves is refused", emails)
        print("  " + figures.line(server, groups))
    report.finish()


main()
