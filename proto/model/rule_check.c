/* Does a rule fit its table? And the rule as canonical JSON. */
#include "rule.h"

#include <string.h>

#include "base/json.h"
#include "model/column_type.h"
#include "model/data_type.h"

typedef struct
{
    const rule_table_column *columns;
    size_t count;
} table_view;

/* ---- the rule against the table -------------------------------------------------------------- */

static sr_result refuse(sr_err *err, const char *field, const char *column, const char *why)
{
    sr_fail(err, SR_E_INVALID, "%s: column \"%s\" %s", field, column, why);
    sr_err_set_detail(err, "RULE_DOES_NOT_FIT", field, NULL, column);
    return SR_FAIL;
}

static const rule_table_column *find_column(const table_view *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static sr_result need_column(const rule_table_column **out, const table_view *table,
                             const char *field, const char *name, sr_err *err)
{
    *out = find_column(table, name);
    if (*out == NULL)
        return refuse(err, field, name, "is not in the table");
    if (!(*out)->allowed)
        return refuse(err, field, name, "is not in the table's allow-list");
    return SR_OK;
}

static const column_type_row *row_of(const rule_table_column *column)
{
    return column_type_of((column_type)column->type);
}

static sr_result check_joins(const analysis_rule *rule, const table_view *table, sr_err *err)
{
    const rule_table_column *column = NULL;
    for (size_t i = 0; i < rule->join_columns.count; i++)
    {
        const char *name = rule->join_columns.names[i];
        if (need_column(&column, table, "joinColumns", name, err) != SR_OK)
            return SR_FAIL;
        if (!row_of(column)->can_join)
            return refuse(err, "joinColumns", name,
                          "is sealed: every cell differs, so it cannot join");
    }
    return SR_OK;
}

static sr_result check_dimensions(const analysis_rule *rule, const table_view *table, sr_err *err)
{
    const rule_table_column *column = NULL;
    for (size_t i = 0; i < rule->dimension_columns.count; i++)
    {
        const char *name = rule->dimension_columns.names[i];
        if (need_column(&column, table, "dimensionColumns", name, err) != SR_OK)
            return SR_FAIL;
        if (!row_of(column)->can_group)
            return refuse(
                err, "dimensionColumns", name,
                "has a type that cannot group: fingerprints never leave, sealed cells all "
                "differ");
        if (rule_has_column(&rule->join_columns, name))
            return refuse(err, "dimensionColumns", name, "is a join column too: it would be shown");
    }
    return SR_OK;
}

static bool type_allows(const rule_table_column *column, aggregate_function function)
{
    data_type type = {.kind = (data_kind)column->kind, .precision = 0, .scale = 0};
    switch (function)
    {
    case AGGREGATE_SUM:
    case AGGREGATE_SUM_DISTINCT:
    case AGGREGATE_AVG:
        return row_of(column)->can_sum && data_type_is_number(type);
    default:
        return row_of(column)->can_count;
    }
}

static sr_result check_aggregates(const analysis_rule *rule, const table_view *table, sr_err *err)
{
    const rule_table_column *column = NULL;
    for (size_t i = 0; i < rule->aggregate_count; i++)
    {
        const rule_aggregate *aggregate = &rule->aggregates[i];
        if (need_column(&column, table, "aggregateColumns", aggregate->column, err) != SR_OK)
            return SR_FAIL;
        if (!type_allows(column, aggregate->function))
            return refuse(err, "aggregateColumns", aggregate->column,
                          "has a type on which this function is not possible (SUM and AVG need a "
                          "cleartext number, COUNT anything but sealed)");
    }
    return SR_OK;
}

static sr_result check_subject(const table_view *table, const char *field, const char *name,
                               sr_err *err)
{
    const rule_table_column *column = NULL;
    if (need_column(&column, table, field, name, err) != SR_OK)
        return SR_FAIL;
    if (!row_of(column)->can_be_subject)
        return refuse(err, field, name, "is sealed: every cell differs, so it counts nobody");
    return SR_OK;
}

sr_result rule_check_columns(const analysis_rule *rule, const rule_table_column *columns,
                             size_t count, sr_err *err)
{
    table_view table = {columns, count};
    if (check_joins(rule, &table, err) != SR_OK || check_dimensions(rule, &table, err) != SR_OK ||
        check_aggregates(rule, &table, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < rule->constraint_count; i++)
        if (check_subject(&table, "outputConstraints", rule->constraints[i].column, err) != SR_OK)
            return SR_FAIL;
    return check_subject(&table, "subjectColumn", rule->subject_column, err);
}

/* ---- canonical JSON -------------------------------------------------------------------------- */

static sr_json *columns_to_json(const rule_columns *columns)
{
    sr_json *list = sr_json_array_new();
    for (size_t i = 0; i < columns->count; i++)
        sr_json_add_text(list, columns->names[i]);
    return list;
}

static sr_json *aggregates_to_json(const analysis_rule *rule)
{
    sr_json *list = sr_json_array_new();
    for (size_t i = 0; i < rule->aggregate_count; i++)
    {
        sr_json *entry = sr_json_object_new();
        sr_json *names = sr_json_array_new();
        sr_json_add_text(names, rule->aggregates[i].column);
        sr_json_set_take(entry, "columnNames", names);
        sr_json_set_text(entry, "function", aggregate_function_name(rule->aggregates[i].function));
        sr_json_add_take(list, entry);
    }
    return list;
}

static sr_json *constraints_to_json(const analysis_rule *rule)
{
    sr_json *list = sr_json_array_new();
    for (size_t i = 0; i < rule->constraint_count; i++)
    {
        sr_json *entry = sr_json_object_new();
        sr_json_set_text(entry, "columnName", rule->constraints[i].column);
        sr_json_set_int(entry, "minimum", rule->constraints[i].minimum);
        sr_json_set_text(entry, "type", "COUNT_DISTINCT");
        sr_json_add_take(list, entry);
    }
    return list;
}

static sr_json *operators_to_json(const analysis_rule *rule)
{
    sr_json *list = sr_json_array_new();
    if (rule->allow_join_operator_and)
        sr_json_add_text(list, "AND");
    if (rule->allow_join_operator_or)
        sr_json_add_text(list, "OR");
    return list;
}

static sr_json *aggregation_to_json(const analysis_rule *rule)
{
    sr_json *object = sr_json_object_new();
    sr_json_set_take(object, "aggregateColumns", aggregates_to_json(rule));
    sr_json_set_take(object, "joinColumns", columns_to_json(&rule->join_columns));
    if (rule->join_required)
        sr_json_set_text(object, "joinRequired", "QUERY_RUNNER");
    sr_json_set_take(object, "allowedJoinOperators", operators_to_json(rule));
    sr_json_set_take(object, "dimensionColumns", columns_to_json(&rule->dimension_columns));
    sr_json_set_take(object, "scalarFunctions", columns_to_json(&rule->scalar_functions));
    sr_json_set_take(object, "outputConstraints", constraints_to_json(rule));
    sr_json_set_bool(object, "allowCountStar", rule->allow_count_star);
    return object;
}

sr_result rule_print(sr_buf *out, const analysis_rule *rule, sr_err *err)
{
    SR_JSON(document);
    document = sr_json_object_new();
    sr_json *policy = sr_json_object_new();
    sr_json *version = sr_json_object_new();
    sr_json_set_take(version, "aggregation", aggregation_to_json(rule));
    sr_json_set_take(policy, "v1", version);
    sr_json_set_text(document, "analysisRuleType", "AGGREGATION");
    sr_json_set_take(document, "analysisRulePolicy", policy);
    sr_json_set_text(document, "subjectColumn", rule->subject_column);
    return sr_json_write_canonical(document, out, err);
}
