/* answers.c: however the plan counts, the answer is the same. Small random tables with NULLs, repeated and unique
 * keys; every question is asked with columns that say whether their values repeat, and without. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../redteam/room.h"
#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "server/query/plan.h"

enum
{
    ROOMS = 6,
    TABLES = 3,
    ROWS_MOST = 60,
    JSON_MOST = 64 * 1024,
    CELLS_MOST = 64,
};

static const char *const names[TABLES] = {"a", "b", "c"};

static const char *const questions[] = {
    "SELECT COUNT(DISTINCT a.user_id_hash) FROM a JOIN b ON a.user_id_hash = b.user_id_hash",
    "SELECT SUM(a.amount), COUNT(DISTINCT a.user_id_hash) FROM a",
    "SELECT a.shop, COUNT(*), SUM(a.price) FROM a GROUP BY a.shop",
    "SELECT b.shop, SUM(a.amount), SUM(a.price), SUM(b.ratio), COUNT(DISTINCT b.user_id_hash) FROM "
    "a "
    "JOIN b ON a.user_id_hash = b.user_id_hash GROUP BY b.shop",
    "SELECT a.shop, b.shop AS other, COUNT(a.amount), SUM(b.amount), COUNT(*) FROM a JOIN b ON "
    "b.user_id_hash = a.user_id_hash GROUP BY a.shop, b.shop",
    "SELECT b.shop, AVG(a.amount), SUM(DISTINCT b.amount), COUNT(DISTINCT a.code) FROM a JOIN b ON "
    "a.user_id_hash = b.user_id_hash GROUP BY b.shop",
    "SELECT a.shop, COUNT(DISTINCT a.user_id_hash), COUNT(DISTINCT b.user_id_hash), SUM(b.price) "
    "FROM a "
    "JOIN b ON a.code = b.code GROUP BY a.shop",
    "SELECT COUNT(DISTINCT b.code), SUM(a.amount) FROM a JOIN b ON a.code = b.code AND "
    "a.user_id_hash = "
    "b.user_id_hash",
    "SELECT a.shop, COUNT(DISTINCT a.user_id_hash), COUNT(b.price) FROM a JOIN b ON a.code = "
    "b.code OR "
    "a.user_id_hash = b.user_id_hash GROUP BY a.shop",
    "SELECT COUNT(DISTINCT c.user_id_hash), SUM(a.amount), SUM(b.amount), SUM(c.amount) FROM a "
    "JOIN b ON "
    "a.user_id_hash = b.user_id_hash JOIN c ON c.user_id_hash = b.user_id_hash",
    "SELECT c.shop, COUNT(DISTINCT a.user_id_hash), COUNT(DISTINCT c.user_id_hash), SUM(b.price) "
    "FROM a "
    "JOIN b ON a.user_id_hash = b.user_id_hash JOIN c ON c.code = b.code GROUP BY c.shop",
    "SELECT COUNT(a.amount), SUM(a.amount), SUM(b.price), COUNT(*) FROM a JOIN b ON a.user_id_hash "
    "= "
    "b.user_id_hash WHERE a.shop = 'nowhere'",
    "SELECT b.shop, SUM(a.price) AS p FROM a JOIN b ON a.user_id_hash = b.user_id_hash WHERE "
    "a.shop <> 'x' "
    "AND b.shop IS NOT NULL GROUP BY b.shop HAVING COUNT(DISTINCT a.user_id_hash) > 2 ORDER BY p "
    "DESC",
};

typedef struct
{
    char folder[64];
    uint64_t state; /* of the generator */
    test_room *room;
    engine *room_engine;
    sr_json *setup;
} random_room;

static unsigned below(random_room *made, unsigned limit)
{
    made->state = made->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(made->state >> 33) % limit;
}

/* ---- a room ---------------------------------------------------------------------------------- */

/* NULL now and then; unique values are the row's number among those that all tables share. */
static void write_key(random_room *made, FILE *out, bool unique, unsigned row, const char *prefix)
{
    if (below(made, 8) > 0)
        fprintf(out, "%s%u", prefix, unique ? row * 7 % ROWS_MOST : below(made, 12));
}

static void write_number(random_room *made, FILE *out, unsigned limit, const char *more)
{
    fputc(',', out);
    if (below(made, 5) > 0)
        fprintf(out, "%u%s", below(made, limit), more);
}

