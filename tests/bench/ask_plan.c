#include "ask_plan.h"

#include <string.h>

#include "base/text.h"
#include "server/query/plan.h"

enum
{
    QUESTION_MOST = 4096,
    COLUMNS = 2 + ASK_MEASURES, /* person, grp, measures */
};

typedef struct
{
    uint64_t first;
    room_repeats repeats;
} ask_tables;

static const char rule[] =
    "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": {\"aggregation\": {"
    "\"aggregateColumns\": [{\"columnNames\": [\"m0\", \"m1\", \"m2\", \"m3\", \"m4\", \"m5\"], "
    "\"function\": \"SUM\"}], \"joinColumns\": [\"person\"], \"allowedJoinOperators\": [], "
    "\"dimensionColumns\": [\"grp\"], \"scalarFunctions\": [], \"outputConstraints\": [{"
    "\"columnName\": \"person\", \"minimum\": 100, \"type\": \"COUNT_DISTINCT\"}]}}}}";

static bool fill_column(room_column *column, size_t index, room_repeats repeats)
{
    SR_TEXT(measure);
    measure = sr_text_printf("m%zu", index < 2 ? 0 : index - 2);
    const char *name = index == 0 ? "person" : index == 1 ? "grp" : measure;
    *column = (room_column){.type = index == 0 ? COLUMN_FINGERPRINT : COLUMN_CLEARTEXT,
                            .data = {.kind = index < 2 ? DATA_STRING : DATA_BIGINT},
                            .repeats = index == 0 ? repeats : ROOM_REPEATS_UNKNOWN,
                            .allowed = true};
    return sr_text_put(column->name, sizeof column->name, name);
}

static sr_result find_table(void *context, const char *name, room_table *out, uint64_t *number,
                            sr_err *err)
{
    const ask_tables *tables = context;
    bool fits = sr_text_put(out->name, sizeof out->name, name) &&
                sr_text_put(out->owner, sizeof out->owner, name);
    out->version = 1;
    out->columns = sr_array(COLUMNS, sizeof *out->columns);
    out->column_count = COLUMNS;
    for (size_t i = 0; i < COLUMNS; i++)
        fits = fill_column(&out->columns[i], i, tables->repeats) && fits;
    out->rule_json = sr_text_copy(rule);
    *number = tables->first + (strcmp(name, "a") == 0 ? 0 : 1);
    return fits ? SR_OK : sr_fail(err, SR_E_INTERNAL, "a name is too long");
}

static sr_result write_question(char **out, size_t aggregates, sr_err *err)
{
    SR_BUF(text, QUESTION_MOST);
    sr_result result = sr_buf_append_text(&text, "SELECT b.grp", err);
    for (size_t i = 0; result == SR_OK && i < aggregates; i++)
        result = sr_buf_printf(&text, err, ", SUM(a.m%zu)", i);
    if (result != SR_OK ||
        sr_buf_append_text(&text, " FROM a JOIN b ON a.person = b.person GROUP BY b.grp", err) !=
            SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(out, &text, err);
}

static void touched_free(room_table_version **touched)
{
    sr_free(*touched);
}

sr_result ask_plan(char **sql, uint64_t first, size_t aggregates, room_repeats repeats, sr_err *err)
{
    PARSED_QUERY(parsed);
    RESOLVED_QUERY(resolved);
    CHECKED_QUERY(checked);
    ENGINE_PLAN(plan);
    SR_TEXT(question);
    ask_tables tables = {first, repeats};
    room_collaboration room = {.name = "bench"};
    room_table_version *touched SR_CLEANUP(touched_free) = NULL;
    size_t touched_count = 0;
    *sql = NULL;
    if (write_question(&question, aggregates, err) != SR_OK)
        return SR_FAIL;
    query_request request = {.runner = {.member = "a", .role = ROLE_ANALYST},
                             .abilities = ABILITY_ALL,
                             .collaboration = &room,
                             .sql = question,
                             .catalog = {&tables, find_table}};
    if (query_parse(&parsed, &request, err) != SR_OK ||
        query_resolve(&resolved, &touched, &touched_count, parsed, &request, err) != SR_OK ||
        query_check(&checked, resolved, &request, err) != SR_OK ||
        query_plan(&plan, checked, err) != SR_OK)
        return SR_FAIL;
    *sql = sr_text_copy(plan->groups.sql);
    return SR_OK;
}
