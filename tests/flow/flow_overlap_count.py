"""`overlap count` on stored tables: what `query run` says to the same text, answers and refusals alike, whatever was
answered before; and every count is on record."""

import csv

from harness import Member, Report, aggregation_rule, lab, room, schema, upload

TABLES = ("publisher_audience", "advertiser_audience")
KEYED = schema(("user_id_hash", "fingerprint"), ("segment", "cleartext"))


def count(member, *more, tables=TABLES):
    return member.run("overlap", "count", *tables, *more, "--output", "json")


def number(member, *more, tables=TABLES):
    answer = member.must("overlap", "count", *tables, *more, "--output", "json").json()
    return answer["subjects"]


def as_query(member, text):
    rows = list(csv.reader(member.must("query", "run", text, "--output", "csv").out.splitlines()))[1:]
    return int(rows[0][0]) if rows else None


def set_rule(member, table, minimum, **more):
    rule = aggregation_rule(minimum, dimensions=["segment" if table != "advertiser_audience" else "campaign"],
                            aggregates=[(["user_id_hash"], "COUNT_DISTINCT")], **more)
    member.write("rule.json", rule)
    member.must("table", "rule", table, "rule.json")


def queries(member):
    records = member.must("audit", "list", "--output", "json").json()["records"]
    return [record for record in records if record["action"] == "QUERY"]


def check_answers(report, publisher, advertiser):
    for where in ("", "segment <> 'news'", "campaign = 'spring_launch'", "segment = 'finance'", "segment = 'nobody'"):
        more = ("--where", where) if where else ()
        first, second = (advertiser.must("overlap", "count", *TABLES, *more, "--output", "json").json() for _ in range(2))
        expected = as_query(advertiser, first["query"])
        report.check(first["subjects"] == expected and first["heldBack"] == (expected is None),
                     f"the answer is that of the query it ran: {where or 'all'}: {expected}", first)
        report.check(first.pop("queryId") != second.pop("queryId") and not first.pop("fromMemory") and second.pop("fromMemory")
                     and first == second, "and the same again, from memory", (first, second))
    report.check(number(advertiser) == 2 and number(publisher) == 2, "both members get the overlap")
    report.check(number(publisher, "--on", "user_id_hash", tables=TABLES[::-1]) == 2, "in any order, the column named")


def check_forms(report, advertiser):
    words = advertiser.must("overlap", "count", *TABLES)
    report.check("subjects in common  2\n" in words.out and "publisher_audience 2 distinct user_id_hash" in
                 words.out.replace("\n", " "), "people read the number and the thresholds in force", words)
    few, none = (advertiser.must("overlap", "count", *TABLES, "--where", f"segment = '{name}'")
                 for name in ("news", "nobody"))
    report.check(few.out == none.out and "held back: fewer than a minimum, or none" in few.out,
                 "one and none are held back in the same words", (few, none))
    rows = list(csv.reader(advertiser.must("overlap", "count", *TABLES, "--output", "csv").out.splitlines()))
    report.check(rows[0][:3] == ["subjects", "held back", "column"] and rows[1][:3] == ["2", "false", "user_id_hash"],
                 "programs read CSV", rows)


def check_refusals(report, advertiser):
    pairs = ((("--where", "user_id_hash = 'x'"), TABLES), (("--where", "segment LIKE 1"), TABLES), (("--on", "segment"), TABLES),
             (("--on", "user_id_hash"), ("publisher_audience", "nowhere")))
    for more, tables in pairs:
        answer = count(advertiser, *more, tables=tables)
        text = queries(advertiser)[0]["text"]
        same = advertiser.run("query", "run", text)
        report.check(answer.status == 3 and answer.one_line and answer.err == same.err,
                     f"refused as the query would be: {' '.join(more)}", (answer, same))
    answer = count(advertiser, "--where", "segment = 'news') GROUP BY (segment")
    report.check(answer.status == 3 and answer.one_line, "a condition cannot bring groups with it", answer)
    answer = count(advertiser, tables=TABLES[:1])
    report.check(answer.status == 2 and answer.one_line, "one table has no overlap", answer)
    answer = count(advertiser, "--role", "owner")
    report.check(answer.status != 0 and answer.one_line, "an owner may not count", answer)