static void write_table(random_room *made, const char *name)
{
    SR_TEXT(path);
    path = sr_text_printf("%s/%s.csv", made->folder, name);
    FILE *out = fopen(path, "w");
    bool unique_user = below(made, 2) == 0;
    bool unique_code = below(made, 2) == 0;
    unsigned first = below(made, 20);
    unsigned rows = 10 + below(made, ROWS_MOST - 30);
    check(out != NULL);
    fputs("user_id_hash,code,shop,amount,price,ratio\n", out);
    for (unsigned row = first; row < first + rows; row++)
    {
        write_key(made, out, unique_user, row, "u");
        fputc(',', out);
        write_key(made, out, unique_code, row, "");
        fprintf(out, ",%s", below(made, 6) == 0 ? "" : below(made, 2) == 0 ? "x" : "y");
        write_number(made, out, 4, "");
        write_number(made, out, 100, ".25");
        write_number(made, out, 1000, "");
        fputc('\n', out);
    }
    check(fclose(out) == 0);
}

/* Every column may be what it can be; minimum 2. */
static void write_setup(sr_buf *json, const char *const *tables)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_buf_append_text(json, "{\"tables\": [", &err), &err);
    for (size_t i = 0; i < TABLES; i++)
    {
        SR_TEXT(table);
        table = sr_text_printf(
            "%s{\"name\": \"%s\", \"owner\": \"advertiser\", \"file\": \"%s.csv\", \"types\": "
            "{\"user_id_hash\": \"VARCHAR\", \"code\": \"BIGINT\", \"shop\": \"VARCHAR\", "
            "\"amount\": "
            "\"BIGINT\", \"price\": \"DECIMAL(12,2)\", \"ratio\": \"DOUBLE\"}, \"allowedColumns\": "
            "[\"user_id_hash\", \"code\", \"shop\", \"amount\", \"price\", \"ratio\"], "
            "\"analysisRule\": {\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": "
            "{\"v1\": "
            "{\"aggregation\": {\"aggregateColumns\": [{\"columnNames\": [\"user_id_hash\", "
            "\"code\"], "
            "\"function\": \"COUNT_DISTINCT\"}, {\"columnNames\": [\"amount\", \"price\", "
            "\"ratio\"], "
            "\"function\": \"SUM\"}, {\"columnNames\": [\"amount\"], \"function\": \"AVG\"}, "
            "{\"columnNames\": [\"amount\"], \"function\": \"SUM_DISTINCT\"}, {\"columnNames\": "
            "[\"amount\", \"price\"], \"function\": \"COUNT\"}], \"joinColumns\": "
            "[\"user_id_hash\", "
            "\"code\"], \"allowedJoinOperators\": [\"AND\", \"OR\"], \"dimensionColumns\": "
            "[\"shop\"], "
            "\"scalarFunctions\": [], \"outputConstraints\": [{\"columnName\": \"user_id_hash\", "
            "\"minimum\": 2, \"type\": \"COUNT_DISTINCT\"}], \"allowCountStar\": true}}}}}",
            i == 0 ? "" : ", ", tables[i], tables[i]);
        check_ok(sr_buf_append_text(json, table, &err), &err);
    }
    check_ok(sr_buf_append_text(json, "]}", &err), &err);
}

static void random_room_make(random_room *made, uint64_t seed)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(json, JSON_MOST);
    *made = (random_room){.folder = "/tmp/sealroom-answers-XXXXXX", .state = seed};
    check(mkdtemp(made->folder) != NULL);
    for (size_t i = 0; i < TABLES; i++)
        write_table(made, names[i]);
    write_setup(&json, names);
    check_ok(sr_json_parse(&made->setup, sr_buf_view(&json), &err), &err);
    check_ok(test_room_new(&made->room, made->setup, made->folder, &err), &err);
}

static void random_room_clear(random_room *made)
{
    sr_err err = SR_ERR_INIT;
    test_room_free(made->room);
    sr_json_clear(&made->setup);
    check_ok(sr_folder_remove(made->folder, &err), &err);
}

/* ---- both ways ------------------------------------------------------------------------------- */

static const char *shown(const char *cell)
{
    return cell == NULL ? "NULL" : cell;
}

static void compare(const test_answer *one, const test_answer *other, const char *sql)
{
    if (one->row_count != other->row_count || one->column_count != other->column_count)
        fail_msg("%s: %zu rows, and %zu", sql, one->row_count, other->row_count);
    for (size_t i = 0; i < one->row_count * one->column_count; i++)
        if (strcmp(shown(one->cells[i]), shown(other->cells[i])) != 0)
            fail_msg("%s: cell %zu is %s, and %s", sql, i, shown(one->cells[i]),
                     shown(other->cells[i]));
    for (size_t i = 0; i < one->column_count; i++)
        check_int(one->columns[i].data.kind, other->columns[i].data.kind);
}

