/*
 * protect.c: stage 6. What is under a minimum goes first (the statement `keep`); HAVING, ORDER BY and the
 * choice of columns see only what is left (the statement `release`). There is no other way to protected rows.
 */
#include <string.h>

#include "checked.h"
#include "plan.h"
#include "refuse.h"
#include "rows.h"

struct protected_rows
{
    engine_run running;
    engine_result *result;
    query_column *columns; /* labels and headers are borrowed from the checked query */
    size_t column_count;
};

void query_protected_free(protected_rows *rows)
{
    if (rows == NULL)
        return;
    engine_result_free(rows->result);
    engine_run_clear(&rows->running);
    sr_free(rows->columns);
    sr_free(rows);
}

void query_protected_clear(protected_rows **rows)
{
    query_protected_free(*rows);
    *rows = NULL;
}

engine_result *query_protected_result(protected_rows *rows)
{
    return rows->result;
}

query_watch *query_protected_watch(protected_rows *rows)
{
    return rows->running.watch;
}

const query_column *query_protected_columns(const protected_rows *rows, size_t *count)
{
    *count = rows->column_count;
    return rows->columns;
}

/* ---- the rules again ------------------------------------------------------------------------- */

static bool same_rule(const room_table *now, const room_table *then)
{
    return now->rule_json != NULL && strcmp(now->rule_json, then->rule_json) == 0;
}

/* An owner who tightened a rule or withdrew a table while the query ran has the last word. */
sr_result query_rules_again(const checked_query *checked, const query_request *request, sr_err *err)
{
    for (size_t i = 0; i < checked->table_count; i++)
    {
        ROOM_TABLE(now);
        uint64_t number = 0;
        const room_table *then = checked->tables[i].room;
        const query_catalog *catalog = &request->catalog;
        sr_result found = catalog->find_table(catalog->context, then->name, &now, &number, err);
        if (found != SR_OK && err->code != SR_E_NOT_FOUND)
            return SR_FAIL;
        if (found == SR_OK && same_rule(&now, then))
            continue;
        return query_refuse(err, (query_place){NULL, -1},
                            (query_refusal){.reason = "RULE_CHANGED", .table = then->name},
                            "the rule of table \"%s\" changed while the query ran: nothing is "
                            "released, run it again",
                            then->name);
    }
    return SR_OK;
}

/* ---- what the columns of the answer are ------------------------------------------------------ */

static query_column column_of(const checked_query *checked, const checked_output *output,
                              const engine_result *result, size_t index)
{
    query_column column = {.label = output->label,
                           .type = COLUMN_CLEARTEXT,
                           .data = engine_result_type(result, index),
                           .source_header = ""};
    if (output->kind != OUTPUT_KEY || checked->keys[output->index].function != SCALAR_NONE)
        return column;
    const room_column *source = checked_room_column(checked, checked->keys[output->index].column);
    column.type = source->type;
    column.data = source->data;
    column.source_header = source->name;
    return column;
}

static void describe(protected_rows *rows, const checked_query *checked)
{
    rows->columns = sr_array(checked->output_count, sizeof *rows->columns);
    rows->column_count = checked->output_count;
    for (size_t i = 0; i < checked->output_count; i++)
        rows->columns[i] = column_of(checked, &checked->outputs[i], rows->result, i);
}

/* ---- the stage ------------------------------------------------------------------------------- */

static sr_result run(protected_rows *rows, const engine_plan *plan, sr_err *err)
{
    engine_session *session = rows->running.session;
    if (engine_execute(session, plan->keep.sql, plan->keep.parameters, plan->keep.parameter_count,
                       err) == SR_OK &&
        engine_select(&rows->result, session, plan->release.sql, plan->release.parameters,
                      plan->release.parameter_count, err) == SR_OK)
        return SR_OK;
    return query_watch_explain(rows->running.watch, err);
}

sr_result query_protect(protected_rows **out, grouped_rows **rows, const checked_query *checked,
                        const engine_plan *plan, const query_request *request, sr_err *err)
{
    PROTECTED_ROWS(kept);
    *out = NULL;
    kept = sr_alloc(sizeof *kept);
    query_grouped_take(&kept->running, *rows);
    query_grouped_clear(rows);
    if (run(kept, plan, err) != SR_OK || query_rules_again(checked, request, err) != SR_OK)
        return SR_FAIL;
    describe(kept, checked);
    *out = kept;
    kept = NULL;
    return SR_OK;
}
