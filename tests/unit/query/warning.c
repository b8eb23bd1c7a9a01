/* What is counted several times, said in words: for every shape of join, and the same whatever is asked of rows. */
#include <string.h>

#include "fixture.h"

/* purchases: email repeats; impressions: email and campaign repeat; campaigns: campaign never does. */
#define PI "FROM purchases p JOIN impressions i ON p.email = i.email"
#define IC "FROM impressions i JOIN campaigns c ON i.campaign = c.campaign"

/* One column of a table of the query, by its place in FROM, says something else. */
typedef struct
{
    size_t table;
    const char *column;
    room_repeats repeats;
} change;

static char *warning_with(const char *sql, const change *changes, size_t count)
{
    FIXTURE_QUERY(query);
    check_ok(fixture_check(&query, sql), &query.err);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < query.resolved->tables[changes[i].table].room.column_count; c++)
        {
            room_column *column = &query.resolved->tables[changes[i].table].room.columns[c];
            if (strcmp(column->name, changes[i].column) == 0)
                column->repeats = changes[i].repeats;
        }
    return query_warning(query.checked);
}

static void says(const char *sql, const char *expected)
{
    SR_TEXT(words);
    words = warning_with(sql, NULL, 0);
    if (expected == NULL)
        check(words == NULL);
    else
    {
        check(words != NULL);
        check_text(words, expected);
    }
}

