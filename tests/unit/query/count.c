/* The query that counts an overlap: its text, what it may not be turned into, and answers from before. */
#include "server/query/count.h"

#include "fixture.h"

#define COUNTED                                                                                    \
    "SELECT COUNT(DISTINCT \"advertiser_audience\".\"user_id_hash\") FROM \"publisher_audience\" " \
    "JOIN \"advertiser_audience\" ON \"publisher_audience\".\"user_id_hash\" = "                   \
    "\"advertiser_audience\".\"user_id_hash\""

static char publisher[] = "publisher_audience";
static char advertiser[] = "advertiser_audience";
static char nowhere[] = "nowhere";

static sr_result write(char **sql, char **column, char *second, const char *on, const char *where,
                       sr_err *err)
{
    char *tables[] = {publisher, second};
    query_request request = test_room_request(fixture_room(), "advertiser", ABILITY_ALL, "");
    query_count asked = {.tables = tables, .table_count = 2, .column = on, .where = where};
    return query_count_write(sql, column, &asked, &request.catalog, err);
}

/* ---- the text -------------------------------------------------------------------------------- */

static void the_only_column_that_can_join_is_found(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(sql);
    SR_TEXT(column);
    check_ok(write(&sql, &column, advertiser, "", "", &err), &err);
    check_text(sql, COUNTED);
    check_text(column, "user_id_hash");
}

static void a_condition_stands_in_brackets(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(sql);
    SR_TEXT(column);
    check_ok(write(&sql, &column, advertiser, "user_id_hash", "campaign = 'a' -- so", &err), &err);
    check_text(sql, COUNTED " WHERE (campaign = 'a' -- so\n)");
}

static void names_are_quoted(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(sql);
    SR_TEXT(column);
    check_ok(write(&sql, &column, advertiser, "a\" = 1; --", "", &err), &err);
    check(strstr(sql, "\"publisher_audience\".\"a\"\" = 1; --\"") != NULL);
}

static void a_missing_table_is_left_to_the_stages(void **state)
{
    (void)state;
    SR_TEXT(sql);
    SR_TEXT(column);
    FIXTURE_QUERY(query);
    check_ok(write(&sql, &column, nowhere, "", "", &query.err), &query.err);
    check_fails(fixture_resolve(&query, sql), &query.err, SR_E_REFUSED);
    check_text(query.err.detail.reason, "TABLE_UNKNOWN");
    check_text(query.err.detail.table, "nowhere");
}

#define RULE_OF(joins)                                                                             \
    "{\"analysisRuleType\":\"AGGREGATION\",\"analysisRulePolicy\":{\"v1\":{\"aggregation\":{"      \
    "\"aggregateColumns\":[],\"joinColumns\":[" joins "],\"allowedJoinOperators\":[],"             \
    "\"dimensionColumns\":[],\"scalarFunctions\":[],\"outputConstraints\":[{\"columnName\":"       \
    "\"user_id_hash\",\"minimum\":2,\"type\":\"COUNT_DISTINCT\"}],\"allowCountStar\":true}}}}"

static void without_a_column_to_choose_it_is_refused_with_its_text(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(sql);
    SR_TEXT(column);
    test_room_set_rule(fixture_room(), publisher, RULE_OF("\"segment\""));
    check_fails(write(&sql, &column, advertiser, "", "", &err), &err, SR_E_REFUSED);
    check_text(err.detail.reason, "COLUMN_NOT_A_JOIN_COLUMN");
    check(sql != NULL && strstr(sql, "\"publisher_audience\".\"?\"") != NULL);
    check_int(fixture_close(state), 0);
    check_int(fixture_open("suite.json", "AGG_BASE"), 0);
}

/* The publisher's rule lists no aggregates, the advertiser's does. */
static void the_first_table_whose_rule_allows_it_is_counted(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(sql);
    SR_TEXT(column);
    char *tables[] = {advertiser, publisher};
    query_request request = test_room_request(fixture_room(), "advertiser", ABILITY_ALL, "");
    query_count asked = {.tables = tables, .table_count = 2, .column = "segment", .where = ""};
    check_ok(query_count_write(&sql, &column, &asked, &request.catalog, &err), &err);
    check(strstr(sql, "COUNT(DISTINCT \"advertiser_audience\".\"segment\")") != NULL);
    asked = (query_count){tables, 2, "user_id_hash", ""};
    tables[0] = publisher;
    tables[1] = advertiser;
    sr_text_clear(&sql);
    sr_text_clear(&column);
    check_ok(query_count_write(&sql, &column, &asked, &request.catalog, &err), &err);
    check(strstr(sql, "COUNT(DISTINCT \"advertiser_audience\".\"user_id_hash\")") != NULL);
}

/* ---- one total and nothing else -------------------------------------------------------------- */

static sr_result on_record(void *context, sr_err *err)
{
    (void)context;
    (void)err;
    return SR_OK;
}

static sr_result on_decided(void *context, const room_table_version *tables, size_t count,
                            const sr_err *refusal, sr_err *err)
{
    (void)context, (void)tables, (void)count, (void)refusal, (void)err;
    return SR_OK;
}

static sr_result on_finished(void *context, const sr_err *why, sr_err *err)
{
    (void)context, (void)why, (void)err;
    return SR_OK;
}

typedef struct
{
    bool says; /* what `has` says */
    unsigned asked;
    unsigned schemas; /* how often the sink was called */
    uint64_t number;  /* of the first table, when asked */
    bool has_rule;
} memory;

static bool has(void *context, const query_known_table *tables, size_t count)
{
    memory *known = context;
    known->asked++;
    known->number = tables[0].number;
    known->has_rule = count == 2 && tables[0].room->rule_json != NULL;
    return known->says;
}

