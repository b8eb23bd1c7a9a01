#include "fixture.h"

#define JOINED                                                                                     \
    " FROM publisher_audience p JOIN advertiser_audience a ON p.user_id_hash = a.user_id_hash "

static void names_become_tables_and_columns(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_resolve(&query, "SELECT SEGMENT, a.\"spend\", P.User_Id_Hash" JOINED),
             &query.err);
    const ast_item *items = query.parsed->items;
    check_text(resolved_column(query.resolved, items[0].node)->name, "segment");
    check_text(resolved_column(query.resolved, items[1].node)->name, "spend");
    check_int(items[1].node->table, 1);
    check_int(items[2].node->table, 0);
    check_int(query.touched_count, 2);
    check_text(query.touched[0].table, "publisher_audience");
    check_text(query.touched[0].owner, "publisher");
    check_int(query.touched[1].version, 1);
}

static void swapped_aliases_do_not_swap_tables(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_resolve(&query, "SELECT advertiser_audience.segment FROM publisher_audience "
                                     "advertiser_audience JOIN advertiser_audience "
                                     "publisher_audience ON publisher_audience.user_id_hash = "
                                     "advertiser_audience.user_id_hash"),
             &query.err);
    check_int(query.parsed->items[0].node->table, 0);
    check_text(query.resolved->tables[0].room.name, "publisher_audience");
}

static void group_by_prefers_columns_and_order_by_labels(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_resolve(&query, "SELECT a.campaign AS segment, p.segment AS x" JOINED
                                     "GROUP BY segment, x, 1 ORDER BY segment, x, 2"),
             &query.err);
    const parsed_query *tree = query.parsed;
    check_text(resolved_column(query.resolved, tree->groups[0])->name, "segment");
    check(tree->groups[1] == tree->items[1].node);
    check(tree->groups[2] == tree->items[0].node);
    check(tree->orders[0].node == tree->items[0].node);
    check(tree->orders[1].node == tree->items[1].node);
    check(tree->orders[2].node == tree->items[1].node);
}

static void a_hidden_column_and_a_missing_one_sound_alike(void **state)
{
    (void)state;
    FIXTURE_QUERY(hidden);
    FIXTURE_QUERY(missing);
    check(fixture_resolve(&hidden, "SELECT p.secret_note" JOINED) != SR_OK);
    check(fixture_resolve(&missing, "SELECT p.zecret_note" JOINED) != SR_OK);
    check_text(hidden.err.detail.column, "secret_note");
    for (char *at = hidden.err.text; (at = strstr(at, "secret")) != NULL;)
        *at = 'z';
    check_text(hidden.err.text, missing.err.text);
    check_text(hidden.err.detail.reason, missing.err.detail.reason);
    check_text(hidden.err.detail.field, "allowedColumns");
    check_text(missing.err.detail.field, "allowedColumns");
}

static void a_hidden_column_makes_no_name_ambiguous(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_resolve(&query, "SELECT spend" JOINED), &query.err);
}

static void names_that_mean_nothing_are_refused(void **state)
{
    (void)state;
    static const fixture_refusal cases[] = {
        {.sql = "SELECT x FROM nowhere",
         .reason = "TABLE_UNKNOWN",
         .table = "nowhere",
         .position = "1:15"},
        {.sql = "SELECT q.segment" JOINED, .reason = "TABLE_UNKNOWN", .table = "q"},
        {.sql = "SELECT publisher_audience.segment" JOINED, .reason = "TABLE_UNKNOWN"},
        {.sql = "SELECT p.\"SEGMENT\"" JOINED,
         .reason = "COLUMN_UNKNOWN",
         .table = "publisher_audience",
         .column = "SEGMENT",
         .position = "1:8"},
        {.sql = "SELECT p" JOINED, .reason = "COLUMN_UNKNOWN"},
        {.sql = "SELECT user_id_hash" JOINED, .reason = "NAME_AMBIGUOUS", .column = "user_id_hash"},
        {.sql = "SELECT 1 FROM publisher_audience p JOIN advertiser_audience p ON p.a = p.b",
         .reason = "NAME_AMBIGUOUS",
         .table = "p"},
        {.sql = "SELECT p.segment AS l, a.campaign AS l" JOINED "GROUP BY l",
         .reason = "NAME_AMBIGUOUS"},
        {.sql = "SELECT p.segment" JOINED "GROUP BY 2", .reason = "POSITION_UNKNOWN"},
        {.sql = "SELECT p.segment" JOINED "ORDER BY 0", .reason = "POSITION_UNKNOWN"},
        {.sql = "SELECT p.segment" JOINED "ORDER BY -1", .reason = "POSITION_UNKNOWN"},
        {.sql = "SELECT p.segment" JOINED "ORDER BY NULL", .reason = "POSITION_UNKNOWN"},
        {.sql = "SELECT p.segment AS l" JOINED "WHERE l = 'x'", .reason = "COLUMN_UNKNOWN"},
        {.sql = "SELECT COUNT(*) AS l" JOINED "HAVING l > 1", .reason = "COLUMN_UNKNOWN"},
    };
    fixture_refuses(fixture_resolve, cases, sizeof cases / sizeof cases[0]);
}

static void a_table_without_a_rule_is_refused(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    test_room_set_rule(fixture_room(), "advertiser_audience", NULL);
    check_fails(fixture_resolve(&query, "SELECT spend FROM advertiser_audience"), &query.err,
                SR_E_REFUSED);
    check_text(query.err.detail.reason, "NO_RULE");
    check_error_says(&query.err, "has no analysis rule yet");
    check(query.resolved == NULL);
    check_int(query.touched_count, 1); /* the audit record names it all the same */
}

static void a_stored_rule_that_cannot_be_read_is_a_fault_of_ours(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    test_room_set_rule(fixture_room(), "advertiser_audience", "{}");
    check_fails(fixture_resolve(&query, "SELECT spend FROM advertiser_audience"), &query.err,
                SR_E_CORRUPT);
}

static int open_room(void **state)
{
    (void)state;
    return fixture_open("suite.json", "AGG_BASE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_tables_and_columns),
        cmocka_unit_test(swapped_aliases_do_not_swap_tables),
        cmocka_unit_test(group_by_prefers_columns_and_order_by_labels),
        cmocka_unit_test(a_hidden_column_and_a_missing_one_sound_alike),
        cmocka_unit_test(a_hidden_column_makes_no_name_ambiguous),
        cmocka_unit_test(names_that_mean_nothing_are_refused),
        cmocka_unit_test(a_table_without_a_rule_is_refused),
        cmocka_unit_test(a_stored_rule_that_cannot_be_read_is_a_fault_of_ours),
    };
    return cmocka_run_group_tests(tests, open_room, fixture_close);
}