static void has(const char *words, const char *part)
{
    if (words == NULL || strstr(words, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, words == NULL ? "(nothing)" : words);
}

static void has_not(const char *words, const char *part)
{
    if (words == NULL || strstr(words, part) != NULL)
        fail_msg("\"%s\" is in \"%s\"", part, words == NULL ? "(nothing)" : words);
}

/* ---- two tables ------------------------------------------------------------------------------ */

static void both_sides_that_repeat_are_told_with_the_ways_out(void **state)
{
    (void)state;
    says("SELECT COUNT(DISTINCT p.email), SUM(p.amount), SUM(i.spend) " PI,
         "purchases.email and impressions.email both repeat: 3 rows of purchases and 4 of "
         "impressions with one email make 12 joined rows. So SUM(purchases.amount) and "
         "SUM(impressions.spend) count a row once for every row that it meets. Ways out: one row "
         "for each email in impressions counts purchases once; one row for each email in "
         "purchases counts impressions once; add up before you encrypt; COUNT(DISTINCT ...) "
         "counts values once as it is.");
}

static void one_sum_is_told_what_it_meets(void **state)
{
    (void)state;
    says("SELECT COUNT(DISTINCT p.email), SUM(p.amount) " PI,
         "impressions.email repeats: 1 row of purchases and 4 of impressions with one email "
         "make 4 joined rows. So SUM(purchases.amount) counts a row once for every row that it "
         "meets. Ways out: one row for each email in impressions counts purchases once; add up "
         "before you encrypt; COUNT(DISTINCT ...) counts values once as it is.");
}

static void pairs_are_told(void **state)
{
    (void)state;
    SR_TEXT(words);
    words = warning_with("SELECT COUNT(*) " PI, NULL, 0);
    has(words, "both repeat");
    has(words, "So COUNT(*) counts a row once");
}

static void averages_and_counts_of_a_column_are_told(void **state)
{
    (void)state;
    SR_TEXT(average);
    SR_TEXT(count);
    average = warning_with("SELECT AVG(p.amount) " PI, NULL, 0);
    has(average, "So AVG(purchases.amount) counts");
    count = warning_with("SELECT COUNT(i.email) " PI, NULL, 0);
    has(count, "So COUNT(impressions.email) counts");
    has(count, "purchases.email repeats");
}

static void what_counts_once_is_not_told(void **state)
{
    (void)state;
    static const change unique[] = {{1, "email", ROOM_REPEATS_NEVER},
                                    {0, "email", ROOM_REPEATS_NEVER}};
    says("SELECT COUNT(DISTINCT p.email), SUM(DISTINCT p.amount) " PI, NULL);
    says("SELECT SUM(p.amount), COUNT(*) FROM purchases p", NULL);
    check(warning_with("SELECT SUM(p.amount), COUNT(*) " PI, unique, 1) == NULL);
    check(warning_with("SELECT SUM(p.amount), SUM(i.spend), COUNT(*) " PI, unique, 2) == NULL);
}

static void the_one_side_of_many_is_told_and_the_many_side_is_not(void **state)
{
    (void)state;
    SR_TEXT(words);
    words = warning_with("SELECT SUM(i.spend), SUM(c.budget), COUNT(*) " IC, NULL, 0);
    has(words, "impressions.campaign repeats: 1 row of campaigns and 4 of impressions with one "
               "campaign make 4 joined rows. So SUM(campaigns.budget) counts");
    has_not(words, "spend");
    has_not(words, "COUNT(*)");
}

static void what_is_not_known_may_repeat(void **state)
{
    (void)state;
    static const change unknown = {1, "email", ROOM_REPEATS_UNKNOWN};
    SR_TEXT(words);
    words = warning_with("SELECT SUM(p.amount) " PI, &unknown, 1);
    has(words, "impressions.email may repeat: ");
    has(words, "Then SUM(purchases.amount) counts");
}

static void having_and_order_by_are_told_too(void **state)
{
    (void)state;
    SR_TEXT(having);
    SR_TEXT(order);
    having = warning_with("SELECT p.region, COUNT(DISTINCT p.email) " PI
                          " GROUP BY p.region HAVING SUM(p.items) > 3",
                          NULL, 0);
    has(having, "SUM(purchases.items)");
    order = warning_with("SELECT p.region, COUNT(DISTINCT p.email) " PI
                         " GROUP BY p.region ORDER BY SUM(i.clicks)",
                         NULL, 0);
    has(order, "SUM(impressions.clicks)");
}

static void many_aggregates_become_a_number(void **state)
{
    (void)state;
    SR_TEXT(words);
    words = warning_with("SELECT SUM(p.amount), SUM(p.items), AVG(p.amount), COUNT(p.email), "
                         "COUNT(p.items) " PI,
                         NULL, 0);
    has(words, "So SUM(purchases.amount), SUM(purchases.items), AVG(purchases.amount) and 2 others "
               "count a row");
}

/* ---- other conditions, more tables ----------------------------------------------------------- */

static void keys_of_two_columns_may_repeat(void **state)
{
    (void)state;
    static const change unique = {1, "phone", ROOM_REPEATS_NEVER};
    static const char sql[] = "SELECT SUM(p.amount) FROM purchases p JOIN impressions i ON "
                              "p.email = i.email AND p.phone = i.phone";
    SR_TEXT(words);
    words = warning_with(sql, NULL, 0);
    has(words, "impressions.email with impressions.phone may repeat");
    has(words, "one row for each email with phone");
    check(warning_with(sql, &unique, 1) == NULL); /* one of them alone decides */
}

static void or_is_told_even_between_unique_columns(void **state)
{
    (void)state;
    static const change unique[] = {{0, "email", ROOM_REPEATS_NEVER},
                                    {0, "phone", ROOM_REPEATS_NEVER},
                                    {1, "email", ROOM_REPEATS_NEVER},
                                    {1, "phone", ROOM_REPEATS_NEVER}};
    SR_TEXT(words);
    words = warning_with("SELECT SUM(p.amount) FROM purchases p JOIN impressions i ON p.email = "
                         "i.email OR p.phone = i.phone",
                         unique, 4);
    has(words, "impressions.email or impressions.phone may match several rows");
    has(words, "joining impressions without OR counts purchases once");
    has_not(words, "add up");
}

#define PIC PI " JOIN campaigns c ON i.campaign = c.campaign" /* many : many, then many : one */

static void a_third_table_that_is_met_once_is_no_cause(void **state)
{
    (void)state;
    SR_TEXT(words);
    words = warning_with("SELECT SUM(p.amount) " PIC, NULL, 0);
    has(words, "impressions.email repeats: ");
    has_not(words, "campaign");
}

static void each_step_that_multiplies_is_named(void **state)
{
    (void)state;
    SR_TEXT(words);
    words = warning_with("SELECT SUM(c.budget) " PIC, NULL, 0);
    has(words, "purchases.email and impressions.campaign both repeat: ");
    has(words, "one row for each campaign in impressions and one row for each email in purchases "
               "counts campaigns once");
}

static void a_unique_table_in_the_middle_helps_nobody_but_its_neighbours(void **state)
{
    (void)state;
    static const change unique = {1, "email", ROOM_REPEATS_NEVER};
    SR_TEXT(words);
    check(warning_with("SELECT SUM(p.amount), COUNT(*) " PIC, &unique, 1) == NULL);
    words = warning_with("SELECT SUM(i.spend) " PIC, &unique, 1);
    has(words, "purchases.email repeats: ");
}

/* ---- no oracle ------------------------------------------------------------------------------- */

static void the_words_are_the_same_whatever_is_asked_of_rows(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "",
        " WHERE p.region = 'north'",
        " WHERE p.region = 'nowhere'",
        " WHERE p.region <> 'north'",
        " WHERE p.region LIKE 's%' OR p.region IS NULL",
        " WHERE p.region IN ('north', 'south')",
    };
    SR_TEXT(expected);
    expected = warning_with("SELECT SUM(p.amount) " PI, NULL, 0);
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
    {
        SR_TEXT(sql);
        TEST_ANSWER(answer);
        sql = sr_text_printf("SELECT SUM(p.amount) " PI "%s", conditions[i]);
        check_ok(test_room_ask(&answer, fixture_room(), "advertiser", ABILITY_ALL, sql),
                 &answer.err);
        check_int(answer.row_count, i == 0 || i == 1 || i == 5 ? 1 : 0);
        check(answer.outcome.warning != NULL);
        check_text(answer.outcome.warning, expected);
    }
}