static size_t ask_both_ways(random_room *made, const char *sql)
{
    TEST_ANSWER(known);
    TEST_ANSWER(unknown);
    test_room_hide_repeats(made->room, false);
    check_ok(test_room_ask(&known, made->room, "advertiser", ABILITY_ALL, sql), &known.err);
    test_room_hide_repeats(made->room, true);
    check_ok(test_room_ask(&unknown, made->room, "advertiser", ABILITY_ALL, sql), &unknown.err);
    compare(&known, &unknown, sql);
    return known.row_count;
}

/* ---- both ways of grouping ------------------------------------------------------------------- */

/* Everything that the statement makes, hidden counts included, as one text. */
static void run_groups(sr_buf *out, engine *within, const plan_statement *groups)
{
    sr_err err = SR_ERR_INIT;
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    engine_cell row[CELLS_MOST];
    bool end = false;
    check_ok(engine_session_new(&session, within, &err), &err);
    check_ok(
        engine_execute(session, groups->sql, groups->parameters, groups->parameter_count, &err),
        &err);
    check_ok(engine_select(&result, session, "SELECT * FROM grouped ORDER BY ALL", NULL, 0, &err),
             &err);
    size_t columns = engine_result_columns(result);
    check(columns <= CELLS_MOST);
    for (size_t i = 0; i < columns; i++)
        check_ok(sr_buf_printf(out, &err, "%d ", (int)engine_result_type(result, i).kind), &err);
    for (;;)
    {
        check_ok(engine_result_next(result, row, &end, &err), &err);
        if (end)
            return;
        for (size_t i = 0; i < columns; i++)
            check_ok(sr_buf_printf(out, &err, "%s%.*s", i == 0 ? "\n" : ", ",
                                   row[i].is_null ? 4 : (int)row[i].bytes.len,
                                   row[i].is_null ? "NULL" : (const char *)row[i].bytes.data),
                     &err);
    }
}

/* Whether the plan was not the flat one. */
static bool group_both_ways(random_room *made, const char *sql)
{
    sr_err err = SR_ERR_INIT;
    PARSED_QUERY(parsed);
    RESOLVED_QUERY(resolved);
    CHECKED_QUERY(checked);
    ENGINE_PLAN(plan);
    ENGINE_PLAN(flat);
    SR_BUF(planned, JSON_MOST);
    SR_BUF(expected, JSON_MOST);
    query_outcome touched SR_CLEANUP(query_outcome_clear) = {.tables = NULL};
    size_t hidden_count = 0;
    query_request request = test_room_request(made->room, "advertiser", ABILITY_ALL, sql);
    check_ok(query_parse(&parsed, &request, &err), &err);
    check_ok(
        query_resolve(&resolved, &touched.tables, &touched.table_count, parsed, &request, &err),
        &err);
    check_ok(query_check(&checked, resolved, &request, &err), &err);
    check_ok(query_plan(&plan, checked, &err), &err);
    flat = sr_alloc(sizeof *flat);
    plan_hidden *hidden = plan_hidden_counts(&hidden_count, checked);
    for (size_t i = 0; i < hidden_count; i++)
        hidden[i].repeats = true; /* the plainest of all */
    check_ok(plan_groups_flat(&flat->groups, checked, hidden, hidden_count, &err), &err);
    sr_free(hidden);
    run_groups(&planned, made->room_engine, &plan->groups);
    run_groups(&expected, made->room_engine, &flat->groups);
    if (!sr_slice_equal_var(sr_buf_view(&planned), sr_buf_view(&expected)))
        fail_msg("%s: %.*s\nand\n%.*s", plan->groups.sql, (int)planned.len, (char *)planned.data,
                 (int)expected.len, (char *)expected.data);
    return strstr(plan->groups.sql, " AS u") != NULL;
}

static void groups_are_the_same_in_both_ways(void **state)
{
    (void)state;
    size_t by_subject = 0;
    for (uint64_t seed = 1; seed <= ROOMS; seed++)
    {
        random_room made SR_CLEANUP(random_room_clear);
        random_room_make(&made, seed);
        made.room_engine = test_room_request(made.room, "", 0, "").engine;
        for (unsigned way = 0; way < 2; way++)
        {
            test_room_hide_repeats(made.room, way == 1);
            for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
                by_subject += group_both_ways(&made, questions[i]) ? 1 : 0;
        }
    }
    check(by_subject > ROOMS);
}

static void answers_do_not_depend_on_what_is_known_of_repeats(void **state)
{
    (void)state;
    size_t rows = 0;
    for (uint64_t seed = 1; seed <= ROOMS; seed++)
    {
        random_room made SR_CLEANUP(random_room_clear);
        random_room_make(&made, seed);
        for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
            rows += ask_both_ways(&made, questions[i]);
    }
    check(rows > ROOMS * 10u); /* empty answers would prove nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_the_same_in_both_ways),
        cmocka_unit_test(answers_do_not_depend_on_what_is_known_of_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
