/* The rule for people: what may be asked, and one query that may be asked. */
#include "rule.h"

#include <inttypes.h>
#include <string.h>

static const char *function_words(aggregate_function function)
{
    switch (function)
    {
    case AGGREGATE_COUNT:
        return "COUNT";
    case AGGREGATE_COUNT_DISTINCT:
        return "COUNT(DISTINCT)";
    case AGGREGATE_SUM:
        return "SUM";
    case AGGREGATE_SUM_DISTINCT:
        return "SUM(DISTINCT)";
    case AGGREGATE_AVG:
        return "AVG";
    default:
        return "COUNT(*)";
    }
}

/* ---- in words -------------------------------------------------------------------------------- */

static sr_result list_columns(sr_buf *out, const char *before, const rule_columns *columns,
                              sr_err *err)
{
    if (sr_buf_append_text(out, before, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < columns->count; i++)
        if (sr_buf_printf(out, err, "%s%s", i == 0 ? "" : ", ", columns->names[i]) != SR_OK)
            return SR_FAIL;
    return sr_buf_append_text(out, columns->count == 0 ? "nothing\n" : "\n", err);
}

static sr_result list_aggregates(sr_buf *out, const analysis_rule *rule, sr_err *err)
{
    if (sr_buf_append_text(out, "Aggregates:       ", err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < rule->aggregate_count; i++)
        if (sr_buf_printf(out, err, "%s%s of %s", i == 0 ? "" : ", ",
                          function_words(rule->aggregates[i].function),
                          rule->aggregates[i].column) != SR_OK)
            return SR_FAIL;
    const char *star = rule->aggregate_count == 0 ? "COUNT(*)" : ", COUNT(*)";
    if (rule->allow_count_star && sr_buf_append_text(out, star, err) != SR_OK)
        return SR_FAIL;
    bool none = rule->aggregate_count == 0 && !rule->allow_count_star;
    return sr_buf_append_text(out, none ? "nothing\n" : "\n", err);
}

static sr_result list_minimums(sr_buf *out, const analysis_rule *rule, sr_err *err)
{
    for (size_t i = 0; i < rule->constraint_count; i++)
        if (sr_buf_printf(out, err, "%s at least %" PRId64 " distinct %s\n",
                          i == 0 ? "Every group needs" : "              and ",
                          rule->constraints[i].minimum, rule->constraints[i].column) != SR_OK)
            return SR_FAIL;
    return sr_buf_append_text(out, "(others are left out, as if they were not there).\n", err);
}

static sr_result list_joins(sr_buf *out, const analysis_rule *rule, sr_err *err)
{
    if (list_columns(out, "Join on:          ", &rule->join_columns, err) != SR_OK)
        return SR_FAIL;
    if (!rule->join_required)
        return SR_OK;
    return sr_buf_append_text(out, "A join with a table of the member who asks is required.\n",
                              err);
}

sr_result rule_explain(sr_buf *out, const analysis_rule *rule, sr_err *err)
{
    if (sr_buf_append_text(out, "Only aggregates may be asked; no row ever leaves.\n", err) !=
            SR_OK ||
        list_joins(out, rule, err) != SR_OK ||
        list_columns(out, "Group and filter: ", &rule->dimension_columns, err) != SR_OK ||
        list_aggregates(out, rule, err) != SR_OK)
        return SR_FAIL;
    if (rule->scalar_functions.count > 0 &&
        list_columns(out, "Functions:        ", &rule->scalar_functions, err) != SR_OK)
        return SR_FAIL;
    return list_minimums(out, rule, err);
}

/* ---- an example ------------------------------------------------------------------------------ */

/* A name that is not a plain SQL identifier needs quotes. */
static sr_result put_name(sr_buf *out, const char *alias, const char *name, sr_err *err)
{
    bool plain = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name) &&
                 strspn(name, "0123456789") == 0;
    return sr_buf_printf(out, err, plain ? "%s.%s" : "%s.\"%s\"", alias, name);
}

static sr_result put_aggregate(sr_buf *out, const analysis_rule *rule, sr_err *err)
{
    if (rule->aggregate_count == 0)
        return sr_buf_append_text(out, "COUNT(*)", err);
    const rule_aggregate *first = &rule->aggregates[0];
    static const char *const opening[AGGREGATE_FUNCTION_COUNT_] = {
        [AGGREGATE_COUNT] = "COUNT(", [AGGREGATE_COUNT_DISTINCT] = "COUNT(DISTINCT ",
        [AGGREGATE_SUM] = "SUM(",     [AGGREGATE_SUM_DISTINCT] = "SUM(DISTINCT ",
        [AGGREGATE_AVG] = "AVG(",     [AGGREGATE_COUNT_STAR] = "COUNT(",
    };
    if (sr_buf_append_text(out, opening[first->function], err) != SR_OK ||
        put_name(out, "t", first->column, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_append_text(out, ")", err);
}

static sr_result put_join(sr_buf *out, const analysis_rule *rule, const char *partner,
                          const char *partner_key, sr_err *err)
{
    if (rule->join_columns.count == 0)
        return SR_OK;
    if (sr_buf_printf(out, err, " JOIN %s p ON ", partner) != SR_OK ||
        put_name(out, "t", rule->join_columns.names[0], err) != SR_OK ||
        sr_buf_append_text(out, " = ", err) != SR_OK)
        return SR_FAIL;
    return put_name(out, "p", partner_key, err);
}

sr_result rule_example(sr_buf *out, const analysis_rule *rule, const char *table,
                       const char *partner, const char *partner_key, sr_err *err)
{
    bool grouped = rule->dimension_columns.count > 0;
    if (sr_buf_append_text(out, "SELECT ", err) != SR_OK)
        return SR_FAIL;
    if (grouped && (put_name(out, "t", rule->dimension_columns.names[0], err) != SR_OK ||
                    sr_buf_append_text(out, ", ", err) != SR_OK))
        return SR_FAIL;
    if (put_aggregate(out, rule, err) != SR_OK ||
        sr_buf_printf(out, err, " FROM %s t", table) != SR_OK ||
        put_join(out, rule, partner, partner_key, err) != SR_OK)
        return SR_FAIL;
    if (!grouped)
        return SR_OK;
    if (sr_buf_append_text(out, " GROUP BY ", err) != SR_OK)
        return SR_FAIL;
    return put_name(out, "t", rule->dimension_columns.names[0], err);
}
