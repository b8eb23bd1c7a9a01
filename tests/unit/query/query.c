#include "server/query/query.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "fixture.h"

#define LAB                                                                                        \
    "SELECT a.campaign, COUNT(DISTINCT a.user_id_hash) AS users FROM publisher_audience p JOIN "   \
    "advertiser_audience a ON p.user_id_hash = a.user_id_hash GROUP BY a.campaign ORDER BY 1"

/* ---- the tutorial's tables ------------------------------------------------------------------- */

static void a_legal_query_is_recorded_and_answered(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    check_ok(test_room_ask(&answer, fixture_room(), "advertiser", ABILITY_ALL, LAB), &answer.err);
    check(answer.submitted && answer.decided && !answer.refused && answer.finished);
    check(!answer.data_before_decision && !answer.outcome.results_withheld);
    check_int(answer.row_count, 4);
    check_text(answer.cells[0], "brand_awareness");
    check_text(answer.cells[1], "3");
    check_text(answer.columns[0].label, "campaign");
    check_text(answer.columns[0].source_header, "campaign");
    check_int(answer.columns[0].type, COLUMN_CLEARTEXT);
    check_text(answer.columns[1].label, "users");
    check_text(answer.columns[1].source_header, "");
    check_int(answer.columns[1].data.kind, DATA_BIGINT);
    check_int(answer.outcome.table_count, 2);
    check_text(answer.outcome.tables[0].owner, "publisher");
}

static void a_refused_query_is_recorded_and_touches_nothing(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    check_fails(test_room_ask(&answer, fixture_room(), "advertiser", ABILITY_ALL,
                              "SELECT user_id_hash FROM advertiser_audience"),
                &answer.err, SR_E_REFUSED);
    check(answer.submitted && answer.decided && answer.refused && !answer.finished);
    check_int(answer.column_count, 0);
    check_int(answer.outcome.table_count, 1);
    check(answer.outcome.notice == NULL);
}

static void suppressed_and_empty_answers_look_the_same(void **state)
{
    (void)state;
    TEST_ANSWER(one);
    TEST_ANSWER(none);
    check_ok(test_room_ask(&one, fixture_room(), "advertiser", ABILITY_ALL,
                           "SELECT COUNT(*) FROM advertiser_audience WHERE campaign = 'solo'"),
             &one.err);
    check_ok(test_room_ask(&none, fixture_room(), "advertiser", ABILITY_ALL,
                           "SELECT COUNT(*) FROM advertiser_audience WHERE campaign = 'nope'"),
             &none.err);
    check_int(one.row_count, 0);
    check_int(none.row_count, 0);
    check_int(one.column_count, none.column_count);
    check_text(one.outcome.notice, none.outcome.notice);
}

static void who_may_not_query_is_told_so(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    check_fails(test_room_ask(&answer, fixture_room(), "publisher",
                              ABILITY_CONTRIBUTE | ABILITY_RECEIVE_RESULTS, LAB),
                &answer.err, SR_E_ROLE);
    check(answer.submitted && answer.refused && answer.column_count == 0);
}

static void who_may_not_receive_gets_no_rows(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    check_ok(test_room_ask(&answer, fixture_room(), "advertiser", ABILITY_QUERY, LAB), &answer.err);
    check(answer.finished && answer.outcome.results_withheld);
    check(answer.column_count == 0 && answer.row_count == 0);
}

/* ---- records and sinks that fail ------------------------------------------------------------- */

typedef struct
{
    test_answer answer;
    bool fail_submitted;
    bool fail_decided;
    bool fail_finished;
    bool fail_schema;
    bool fail_rows;
    unsigned finished;
    sr_code finished_with;
} failing;

static sr_result may_fail(bool fails, sr_err *err)
{
    return fails ? sr_fail(err, SR_E_IO, "broken on purpose") : SR_OK;
}

static sr_result on_submitted(void *context, sr_err *err)
{
    return may_fail(((failing *)context)->fail_submitted, err);
}

static sr_result on_decided(void *context, const room_table_version *tables, size_t count,
                            const sr_err *refusal, sr_err *err)
{
    (void)tables;
    (void)count;
    (void)refusal;
    return may_fail(((failing *)context)->fail_decided, err);
}

