"""The questions of the retail-media case, and their answers from the plaintext files, exact in whole cents.

    python3 plaintext.py PURCHASES.csv IMPRESSIONS.csv            the attribution, groups of at least 100, as CSV
    python3 plaintext.py --join PURCHASES.csv IMPRESSIONS.csv     what joins as it stands, and what only after normalising
    python3 plaintext.py --query                                  the attribution as SQL
"""

import csv
import sys

MINIMUM = 100
QUERY = ("SELECT i.campaign_id, i.ad_format, COUNT(DISTINCT p.email) AS buyers, SUM(p.purchase_amount) AS revenue, "
         "SUM(i.spend_amount) AS spend\nFROM purchases p JOIN impressions i ON p.email = i.email "
         "GROUP BY i.campaign_id, i.ad_format")
QUERY_BY_REGION = ("SELECT i.campaign_id, p.store_region, COUNT(DISTINCT p.email) AS buyers, SUM(p.item_count) AS items, "
                   "SUM(i.click_count) AS clicks FROM purchases p JOIN impressions i ON p.email = i.email "
                   "GROUP BY i.campaign_id, p.store_region")


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def cents(text):
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def money(total):
    return f"{total // 100}.{total % 100:02d}"


class Groups:
    """Sums over the joined rows: a purchase is counted once for every impression of its address, as SQL does."""

    def __init__(self):
        self.groups = {}

    def add(self, key, email, first, second):
        group = self.groups.setdefault(key, [set(), 0, 0])
        group[0].add(email)
        group[1] += first
        group[2] += second

    def rows(self, show):
        return [(*key, str(len(people)), show(first), show(second)) for key, (people, first, second) in self.groups.items()]


def attribution(purchases, impressions):
    bought = {}
    for row in rows_of(purchases):
        of = bought.setdefault(row[0], [0, 0])
        of[0] += 1
        of[1] += cents(row[4])
    groups = Groups()
    for row in rows_of(impressions):
        if row[0] in bought:
            count, amount = bought[row[0]]
            groups.add((row[1], row[2]), row[0], amount, count * cents(row[6]))
    return groups.rows(money)


def by_region(purchases, impressions):
    bought = {}
    for row in rows_of(purchases):
        of = bought.setdefault(row[0], {}).setdefault(row[3], [0, 0])
        of[0] += 1
        of[1] += int(row[5])
    groups = Groups()
    for row in rows_of(impressions):
        for region, (count, items) in bought.get(row[0], {}).items():
            groups.add((row[1], region), row[0], items, count * int(row[5]))
    return groups.rows(str)


def revenue(purchases, impressions):
    """Revenue by region of those who saw an impression: (buyers, each purchase once, once for each impression)."""
    seen, groups = {}, {}
    for row in rows_of(impressions):
        seen[row[0]] = seen.get(row[0], 0) + 1
    for row in rows_of(purchases):
        if row[0] in seen:
            group = groups.setdefault(row[3], [set(), 0, 0])
            group[0].add(row[0])
            group[1] += cents(row[4])
            group[2] += cents(row[4]) * seen[row[0]]
    return {region: (len(people), money(once), money(often)) for region, (people, once, often) in groups.items()}


def write_reached(path, impressions):
    """The way out: one row for each address, and what was spent on it added up."""
    spent = {}
    for row in rows_of(impressions):
        spent[row[0]] = spent.get(row[0], 0) + cents(row[6])
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n") # a blank around an address belongs to it
        out.writerow(("email", "spend_amount"))
        out.writerows((email, money(total)) for email, total in spent.items())


def joining(purchases, impressions):
    """How many purchases join with the exact address, and how many only when case and blanks are normalised."""
    exact, normal = set(), set()
    for row in rows_of(impressions):
        exact.add(row[0])
        normal.add(row[0].strip().lower())
    joined = missed = 0
    for row in rows_of(purchases):
        joined += row[0] in exact
        missed += row[0] not in exact and row[0].strip().lower() in normal
    return joined, missed


def main():
    if sys.argv[1] == "--query":
        print(QUERY)
        return
    if sys.argv[1] == "--join":
        print(*joining(*sys.argv[2:4]))
        return
    for row in sorted(row for row in attribution(*sys.argv[1:3]) if int(row[2]) >= MINIMUM):
        print(",".join(row))


if __name__ == "__main__":
    main()