static sr_result on_schema(void *context, const query_column *columns, size_t count, sr_err *err)
{
    (void)columns, (void)count, (void)err;
    ((memory *)context)->schemas++;
    return SR_OK;
}

static sr_result on_rows(void *context, const query_batch *batch, sr_err *err)
{
    (void)context, (void)batch, (void)err;
    return SR_OK;
}

static sr_result ask(memory *known, unsigned abilities, const char *sql, query_outcome *outcome,
                     sr_err *err)
{
    query_request request = test_room_request(fixture_room(), "advertiser", abilities, sql);
    request.record = (query_record){NULL, on_record, on_decided, on_finished};
    request.memory = (query_memory){known, has};
    request.is_total = true;
    const query_sink sink = {known, on_schema, on_rows};
    return query_run(outcome, &request, &sink, err);
}

static void a_condition_cannot_become_more_than_one(void **state)
{
    static const char *const conditions[] = {
        "campaign = 'a') GROUP BY (campaign",
        "campaign = 'a') GROUP BY 1 HAVING (COUNT(*) > 1",
        "campaign = 'a') HAVING (COUNT(DISTINCT advertiser_audience.user_id_hash) > 1",
        "campaign = 'a'); SELECT (1",
        "campaign = 'a') UNION SELECT (1",
        "campaign = 'a'",
    };
    (void)state;
    size_t last = sizeof conditions / sizeof conditions[0] - 1;
    for (size_t i = 0; i <= last; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_TEXT(sql);
        SR_TEXT(column);
        QUERY_OUTCOME(outcome);
        memory known = {.says = false};
        check_ok(write(&sql, &column, advertiser, "", conditions[i], &err), &err);
        sr_result result = ask(&known, ABILITY_ALL, sql, &outcome, &err);
        if (i == last)
            check_ok(result, &err);
        else
            check_fails(result, &err, SR_E_REFUSED);
        check_int(known.schemas, i == last ? 1 : 0);
    }
}

static void two_counts_are_no_total(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    QUERY_OUTCOME(outcome);
    memory known = {.says = false};
    check_fails(ask(&known, ABILITY_ALL, "SELECT COUNT(*), COUNT(*) FROM advertiser_audience",
                    &outcome, &err),
                &err, SR_E_REFUSED);
    check_int(known.asked, 0);
}

/* ---- answers from before --------------------------------------------------------------------- */

static void what_is_known_is_not_computed_again(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    QUERY_OUTCOME(outcome);
    memory known = {.says = true};
    check_ok(ask(&known, ABILITY_ALL, COUNTED, &outcome, &err), &err);
    check_int(known.asked, 1);
    check_int(known.schemas, 0);
    check(known.has_rule && !outcome.results_withheld && outcome.notice != NULL);
    check_int(outcome.table_count, 2);
}

static void who_may_not_receive_does_not_from_memory_either(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    QUERY_OUTCOME(outcome);
    memory known = {.says = true};
    check_ok(ask(&known, ABILITY_QUERY, COUNTED, &outcome, &err), &err);
    check(outcome.results_withheld);
}

static void what_a_rule_refuses_is_not_asked_of_memory(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    QUERY_OUTCOME(outcome);
    memory known = {.says = true};
    test_room_set_rule(fixture_room(), advertiser, RULE_OF("\"campaign\""));
    check_fails(ask(&known, ABILITY_ALL, COUNTED, &outcome, &err), &err, SR_E_REFUSED);
    check_int(known.asked, 0);
    check_int(fixture_close(state), 0);
    check_int(fixture_open("suite.json", "AGG_BASE"), 0);
}

/* Look-ups 1 and 2 resolve the names; from 3 on the rules are read again. */
static void withdraw_rule(test_room *room, unsigned number)
{
    if (number == 3)
        test_room_set_rule(room, publisher, NULL);
}

static void a_rule_that_changes_meanwhile_has_the_last_word_over_memory(void **state)
{
    sr_err err = SR_ERR_INIT;
    QUERY_OUTCOME(outcome);
    memory known = {.says = true};
    check_int(fixture_close(state), 0);
    check_int(fixture_open("suite.json", "AGG_BASE"), 0);
    test_room_on_find(fixture_room(), withdraw_rule);
    check_fails(ask(&known, ABILITY_ALL, COUNTED, &outcome, &err), &err, SR_E_REFUSED);
    check_text(err.detail.reason, "RULE_CHANGED");
    check_int(known.asked, 1);
}

static int open_room(void **state)
{
    (void)state;
    return fixture_open("suite.json", "AGG_BASE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_column_that_can_join_is_found),
        cmocka_unit_test(a_condition_stands_in_brackets),
        cmocka_unit_test(names_are_quoted),
        cmocka_unit_test(a_missing_table_is_left_to_the_stages),
        cmocka_unit_test(without_a_column_to_choose_it_is_refused_with_its_text),
        cmocka_unit_test(the_first_table_whose_rule_allows_it_is_counted),
        cmocka_unit_test(a_condition_cannot_become_more_than_one),
        cmocka_unit_test(two_counts_are_no_total),
        cmocka_unit_test(what_is_known_is_not_computed_again),
        cmocka_unit_test(who_may_not_receive_does_not_from_memory_either),
        cmocka_unit_test(what_a_rule_refuses_is_not_asked_of_memory),
        cmocka_unit_test(a_rule_that_changes_meanwhile_has_the_last_word_over_memory),
    };
    return cmocka_run_group_tests(tests, open_room, fixture_close);
}