static sr_result on_finished(void *context, const sr_err *why, sr_err *err)
{
    failing *fails = context;
    fails->finished++;
    fails->finished_with = why == NULL ? SR_E_NONE : why->code;
    return may_fail(fails->fail_finished, err);
}

static sr_result on_schema(void *context, const query_column *columns, size_t count, sr_err *err)
{
    failing *fails = context;
    (void)columns;
    fails->answer.column_count = count;
    return may_fail(fails->fail_schema, err);
}

static sr_result on_rows(void *context, const query_batch *batch, sr_err *err)
{
    failing *fails = context;
    fails->answer.row_count += batch->rows;
    return may_fail(fails->fail_rows, err);
}

/* Runs LAB, or another text; the rows are counted, not kept. */
static sr_result run(failing *fails, const char *sql, sr_err *err)
{
    QUERY_OUTCOME(outcome);
    query_request request = test_room_request(fixture_room(), "advertiser", ABILITY_ALL, sql);
    request.record = (query_record){fails, on_submitted, on_decided, on_finished};
    const query_sink sink = {fails, on_schema, on_rows};
    return query_run(&outcome, &request, &sink, err);
}

static void what_cannot_be_recorded_does_not_happen(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    failing submitted = {.fail_submitted = true};
    check_fails(run(&submitted, LAB, &err), &err, SR_E_IO);
    check_int(submitted.finished, 0);
    failing decided = {.fail_decided = true};
    check_fails(run(&decided, LAB, &err), &err, SR_E_IO);
    check_int(decided.answer.column_count, 0);
    check_fails(run(&decided, "SELECT", &err), &err, SR_E_IO); /* a refusal too */
    failing finished = {.fail_finished = true};
    check_fails(run(&finished, LAB, &err), &err, SR_E_IO);
}

static void a_sink_that_fails_ends_the_query(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    failing schema = {.fail_schema = true};
    check_fails(run(&schema, LAB, &err), &err, SR_E_IO);
    check_int(schema.finished_with, SR_E_IO);
    check_int(schema.answer.row_count, 0);
    failing rows = {.fail_rows = true, .fail_finished = true};
    check_fails(run(&rows, LAB, &err), &err, SR_E_IO);
    check_int(rows.finished, 1);
}

/* ---- rules that change meanwhile ------------------------------------------------------------- */

static const char *next_rule = NULL;

/* Look-ups 1 and 2 resolve the names; from 3 on the rules are read again before the release. */
static void change_rule(test_room *room, unsigned number)
{
    if (number == 3)
        test_room_set_rule(room, "publisher_audience", next_rule);
}

static void a_rule_that_changes_meanwhile_has_the_last_word(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    static const char *const rules[] = {NULL, "{\"tighter\":true}"};
    for (size_t i = 0; i < 2; i++)
    {
        check_int(fixture_close(state), 0);
        check_int(fixture_open("suite.json", "AGG_BASE"), 0);
        next_rule = rules[i];
        test_room_on_find(fixture_room(), change_rule);
        check_fails(test_room_ask(&answer, fixture_room(), "advertiser", ABILITY_ALL, LAB),
                    &answer.err, SR_E_REFUSED);
        check_text(answer.err.detail.reason, "RULE_CHANGED");
        check(answer.finished && answer.column_count == 0);
    }
    check_int(fixture_close(state), 0);
    check_int(fixture_open("suite.json", "AGG_BASE"), 0);
}

/* ---- large and slow ones --------------------------------------------------------------------- */

enum
{
    GROUPS = 5000,
    HOT_ROWS = 30000,
};

static char folder[] = "/tmp/sealroom-query-test-XXXXXX";
static test_room *large = NULL;
static sr_json *setup = NULL;

static void write_file(const char *name, const char *header, bool hot)
{
    SR_OUT(out);
    SR_TEXT(path);
    sr_err err = SR_ERR_INIT;
    path = sr_path_join(folder, name);
    check_ok(sr_out_open(&out, path, true, &err), &err);
    check_ok(sr_out_write(out, sr_slice_text(header), &err), &err);
    for (unsigned i = 0; i < (hot ? HOT_ROWS : 2 * GROUPS); i++)
    {
        SR_TEXT(line);
        line = hot ? sr_text_printf("u%u,1\n", i) : sr_text_printf("u%u,%u\n", i, i / 2);
        check_ok(sr_out_write(out, sr_slice_text(line), &err), &err);
    }
    check_ok(sr_out_commit(out, &err), &err);
}

