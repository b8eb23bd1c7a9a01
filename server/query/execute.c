/* execute.c: stage 5. The groups and their hidden counts, in a temporary table that ends with the session. */
#include "plan.h"
#include "rows.h"

struct grouped_rows
{
    engine_run running;
};

void engine_run_clear(engine_run *running)
{
    query_watch_free(running->watch);
    engine_session_free(running->session);
    running->watch = NULL;
    running->session = NULL;
}

void query_grouped_free(grouped_rows *rows)
{
    if (rows == NULL)
        return;
    engine_run_clear(&rows->running);
    sr_free(rows);
}

void query_grouped_clear(grouped_rows **rows)
{
    query_grouped_free(*rows);
    *rows = NULL;
}

void query_grouped_take(engine_run *out, grouped_rows *rows)
{
    *out = rows->running;
    rows->running = (engine_run){NULL, NULL};
}

sr_result query_execute(grouped_rows **out, const engine_plan *plan, const query_request *request,
                        sr_err *err)
{
    GROUPED_ROWS(rows);
    *out = NULL;
    rows = sr_alloc(sizeof *rows);
    engine_run *running = &rows->running;
    if (engine_session_new(&running->session, request->engine, err) != SR_OK ||
        query_watch_new(&running->watch, running->session, request, err) != SR_OK ||
        query_watch_check(running->watch, err) != SR_OK)
        return SR_FAIL;
    if (engine_execute(running->session, plan->groups.sql, plan->groups.parameters,
                       plan->groups.parameter_count, err) != SR_OK)
        return query_watch_explain(running->watch, err);
    *out = rows;
    rows = NULL;
    return SR_OK;
}
