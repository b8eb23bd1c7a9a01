#include "fixture.h"

#define ORDERS " FROM orders o JOIN people q ON o.user_id_hash = q.user_id_hash "

static void what_is_allowed_is_copied_and_nothing_else(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_check(&query,
                           "SELECT o.shop AS s, COUNT(DISTINCT o.user_id_hash), AVG(q.age), "
                           "'x', AVG(age)" ORDERS
                           "WHERE qty IN (1, 2) AND q.city <> 'Rome' GROUP BY shop HAVING "
                           "AVG(age) > 3 ORDER BY AVG(age) DESC, s"),
             &query.err);
    const checked_query *checked = query.checked;
    check_int(checked->key_count, 1);
    check_int(checked->aggregate_count, 2);
    check_int(checked->output_count, 5);
    check_text(checked->outputs[0].label, "s");
    check_text(checked->outputs[2].label, "avg");
    check_int(checked->outputs[4].index, checked->outputs[2].index);
    check_int(checked->filter.count, 3);
    check_int(checked->filter.items[0].type.kind, DATA_BIGINT);
    check_int(checked->release.count, 2);
    check_int(checked->order_count, 2);
    check(checked->orders[0].descending && checked->orders[0].nulls_first);
    check(!checked->orders[1].descending && !checked->orders[1].nulls_first);
    check_int(checked->tables[0].minimum, 2);
}

static const fixture_refusal precise[] = {
    {.sql = "SELECT o.user_id_hash, COUNT(*) FROM orders o GROUP BY 1",
     .reason = "COLUMN_NOT_A_DIMENSION",
     .field = "dimensionColumns",
     .table = "orders",
     .column = "user_id_hash",
     .position = "1:8",
     .words = "its rule allows it in: joins, COUNT_DISTINCT"},
    {.sql = "SELECT o.big FROM orders o",
     .reason = "COLUMN_NOT_A_DIMENSION",
     .column = "big",
     .words = "cannot be selected"},
    {.sql = "SELECT o.shop FROM orders o GROUP BY 1",
     .reason = "NO_AGGREGATE",
     .field = "aggregateColumns",
     .table = "orders"},
    {.sql = "SELECT o.shop, COUNT(*) FROM orders o", .reason = "NOT_GROUPED", .column = "shop"},
    {.sql = "SELECT SUM(o.qty) FROM orders o",
     .reason = "AGGREGATE_NOT_ALLOWED",
     .field = "aggregateColumns",
     .table = "orders",
     .column = "qty",
     .words = "its rule allows it in: dimensions"},
    {.sql = "SELECT COUNT(DISTINCT o.note) FROM orders o",
     .reason = "AGGREGATE_NOT_ALLOWED",
     .words = "its rule allows nothing with it"},
    {.sql = "SELECT MAX(o.big) FROM orders o", .reason = "FUNCTION_NOT_ALLOWED"},
    {.sql = "SELECT COUNT(*)" ORDERS,
     .reason = "COUNT_STAR_NOT_ALLOWED",
     .field = "allowCountStar",
     .table = "people"},
    {.sql = "SELECT AVG(q.age) FROM people q",
     .reason = "JOIN_REQUIRED",
     .field = "joinRequired",
     .table = "people",
     .position = "1:24"},
    {.sql = "SELECT AVG(q.age) FROM orders o JOIN people q ON o.user_id_hash = q.city",
     .reason = "COLUMN_NOT_A_JOIN_COLUMN",
     .field = "joinColumns",
     .table = "people",
     .column = "city"},
    {.sql = "SELECT AVG(q.age) FROM orders o JOIN people q ON o.kind = q.kind",
     .reason = "JOIN_TYPES_DIFFER",
     .words = "data types differ"},
    {.sql = "SELECT AVG(q.age) FROM orders o JOIN people q ON o.ref = q.code",
     .reason = "JOIN_TYPES_DIFFER",
     .words = "headers differ"},
    {.sql = "SELECT AVG(q.age) FROM orders o JOIN people q ON o.code = q.user_id_hash",
     .reason = "JOIN_TYPES_DIFFER",
     .words = "column types differ"},
    {.sql = "SELECT COUNT(*) FROM orders o WHERE o.tier = 'x'",
     .reason = "COLUMN_TYPE_NOT_ALLOWED",
     .column = "tier",
     .words = "is deterministic"},
    {.sql = "SELECT COUNT(*) FROM orders o WHERE o.day = 'x'",
     .reason = "LITERAL_NOT_ALLOWED",
     .words = "it is no value of type DATE"},
    {.sql = "SELECT CAST(q.city AS integer), AVG(q.age)" ORDERS "GROUP BY 1",
     .reason = "FUNCTION_NOT_ALLOWED",
     .words = "depending on the data"},
    {.sql = "SELECT LOWER(q.city), AVG(q.age)" ORDERS "GROUP BY 1",
     .reason = "FUNCTION_NOT_ALLOWED",
     .field = "scalarFunctions",
     .table = "people",
     .column = "LOWER"},
};

