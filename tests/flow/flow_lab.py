"""The lab of the AWS Clean Rooms tutorial: two members, minimum 2, answered, suppressed and refused."""

from harness import LAB_QUERY, Report, lab, room

TUTORIAL_QUERY = (
    "SELECT a.campaign, p.segment, COUNT(*) AS overlap_count FROM publisher_audience p "
    "JOIN advertiser_audience a ON p.user_id_hash = a.user_id_hash "
    "GROUP BY 1, 2 ORDER BY overlap_count DESC")
LEAKING_QUERY = (
    "SELECT p.user_id_hash FROM publisher_audience p "
    "JOIN advertiser_audience a ON p.user_id_hash = a.user_id_hash")


def main():
    report = Report()
    with room() as server:
        publisher, advertiser = lab(server)

        answer = advertiser.must("query", "run", LAB_QUERY, "--output", "json")
        report.check(answer.json() == [{"campaign": "spring_launch", "users": 2}],
                     "overlap by campaign is spring_launch, 2 and nothing else", answer)
        answer = advertiser.must("query", "run", LAB_QUERY, "--output", "csv")
        report.check(answer.out == "campaign,users\nspring_launch,2\n", "the same as CSV", answer)

        answer = advertiser.must("query", "run", TUTORIAL_QUERY, "--output", "csv")
        report.check(answer.out == "campaign,segment,overlap_count\n",
                     "the tutorial's query is answered with no row: each group is one user", answer)

        answer = advertiser.run("query", "run", LEAKING_QUERY)
        report.check(answer.status == 3, "selecting user_id_hash is refused, exit status 3", answer)
        report.check(answer.one_line and "user_id_hash" in answer.err and "dimensionColumns" in answer.err
                     and "publisher_audience" in answer.err,
                     "the refusal is one line and names rule field, table and column", answer)

        records = publisher.must("audit", "list", "--output", "json").json()["records"]
        queries = [record for record in records if record["action"] == "QUERY"]
        report.check([record["decision"] for record in queries] == ["REFUSED", "ACCEPTED", "ACCEPTED", "ACCEPTED"],
                     "the owner's audit list has every query with its decision, newest first", queries)
        report.check(all(record["member"] == "advertiser" for record in queries), "and who asked", queries)
        report.check(queries[0]["rule_column"] == "user_id_hash", "and the column that decided", queries[0])
        report.check(any(table["version"] == 1 for table in queries[1]["tables"]),
                     "and the versions of the tables", queries[1])

        star = "SELECT * FROM Publisher_Audience LIMIT 1"
        advertiser.run("query", "run", star)
        newest = publisher.must("audit", "list", "--output", "json").json()["records"][0]
        report.check(newest["text"] == star and newest["decision"] == "REFUSED",
                     "an owner sees attempts that were refused before names were resolved", newest)

        shown = publisher.must("table", "show", "advertiser_audience")
        report.check("campaign" in shown.out and "SELECT" in shown.out,
                     "a partner sees columns, the rule in words and an example", shown)
        example = publisher.must("table", "show", "advertiser_audience", "--output", "json").json()["example"]
        legal = publisher.run("query", "run", example)
        report.check(legal.status == 0, "the example query is legal", (example, legal))

        before = advertiser.must("query", "run", LAB_QUERY, "--output", "csv").out
        server.stop()
        server.start()
        after = advertiser.must("query", "run", LAB_QUERY, "--output", "csv").out
        report.check(before == after, "a restarted server answers the same", (before, after))
        report.check(server.stop() == 0, "the server stops in an orderly way")
    report.finish()


main()
