/* query.c: the map of a query. Read `answer` and you know the server. */
#include "query.h"

#include "stages.h"

void query_outcome_clear(query_outcome *outcome)
{
    sr_free(outcome->tables);
    sr_free(outcome->notice);
    sr_free(outcome->warning);
    *outcome = (query_outcome){.tables = NULL};
}

static sr_result admit(const query_request *request, sr_err *err)
{
    if ((request->abilities & ABILITY_QUERY) != 0)
        return SR_OK;
    return sr_fail(err, SR_E_ROLE, "member \"%s\" may not run queries in this collaboration",
                   request->runner.member);
}

/* Stages 1 to 3: may this be asked? Nothing of a row is looked at. */
static sr_result judge(checked_query **checked, resolved_query **resolved, parsed_query **parsed,
                       query_outcome *out, const query_request *request, sr_err *err)
{
    if (admit(request, err) != SR_OK || query_parse(parsed, request, err) != SR_OK ||
        query_resolve(resolved, &out->tables, &out->table_count, *parsed, request, err) != SR_OK ||
        query_check(checked, *resolved, request, err) != SR_OK ||
        query_check_total(*checked, request, err) != SR_OK)
        return SR_FAIL;
    out->notice = query_notice(*checked);
    out->warning = query_warning(*checked);
    return SR_OK;
}

/* Stages 4 to 7: the answer. */
static sr_result answer(const checked_query *checked, const query_request *request,
                        const query_sink *sink, query_outcome *out, sr_err *err)
{
    ENGINE_PLAN(plan);
    GROUPED_ROWS(groups);
    PROTECTED_ROWS(rows);
    out->results_withheld = (request->abilities & ABILITY_RECEIVE_RESULTS) == 0;
    if (query_is_known(checked, request))
        return query_rules_again(checked, request, err);
    if (query_plan(&plan, checked, err) != SR_OK ||
        query_execute(&groups, plan, request, err) != SR_OK ||
        query_protect(&rows, &groups, checked, plan, request, err) != SR_OK)
        return SR_FAIL;
    return out->results_withheld ? SR_OK : query_deliver(rows, sink, err);
}

/* The first failure counts: one of the record hides the query's own only when there is none. */
static sr_result finish(const query_record *record, sr_result result, sr_err *err)
{
    sr_err unrecorded = SR_ERR_INIT;
    const sr_err *why = result == SR_OK ? NULL : err;
    if (record->finished(record->context, why, &unrecorded) == SR_OK || result != SR_OK)
        return result;
    *err = unrecorded;
    return SR_FAIL;
}

static bool is_decision(const sr_err *err)
{
    return err->code == SR_E_REFUSED || err->code == SR_E_ROLE;
}

static sr_result refuse(const query_record *record, const query_outcome *out, sr_err *err)
{
    sr_err unrecorded = SR_ERR_INIT;
    if (record->decided(record->context, out->tables, out->table_count, err, &unrecorded) != SR_OK)
        *err = unrecorded;
    return SR_FAIL;
}

sr_result query_run(query_outcome *out, const query_request *request, const query_sink *sink,
                    sr_err *err)
{
    PARSED_QUERY(parsed);
    RESOLVED_QUERY(resolved);
    CHECKED_QUERY(checked);
    const query_record *record = &request->record;
    *out = (query_outcome){.tables = NULL};
    if (record->submitted(record->context, err) != SR_OK)
        return SR_FAIL;
    if (judge(&checked, &resolved, &parsed, out, request, err) != SR_OK)
        return is_decision(err) ? refuse(record, out, err) : finish(record, SR_FAIL, err);
    /* A caller who is gone before it hears of the decision ends the query, on record too. */
    if (record->decided(record->context, out->tables, out->table_count, NULL, err) != SR_OK)
        return finish(record, SR_FAIL, err);
    return finish(record, answer(checked, request, sink, out, err), err);
}