static int open_large(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    check(mkdtemp(folder) != NULL);
    write_file("wide.csv", "user_id_hash,grp\n", false);
    write_file("left.csv", "user_id_hash,k\n", true);
    write_file("right.csv", "user_id_hash,k\n", true);
    check_ok(sr_json_parse_file(&setup, SEALROOM_SOURCE_DIR "/tests/unit/query/large.json", &err),
             &err);
    check_ok(test_room_new(&large, setup, folder, &err), &err);
    return 0;
}

static int close_large(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    test_room_free(large);
    sr_json_clear(&setup);
    check_ok(sr_folder_remove(folder, &err), &err);
    return 0;
}

static void many_rows_arrive_in_order_and_whole(void **state)
{
    (void)state;
    TEST_ANSWER(answer);
    check_ok(test_room_ask(&answer, large, "advertiser", ABILITY_ALL,
                           "SELECT grp, COUNT(*) FROM wide GROUP BY grp"),
             &answer.err);
    check_int(answer.row_count, GROUPS);
    for (size_t i = 0; i < answer.row_count; i++)
    {
        check_int(strtoul(answer.cells[2 * i], NULL, 10), i);
        check_text(answer.cells[2 * i + 1], "2");
    }
}

#define SLOW                                                                                       \
    "SELECT COUNT(DISTINCT \"left\".user_id_hash) FROM \"left\" JOIN \"right\" ON \"left\".k = "   \
    "\"right\".k"

static bool after_a_while(void *context)
{
    int64_t *start = context;
    return sr_monotonic_us() - *start > 200000;
}

static sr_result run_slow(int64_t deadline_us, bool cancel, sr_err *err)
{
    QUERY_OUTCOME(outcome);
    failing fails = {.finished = 0};
    int64_t start = sr_monotonic_us();
    query_request request = test_room_request(large, "advertiser", ABILITY_ALL, SLOW);
    request.record = (query_record){&fails, on_submitted, on_decided, on_finished};
    request.deadline_us = deadline_us == 0 ? 0 : start + deadline_us;
    request.cancelled = cancel ? after_a_while : NULL;
    request.cancelled_context = &start;
    const query_sink sink = {&fails, on_schema, on_rows};
    sr_result result = query_run(&outcome, &request, &sink, err);
    check(sr_monotonic_us() - start < 20000000);
    check_int(fails.finished_with, err->code);
    check_int(fails.answer.column_count, 0);
    return result;
}

static void a_cancelled_query_stops(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(run_slow(0, true, &err), &err, SR_E_CANCELLED);
}

static void a_query_past_its_deadline_stops(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(run_slow(300000, false, &err), &err, SR_E_TIMEOUT);
    check_fails(run_slow(1, false, &err), &err, SR_E_TIMEOUT); /* before it starts */
}

static int open_room(void **state)
{
    (void)state;
    return fixture_open("suite.json", "AGG_BASE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_legal_query_is_recorded_and_answered),
        cmocka_unit_test(a_refused_query_is_recorded_and_touches_nothing),
        cmocka_unit_test(suppressed_and_empty_answers_look_the_same),
        cmocka_unit_test(who_may_not_query_is_told_so),
        cmocka_unit_test(who_may_not_receive_gets_no_rows),
        cmocka_unit_test(what_cannot_be_recorded_does_not_happen),
        cmocka_unit_test(a_sink_that_fails_ends_the_query),
        cmocka_unit_test(a_rule_that_changes_meanwhile_has_the_last_word),
    };
    const struct CMUnitTest large_tests[] = {
        cmocka_unit_test(many_rows_arrive_in_order_and_whole),
        cmocka_unit_test(a_cancelled_query_stops),
        cmocka_unit_test(a_query_past_its_deadline_stops),
    };
    int failed = cmocka_run_group_tests(tests, open_room, fixture_close);
    return cmocka_run_group_tests(large_tests, open_large, close_large) + failed;
}
