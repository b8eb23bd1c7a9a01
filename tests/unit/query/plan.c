#include "server/query/plan.h"

#include "fixture.h"

static void plans(const char *sql, const char *groups, const char *keep, const char *release)
{
    FIXTURE_QUERY(query);
    ENGINE_PLAN(plan);
    check_ok(fixture_check(&query, sql), &query.err);
    check_ok(query_plan(&plan, query.checked, &query.err), &query.err);
    if (groups != NULL)
        check_text(plan->groups.sql, groups);
    if (keep != NULL)
        check_text(plan->keep.sql, keep);
    if (release != NULL)
        check_text(plan->release.sql, release);
}

static void columns_that_a_join_makes_equal_share_one_count(void **state)
{
    (void)state;
    plans("SELECT o.shop, COUNT(DISTINCT o.user_id_hash) AS n FROM people q JOIN orders o ON "
          "q.user_id_hash = o.user_id_hash GROUP BY 1 ORDER BY n DESC",
          "CREATE TEMP TABLE grouped AS SELECT s1.c1 AS k0, count(DISTINCT s0.c0) AS a0, "
          "count(DISTINCT s0.c0) AS h0 FROM t2_v1 AS s0, t1_v1 AS s1 WHERE (s0.c0 = s1.c0) "
          "GROUP BY 1",
          "CREATE TEMP TABLE kept AS SELECT k0, a0 FROM grouped WHERE h0 >= 2",
          "SELECT k0, a0 FROM kept ORDER BY a0 DESC NULLS FIRST, k0 ASC NULLS LAST");
}

static void contributors_are_counted_where_the_input_is_not_null(void **state)
{
    (void)state;
    plans("SELECT AVG(o.big) FROM orders o",
          "CREATE TEMP TABLE grouped AS SELECT avg(s0.c6) AS a0, count(DISTINCT s0.c0) AS h0, "
          "count(DISTINCT s0.c0) FILTER (WHERE s0.c6 IS NOT NULL) AS h1 FROM t1_v1 AS s0",
          "CREATE TEMP TABLE kept AS SELECT a0 FROM grouped WHERE h0 >= 2 AND h1 >= 2",
          "SELECT a0 FROM kept");
}

static void a_subject_that_is_counted_often_is_grouped_first(void **state)
{
    (void)state;
    plans(
        "SELECT o.shop, SUM(o.big), COUNT(o.price), COUNT(DISTINCT o.user_id_hash) FROM orders o "
        "GROUP BY 1",
        "CREATE TEMP TABLE grouped AS SELECT k0, sum(a0) AS a0, CAST(coalesce(sum(a1), 0) AS "
        "BIGINT) AS a1, count(u) AS a2, count(u) AS h0, count(u) FILTER (WHERE h1 > 0) AS h1, "
        "count(u) FILTER (WHERE h2 > 0) AS h2 FROM (SELECT s0.c1 AS k0, s0.c0 AS u, sum(s0.c6) AS "
        "a0, count(s0.c7) AS a1, count(s0.c6) AS h1, count(s0.c7) AS h2 FROM t1_v1 AS s0 GROUP BY "
        "1, 2) GROUP BY 1",
        "CREATE TEMP TABLE kept AS SELECT k0, a0, a1, a2 FROM grouped WHERE h0 >= 2 AND h1 >= 2 "
        "AND h2 >= 2",
        NULL);
}

static void subjects_of_a_join_over_another_key_count_for_each_table(void **state)
{
    (void)state;
    plans("SELECT COUNT(DISTINCT o.user_id_hash) FROM orders o JOIN people q ON o.code = q.code",
          "CREATE TEMP TABLE grouped AS SELECT count(DISTINCT s0.c0) AS a0, count(DISTINCT s0.c0) "
          "AS h0, count(DISTINCT s1.c0) AS h1, count(DISTINCT s1.c0) FILTER (WHERE s0.c0 IS NOT "
          "NULL) AS h2 FROM t1_v1 AS s0, t2_v1 AS s1 WHERE (s0.c12 = s1.c4)",
          "CREATE TEMP TABLE kept AS SELECT a0 FROM grouped WHERE h0 >= 2 AND h1 >= 2 AND h2 >= 2",
          NULL);
}

