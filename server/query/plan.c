/* plan.c: stage 4. Three statements out of one checked query (plan.h). */
#include "plan.h"

#include <inttypes.h>

void query_plan_free(engine_plan *plan)
{
    if (plan == NULL)
        return;
    plan_statement *statements[] = {&plan->groups, &plan->keep, &plan->release};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
    {
        sr_free(statements[i]->sql);
        sr_free(statements[i]->parameters);
    }
    sr_free(plan);
}

void query_plan_clear(engine_plan **plan)
{
    query_plan_free(*plan);
    *plan = NULL;
}

/* ---- keep ------------------------------------------------------------------------------------ */

static sr_result plan_keep(engine_plan *plan, const checked_query *query, const plan_hidden *hidden,
                           size_t hidden_count, sr_err *err)
{
    static const checked_parameters none = {NULL, 0};
    PLAN_WRITER(writer);
    plan_writer_init(&writer, &none, err);
    plan_add(&writer, "CREATE TEMP TABLE kept AS SELECT ");
    for (size_t i = 0; i < query->key_count; i++)
        plan_add(&writer, "k%zu, ", i);
    for (size_t i = 0; i < query->aggregate_count; i++)
        plan_add(&writer, "%sa%zu", i == 0 ? "" : ", ", i);
    plan_add(&writer, " FROM grouped WHERE ");
    for (size_t i = 0; i < hidden_count; i++)
        plan_add(&writer, "%sh%zu >= %" PRId64, i == 0 ? "" : " AND ", i, hidden[i].minimum);
    return plan_finish(&plan->keep, &writer);
}

/* ---- release --------------------------------------------------------------------------------- */

static void add_output(plan_writer *writer, const checked_output *output)
{
    if (output->kind == OUTPUT_CONSTANT)
        plan_parameter(writer, output->index);
    else
        plan_add(writer, "%s%zu", output->kind == OUTPUT_KEY ? "k" : "a", output->index);
}

/* HAVING: comparisons of aggregates, as DOUBLE on both sides, which no value can make fail. */
static void add_having(plan_writer *writer, const checked_condition *condition)
{
    const char *between = condition->kind == CONDITION_OR ? " OR " : " AND ";
    plan_add(writer, condition->kind == CONDITION_NOT ? "(NOT " : "(");
    for (size_t i = 0; i < condition->child_count; i++)
    {
        plan_add(writer, "%s", i == 0 ? "" : between);
        add_having(writer, &condition->children[i]);
    }
    if (condition->kind == CONDITION_COMPARE)
    {
        plan_add(writer, "CAST(a%zu AS DOUBLE) %s ", condition->aggregate, condition->operator);
        plan_parameter(writer, condition->parameter);
    }
    plan_add(writer, ")");
}

/* As asked, then by all keys: the order of an answer says nothing about what was left out of it. */
static void add_orders(plan_writer *writer, const checked_query *query)
{
    const char *before = " ORDER BY ";
    for (size_t i = 0; i < query->order_count; i++)
    {
        const checked_order *order = &query->orders[i];
        plan_add(writer, "%s%s%zu %s NULLS %s", before, order->kind == OUTPUT_KEY ? "k" : "a",
                 order->index, order->descending ? "DESC" : "ASC",
                 order->nulls_first ? "FIRST" : "LAST");
        before = ", ";
    }
    for (size_t i = 0; i < query->key_count; i++)
    {
        plan_add(writer, "%sk%zu ASC NULLS LAST", before, i);
        before = ", ";
    }
}

static sr_result plan_release(engine_plan *plan, const checked_query *query, sr_err *err)
{
    PLAN_WRITER(writer);
    plan_writer_init(&writer, &query->release, err);
    plan_add(&writer, "SELECT ");
    for (size_t i = 0; i < query->output_count; i++)
    {
        plan_add(&writer, "%s", i == 0 ? "" : ", ");
        add_output(&writer, &query->outputs[i]);
    }
    plan_add(&writer, " FROM kept");
    if (query->having != NULL)
    {
        plan_add(&writer, " WHERE ");
        add_having(&writer, query->having);
    }
    add_orders(&writer, query);
    return plan_finish(&plan->release, &writer);
}

sr_result query_plan(engine_plan **out, const checked_query *checked, sr_err *err)
{
    ENGINE_PLAN(plan);
    size_t count = 0;
    *out = NULL;
    plan = sr_alloc(sizeof *plan);
    plan_hidden *hidden = plan_hidden_counts(&count, checked);
    sr_result result = plan_groups(&plan->groups, checked, hidden, count, err);
    if (result == SR_OK)
        result = plan_keep(plan, checked, hidden, count, err);
    if (result == SR_OK)
        result = plan_release(plan, checked, err);
    sr_free(hidden);
    if (result != SR_OK)
        return SR_FAIL;
    *out = plan;
    plan = NULL;
    return SR_OK;
}
