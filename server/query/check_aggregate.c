#include <string.h>

#include "check.h"

static const struct
{
    const char *name;
    aggregate_function plain;
    aggregate_function distinct; /* AGGREGATE_FUNCTION_COUNT_: there is none */
} aggregate_names[] = {
    {"avg", AGGREGATE_AVG, AGGREGATE_FUNCTION_COUNT_},
    {"count", AGGREGATE_COUNT, AGGREGATE_COUNT_DISTINCT},
    {"sum", AGGREGATE_SUM, AGGREGATE_SUM_DISTINCT},
};

bool check_is_aggregate(const ast_node *node)
{
    if (node->kind != AST_CALL || node->special)
        return false;
    for (size_t i = 0; i < sizeof aggregate_names / sizeof aggregate_names[0]; i++)
        if (strcmp(aggregate_names[i].name, node->text) == 0)
            return true;
    return false;
}

static aggregate_function function_of(const ast_node *node)
{
    for (size_t i = 0; i < sizeof aggregate_names / sizeof aggregate_names[0]; i++)
        if (strcmp(aggregate_names[i].name, node->text) == 0)
            return node->distinct ? aggregate_names[i].distinct : aggregate_names[i].plain;
    return AGGREGATE_FUNCTION_COUNT_;
}

/* ---- COUNT(*) -------------------------------------------------------------------------------- */

static sr_result check_star(const check_state *checking, const ast_node *node, sr_err *err)
{
    if (strcmp(node->text, "count") != 0 || node->arg_count > 0 || node->distinct)
        return query_refuse(
            err, check_place(checking, node),
            (query_refusal){.reason = "AGGREGATE_NOT_ALLOWED", .column = node->text},
            "\"*\" is only allowed as COUNT(*)");
    for (size_t i = 0; i < checking->out->table_count; i++)
    {
        const checked_table *table = &checking->out->tables[i];
        if (!table->rule->allow_count_star)
            return query_refuse(err, check_place(checking, node),
                                (query_refusal){.reason = "COUNT_STAR_NOT_ALLOWED",
                                                .field = "allowCountStar",
                                                .table = table->room->name,
                                                .column = "COUNT(*)"},
                                "COUNT(*) is not allowed: the rule of table \"%s\" does not set "
                                "allowCountStar",
                                table->room->name);
    }
    return SR_OK;
}

/* ---- of a column ----------------------------------------------------------------------------- */

static bool type_can(const room_column *column, aggregate_function function)
{
    const column_type_row *type = column_type_of(column->type);
    if (function == AGGREGATE_COUNT || function == AGGREGATE_COUNT_DISTINCT)
        return type->can_count;
    return type->can_sum && data_type_is_number(column->data);
}

static sr_result check_function(const check_state *checking, const ast_node *node,
                                aggregate_function function, sr_err *err)
{
    const ast_node *argument = node->args[0];
    const checked_table *table = check_table(checking, argument);
    const room_column *column = resolved_column(checking->in, argument);
    if (rule_allows_aggregate(table->rule, column->name, function) && type_can(column, function))
        return SR_OK;
    SR_TEXT(uses);
    uses = check_uses(table, column->name);
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "AGGREGATE_NOT_ALLOWED",
                                        .field = "aggregateColumns",
                                        .table = table->room->name,
                                        .column = column->name},
                        "%s of column \"%s\" of table \"%s\" is not allowed: it is not in "
                        "aggregateColumns (%s)",
                        aggregate_function_name(function), column->name, table->room->name, uses);
}

static sr_result check_argument(const check_state *checking, const ast_node *node, sr_err *err)
{
    if (function_of(node) == AGGREGATE_FUNCTION_COUNT_)
        return query_refuse(err, check_place(checking, node),
                            (query_refusal){.reason = "AGGREGATE_NOT_ALLOWED",
                                            .field = "aggregateColumns",
                                            .column = "DISTINCT"},
                            "%s(DISTINCT …) is not an aggregate that a rule can allow", node->text);
    if (node->arg_count == 1 && node->args[0]->kind == AST_COLUMN)
        return SR_OK;
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "AGGREGATE_NOT_ALLOWED",
                                        .field = "aggregateColumns",
                                        .column = node->text},
                        "an aggregate takes one column, not an expression");
}

/* ---- the list -------------------------------------------------------------------------------- */

static size_t add(checked_query *query, checked_aggregate aggregate)
{
    for (size_t i = 0; i < query->aggregate_count; i++)
        if (query->aggregates[i].function == aggregate.function &&
            checked_column_equal(query->aggregates[i].column, aggregate.column))
            return i;
    query->aggregates = sr_array_grow(query->aggregates, query->aggregate_count,
                                      query->aggregate_count + 1, sizeof *query->aggregates);
    query->aggregates[query->aggregate_count] = aggregate;
    return query->aggregate_count++;
}

sr_result check_aggregate(size_t *index, check_state *checking, const ast_node *node, sr_err *err)
{
    *index = 0;
    if (node->star)
    {
        if (check_star(checking, node, err) != SR_OK)
            return SR_FAIL;
        *index = add(checking->out, (checked_aggregate){.function = AGGREGATE_COUNT_STAR});
        return SR_OK;
    }
    if (check_argument(checking, node, err) != SR_OK ||
        check_function(checking, node, function_of(node), err) != SR_OK)
        return SR_FAIL;
    const ast_node *argument = node->args[0];
    *index = add(checking->out,
                 (checked_aggregate){function_of(node), {argument->table, argument->column}});
    return SR_OK;
}