static void a_refused_query_is_told_nothing(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    check_fails(test_room_ask(&answer, fixture_room(), "advertiser", ABILITY_ALL,
                              "SELECT p.email, SUM(p.amount) " PI " GROUP BY p.email"),
                &answer.err, SR_E_REFUSED);
    check(answer.outcome.warning == NULL);
}

static int open_room(void **state)
{
    (void)state;
    return fixture_open("../unit/query/warning.json", "MEDIA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_that_repeat_are_told_with_the_ways_out),
        cmocka_unit_test(one_sum_is_told_what_it_meets),
        cmocka_unit_test(pairs_are_told),
        cmocka_unit_test(averages_and_counts_of_a_column_are_told),
        cmocka_unit_test(what_counts_once_is_not_told),
        cmocka_unit_test(the_one_side_of_many_is_told_and_the_many_side_is_not),
        cmocka_unit_test(what_is_not_known_may_repeat),
        cmocka_unit_test(having_and_order_by_are_told_too),
        cmocka_unit_test(many_aggregates_become_a_number),
        cmocka_unit_test(keys_of_two_columns_may_repeat),
        cmocka_unit_test(or_is_told_even_between_unique_columns),
        cmocka_unit_test(a_third_table_that_is_met_once_is_no_cause),
        cmocka_unit_test(each_step_that_multiplies_is_named),
        cmocka_unit_test(a_unique_table_in_the_middle_helps_nobody_but_its_neighbours),
        cmocka_unit_test(the_words_are_the_same_whatever_is_asked_of_rows),
        cmocka_unit_test(a_refused_query_is_told_nothing),
    };
    return cmocka_run_group_tests(tests, open_room, fixture_close);
}