static void constants_are_parameters_with_their_type(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    ENGINE_PLAN(plan);
    check_ok(fixture_check(&query,
                           "SELECT 'it''s $1' AS l, COALESCE(o.shop, '?'), COUNT(*) FROM "
                           "orders o WHERE qty NOT IN (-1, 2) AND shop LIKE 'a!%' ESCAPE '!' "
                           "GROUP BY COALESCE(o.shop, '?') HAVING 2 < COUNT(*)"),
             &query.err);
    check_ok(query_plan(&plan, query.checked, &query.err), &query.err);
    check_text(plan->groups.sql,
               "CREATE TEMP TABLE grouped AS SELECT coalesce(s0.c1, CAST($1 AS VARCHAR)) AS k0, "
               "count(*) AS a0, count(DISTINCT s0.c0) AS h0 FROM t1_v1 AS s0 WHERE ((s0.c5 NOT IN "
               "(CAST($2 AS BIGINT), CAST($3 AS BIGINT))) AND (s0.c1 LIKE CAST($4 AS VARCHAR) "
               "ESCAPE CAST($5 AS VARCHAR))) GROUP BY 1");
    check_int(plan->groups.parameter_count, 5);
    check_int(plan->groups.parameters[1].value.integer, -1);
    check_slice(plan->groups.parameters[4].value.text, "!");
    check_text(plan->release.sql, "SELECT CAST($1 AS VARCHAR), k0, a0 FROM kept WHERE (CAST(a0 AS "
                                  "DOUBLE) > CAST($2 AS DOUBLE)) ORDER BY k0 ASC NULLS LAST");
    check_slice(plan->release.parameters[0].value.text, "it's $1");
}

static void sums_that_could_overflow_are_doubles(void **state)
{
    (void)state;
    plans("SELECT SUM(o.price), AVG(o.price) FROM orders o",
          "CREATE TEMP TABLE grouped AS SELECT sum(CAST(s0.c7 AS DOUBLE)) AS a0, avg(CAST(s0.c7 AS "
          "DOUBLE)) AS a1, count(DISTINCT s0.c0) AS h0, count(DISTINCT s0.c0) FILTER (WHERE s0.c7 "
          "IS NOT NULL) AS h1 FROM t1_v1 AS s0",
          NULL, NULL);
}

static void no_text_of_the_user_reaches_the_engine(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    ENGINE_PLAN(plan);
    check_ok(fixture_check(
                 &query, "SELECT zebra.shop AS \"zebra\"\"; DROP\", COUNT(*), 'zebra' FROM orders "
                         "AS zebra WHERE zebra.shop = 'zebra' GROUP BY 1"),
             &query.err);
    check_ok(query_plan(&plan, query.checked, &query.err), &query.err);
    const char *statements[] = {plan->groups.sql, plan->keep.sql, plan->release.sql};
    for (size_t i = 0; i < 3; i++)
        check(strstr(statements[i], "zebra") == NULL && strstr(statements[i], "shop") == NULL);
}

/* What the tables of this room hold is another test's matter: here columns say what a test wants. */
static void values_that_stand_in_one_row_are_counted_without_distinct(void **state)
{
    (void)state;
    static const struct
    {
        room_repeats orders;
        room_repeats people;
        const char *counts;
    } cases[] = {
        {ROOM_REPEATS_NEVER, ROOM_REPEATS_NEVER,
         "count(s0.c0) AS a0, avg(s1.c6) AS a1, count(s0.c0) AS h0, count(s1.c6) AS h1"},
        {ROOM_REPEATS_NEVER, ROOM_REPEATS_SOME,
         "count(DISTINCT s0.c0) AS a0, avg(s1.c6) AS a1, count(DISTINCT s0.c0) AS h0, "
         "count(DISTINCT s0.c0) FILTER (WHERE s1.c6 IS NOT NULL) AS h1"},
        {ROOM_REPEATS_UNKNOWN, ROOM_REPEATS_NEVER,
         "count(DISTINCT s0.c0) AS a0, avg(s1.c6) AS a1, count(DISTINCT s0.c0) AS h0, "
         "count(DISTINCT s0.c0) FILTER (WHERE s1.c6 IS NOT NULL) AS h1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        FIXTURE_QUERY(query);
        ENGINE_PLAN(plan);
        check_ok(fixture_check(&query,
                               "SELECT COUNT(DISTINCT o.user_id_hash), AVG(o.big) FROM people q "
                               "JOIN orders o ON q.user_id_hash = o.user_id_hash"),
                 &query.err);
        query.checked->tables[0].room->columns[0].repeats = cases[i].people;
        query.checked->tables[1].room->columns[0].repeats = cases[i].orders;
        check_ok(query_plan(&plan, query.checked, &query.err), &query.err);
        check(strstr(plan->groups.sql, cases[i].counts) != NULL);
    }
}

static int open_room(void **state)
{
    (void)state;
    int opened = fixture_open("extra.json", "AGG_TYPES");
    if (opened == 0)
        test_room_hide_repeats(fixture_room(), true);
    return opened;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_that_a_join_makes_equal_share_one_count),
        cmocka_unit_test(contributors_are_counted_where_the_input_is_not_null),
        cmocka_unit_test(a_subject_that_is_counted_often_is_grouped_first),
        cmocka_unit_test(subjects_of_a_join_over_another_key_count_for_each_table),
        cmocka_unit_test(constants_are_parameters_with_their_type),
        cmocka_unit_test(sums_that_could_overflow_are_doubles),
        cmocka_unit_test(values_that_stand_in_one_row_are_counted_without_distinct),
        cmocka_unit_test(no_text_of_the_user_reaches_the_engine),
    };
    return cmocka_run_group_tests(tests, open_room, fixture_close);
}