def check_record(report, publisher, advertiser):
    before = len(queries(publisher))
    for _ in range(3):
        number(advertiser)
    log = queries(publisher)
    report.check(len(log) == before + 3 and all(record["status"] == "SUCCESS" and record["member"] == "advertiser"
                                                for record in log[:3]), "each of equal counts is on the owner's record", log[:3])


def check_rules(report, publisher, advertiser):
    set_rule(publisher, "publisher_audience", 3)
    report.check(number(advertiser) is None, "a higher minimum holds at once, whatever was answered before")
    set_rule(publisher, "publisher_audience", 2, aggregateColumns=[], allowCountStar=True)
    report.check(number(advertiser) == 2, "one table's COUNT_DISTINCT is enough")
    set_rule(publisher, "publisher_audience", 2, joinColumns=[], aggregateColumns=[
        {"columnNames": ["user_id_hash"], "function": "COUNT_DISTINCT"}])
    answer = count(advertiser)
    report.check(answer.status == 3 and "joinColumns" in answer.err, "without its joinColumns there is no count", answer)
    set_rule(publisher, "publisher_audience", 2)
    report.check(number(advertiser) == 2, "and with the rule as it was there is again")


def check_versions(report, publisher, advertiser):
    publisher.write("more.csv", "user_id_hash,segment\nxxx999,news\nyyy888,news\nbbb222,sports\nccc333,news\n")
    if upload(publisher, "publisher_audience", "more.csv", KEYED).status != 0:
        raise SystemExit("upload")
    report.check(number(advertiser) == 4, "a new version is counted at once")
    publisher.must("table", "delete", "publisher_audience", "--version", "2", "--yes")
    again = count(advertiser).json()
    report.check(again["subjects"] == 2 and not again["fromMemory"], "so is the earlier one when the new one is deleted", again)
    publisher.must("table", "delete", "publisher_audience", "--yes")
    answer = count(advertiser)
    report.check(answer.status == 3 and "no table" in answer.err, "and no answer outlives its table", answer)


def check_receivers(report, server, publisher, advertiser):
    """Who may ask but not receive gets status only, also of what others were told."""
    auditor = Member(server, "auditor")
    publisher.must("collab", "invite", "lab", "auditor", "--abilities", "query")
    auditor.must("collab", "accept", "lab")
    number(advertiser)
    answer = count(auditor)
    report.check(answer.status == 0 and answer.json()["subjects"] is None and not answer.json()["heldBack"]
                 and "may not receive" in answer.err, "who may not receive results gets none", answer)


def check_three(report, publisher, advertiser):
    publisher.write("third.csv", "user_id_hash,segment\nbbb222,a\nccc333,a\nddd444,b\n")
    upload(publisher, "third", "third.csv", KEYED)
    set_rule(publisher, "third", 2)
    three = (*TABLES, "third")
    answer = advertiser.must("overlap", "count", *three, "--output", "json").json()
    report.check(answer["subjects"] == 2 == as_query(advertiser, answer["query"]), "three tables have what all have", answer)
    answer = count(advertiser, "--where", "segment = 'a'", tables=three)
    report.check(answer.status == 3 and "ambiguous" in answer.err, "a name of two tables needs its table", answer)


def main():
    report = Report()
    with room(("publisher", "advertiser", "auditor")) as server:
        publisher, advertiser = lab(server)
        check_answers(report, publisher, advertiser)
        check_forms(report, advertiser)
        check_refusals(report, advertiser)
        check_record(report, publisher, advertiser)
        check_receivers(report, server, publisher, advertiser)
        check_three(report, publisher, advertiser)
        check_rules(report, publisher, advertiser)
        check_versions(report, publisher, advertiser)
    report.finish()


main()