static void refusals_name_field_table_column_and_place(void **state)
{
    (void)state;
    fixture_refuses(fixture_check, precise, sizeof precise / sizeof precise[0]);
}

static void no_refusal_repeats_a_constant(void **state)
{
    (void)state;
    static const char *const conditions[] = {"o.day = 'zebra'", "o.qty = 'zebra'",
                                             "o.flag = 'zebra'", "o.user_id_hash = 'zebra'",
                                             "o.tier IN ('zebra')"};
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
    {
        FIXTURE_QUERY(query);
        SR_TEXT(sql);
        sql = sr_text_printf("SELECT COUNT(*) FROM orders o WHERE %s", conditions[i]);
        check_fails(fixture_check(&query, sql), &query.err, SR_E_REFUSED);
        check(strstr(query.err.text, "zebra") == NULL);
    }
}

static void different_headers_join_when_the_collaboration_says_so(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    collaboration_flags *flags = test_room_flags(fixture_room());
    flags->allow_joins_on_columns_with_different_names = true;
    check_ok(
        fixture_check(&query, "SELECT AVG(q.age) FROM orders o JOIN people q ON o.ref = q.code"),
        &query.err);
    flags->allow_joins_on_columns_with_different_names = false;
}

static void casts_that_cannot_fail_are_allowed(void **state)
{
    (void)state;
    static const char *const casts[] = {"o.qty AS varchar",     "o.qty AS bigint",
                                        "o.day AS text",        "o.qty AS double precision",
                                        "o.shop AS varchar(2)", "o.flag AS boolean"};
    for (size_t i = 0; i < sizeof casts / sizeof casts[0]; i++)
    {
        FIXTURE_QUERY(query);
        SR_TEXT(sql);
        sql = sr_text_printf("SELECT CAST(%s), COUNT(*) FROM orders o GROUP BY 1", casts[i]);
        check_ok(fixture_check(&query, sql), &query.err);
    }
}

static void casts_that_could_fail_are_refused(void **state)
{
    (void)state;
    static const char *const casts[] = {
        "o.shop AS int",       "o.shop AS date",    "o.qty AS smallint", "o.qty AS boolean",
        "o.at AS date",        "o.shop AS char(2)", "o.qty AS numeric",  "o.qty AS bigint[]",
        "o.qty AS varchar(0)", "o.qty AS real"};
    for (size_t i = 0; i < sizeof casts / sizeof casts[0]; i++)
    {
        FIXTURE_QUERY(query);
        SR_TEXT(sql);
        sql = sr_text_printf("SELECT CAST(%s), COUNT(*) FROM orders o GROUP BY 1", casts[i]);
        check_fails(fixture_check(&query, sql), &query.err, SR_E_REFUSED);
    }
}

static void the_notice_speaks_of_rules_alone(void **state)
{
    (void)state;
    FIXTURE_QUERY(one);
    FIXTURE_QUERY(other);
    check_ok(fixture_check(&one, "SELECT AVG(q.age)" ORDERS), &one.err);
    check_ok(fixture_check(&other, "SELECT q.city, AVG(q.age)" ORDERS "GROUP BY 1"), &other.err);
    SR_TEXT(first);
    SR_TEXT(second);
    first = query_notice(one.checked);
    second = query_notice(other.checked);
    check_text(first, second);
    check_text(first, "Only groups that reach every minimum are shown: orders 2 distinct "
                      "user_id_hash; people 2 distinct user_id_hash. Fewer, or none at all, look "
                      "the same.");
}

static int open_room(void **state)
{
    (void)state;
    return fixture_open("extra.json", "AGG_TYPES");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_allowed_is_copied_and_nothing_else),
        cmocka_unit_test(refusals_name_field_table_column_and_place),
        cmocka_unit_test(no_refusal_repeats_a_constant),
        cmocka_unit_test(different_headers_join_when_the_collaboration_says_so),
        cmocka_unit_test(casts_that_cannot_fail_are_allowed),
        cmocka_unit_test(casts_that_could_fail_are_refused),
        cmocka_unit_test(the_notice_speaks_of_rules_alone),
    };
    return cmocka_run_group_tests(tests, open_room, fixture_close);
}
