#include "rule.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "model/column_type.h"
#include "model/data_type.h"
#include "model/header.h"

enum
{
    MINIMUM_LEAST = 2, /* AWS: 2 to 100,000 */
    MINIMUM_MOST = 100000,
    LIST_MOST = 1000, /* entries in any list of a rule */
};

/* The texts of a rule live in one list, so that releasing it is one loop. */
typedef struct
{
    analysis_rule rule;
    char **texts;
    size_t text_count;
    rule_aggregate *aggregates;
    rule_constraint *constraints;
} owned_rule;

static const struct
{
    const char *name;
    aggregate_function function;
} function_names[] = {
    {"COUNT", AGGREGATE_COUNT}, {"COUNT_DISTINCT", AGGREGATE_COUNT_DISTINCT},
    {"SUM", AGGREGATE_SUM},     {"SUM_DISTINCT", AGGREGATE_SUM_DISTINCT},
    {"AVG", AGGREGATE_AVG},
};

enum
{
    FUNCTION_COUNT = sizeof function_names / sizeof function_names[0],
};

const char *aggregate_function_name(aggregate_function function)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (function_names[i].function == function)
            return function_names[i].name;
    return "COUNT_STAR";
}

/* ---- ownership ------------------------------------------------------------------------------- */

static const char *keep_text(owned_rule *owned, const char *text)
{
    owned->texts =
        sr_array_grow(owned->texts, owned->text_count, owned->text_count + 1, sizeof(char *));
    owned->texts[owned->text_count] = sr_text_copy(text);
    return owned->texts[owned->text_count++];
}

void rule_free(analysis_rule *rule)
{
    owned_rule *owned = (owned_rule *)rule;
    if (owned == NULL)
        return;
    for (size_t i = 0; i < owned->text_count; i++)
        sr_free(owned->texts[i]);
    sr_free(owned->texts);
    sr_free(owned->aggregates);
    sr_free(owned->constraints);
    sr_free(owned->rule.join_columns.names);
    sr_free(owned->rule.dimension_columns.names);
    sr_free(owned->rule.scalar_functions.names);
    sr_free(owned);
}

void rule_clear(analysis_rule **rule)
{
    rule_free(*rule);
    *rule = NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static sr_result keep_header(const char **out, owned_rule *owned, const char *name, sr_err *err)
{
    char header[HEADER_SIZE];
    if (header_normalise(header, sr_slice_text(name), err) != SR_OK)
        return SR_FAIL;
    *out = keep_text(owned, header);
    return SR_OK;
}

static sr_result list_of(const sr_json **out, const sr_json *object, const char *key, bool required,
                         sr_err *err)
{
    *out = NULL;
    if (sr_json_get_array(object, key, required, out, err) != SR_OK)
        return SR_FAIL;
    if (*out != NULL && sr_json_size(*out) > LIST_MOST)
        return sr_fail(err, SR_E_LIMIT, "%s: at most %d entries", key, LIST_MOST);
    return SR_OK;
}

static sr_result text_at(const char **out, const sr_json *list, size_t index, sr_err *err)
{
    const sr_json *node = sr_json_item(list, index);
    *out = sr_json_text(node);
    if (sr_json_kind_of(node) != SR_JSON_TEXT)
        return sr_fail(err, SR_E_INVALID, "entry %zu: expected a text", index);
    return SR_OK;
}

static sr_result read_columns(rule_columns *out, owned_rule *owned, const sr_json *object,
                              const char *key, bool required, sr_err *err)
{
    const sr_json *list = NULL;
    if (list_of(&list, object, key, required, err) != SR_OK)
        return SR_FAIL;
    out->names = sr_array(sr_json_size(list), sizeof(char *));
    for (size_t i = 0; i < sr_json_size(list); i++)
    {
        const char *name = NULL;
        const char *header = NULL;
        if (text_at(&name, list, i, err) != SR_OK ||
            keep_header(&header, owned, name, err) != SR_OK)
            return sr_fail_in(err, "%s", key);
        if (rule_has_column(out, header))
            return sr_fail(err, SR_E_INVALID, "%s: column \"%s\" is there twice", key, header);
        out->names[out->count++] = header;
    }
    return SR_OK;
}

static sr_result read_function(aggregate_function *out, const sr_json *entry, sr_err *err)
{
    const char *name = NULL;
    *out = AGGREGATE_COUNT;
    if (sr_json_get_text(entry, "function", true, &name, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strcmp(function_names[i].name, name) == 0)
        {
            *out = function_names[i].function;
            return SR_OK;
        }
    return sr_fail(err, SR_E_INVALID,
                   "function: expected COUNT, COUNT_DISTINCT, SUM, SUM_DISTINCT or AVG");
}

static sr_result add_aggregate(owned_rule *owned, const char *name, aggregate_function function,
                               sr_err *err)
{
    const char *header = NULL;
    size_t count = owned->rule.aggregate_count;
    if (keep_header(&header, owned, name, err) != SR_OK)
        return SR_FAIL;
    if (rule_allows_aggregate(&owned->rule, header, function))
        return sr_fail(err, SR_E_INVALID, "%s of column \"%s\" is there twice",
                       aggregate_function_name(function), header);
    owned->aggregates =
        sr_array_grow(owned->aggregates, count, count + 1, sizeof *owned->aggregates);
    owned->aggregates[count] = (rule_aggregate){header, function};
    owned->rule.aggregates = owned->aggregates;
    owned->rule.aggregate_count = count + 1;
    return SR_OK;
}

static sr_result read_aggregate(owned_rule *owned, const sr_json *entry, sr_err *err)
{
    static const char *const allowed[] = {"columnNames", "function", NULL};
    const sr_json *names = NULL;
    aggregate_function function;
    if (sr_json_only(entry, allowed, err) != SR_OK ||
        read_function(&function, entry, err) != SR_OK ||
        list_of(&names, entry, "columnNames", true, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(names) == 0)
        return sr_fail(err, SR_E_INVALID, "columnNames: at least one column");
    for (size_t i = 0; i < sr_json_size(names); i++)
    {
        const char *name = NULL;
        if (text_at(&name, names, i, err) != SR_OK ||
            add_aggregate(owned, name, function, err) != SR_OK)
            return sr_fail_in(err, "columnNames");
    }
    return SR_OK;
}

static sr_result read_aggregates(owned_rule *owned, const sr_json *object, sr_err *err)
{
    const sr_json *list = NULL;
    if (list_of(&list, object, "aggregateColumns", true, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < sr_json_size(list); i++)
        if (read_aggregate(owned, sr_json_item(list, i), err) != SR_OK)
            return sr_fail_in(err, "aggregateColumns[%zu]", i);
    return SR_OK;
}

static bool has_constraint(const analysis_rule *rule, const char *column)
{
    for (size_t i = 0; i < rule->constraint_count; i++)
        if (strcmp(rule->constraints[i].column, column) == 0)
            return true;
    return false;
}

static sr_result read_constraint(owned_rule *owned, const sr_json *entry, sr_err *err)
{
    static const char *const allowed[] = {"columnName", "minimum", "type", NULL};
    const char *column = NULL;
    const char *type = NULL;
    rule_constraint *out = &owned->constraints[owned->rule.constraint_count];
    if (sr_json_only(entry, allowed, err) != SR_OK ||
        sr_json_get_text(entry, "columnName", true, &column, err) != SR_OK ||
        sr_json_get_int(entry, "minimum", true, MINIMUM_LEAST, MINIMUM_MOST, &out->minimum, err) !=
            SR_OK ||
        sr_json_get_text(entry, "type", true, &type, err) != SR_OK ||
        keep_header(&out->column, owned, column, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(type, "COUNT_DISTINCT") != 0)
        return sr_fail(err, SR_E_INVALID, "type: expected COUNT_DISTINCT");
    if (has_constraint(&owned->rule, out->column))
        return sr_fail(err, SR_E_INVALID, "column \"%s\" has two minimums", out->column);
    owned->rule.constraint_count++;
    return SR_OK;
}

static sr_result read_constraints(owned_rule *owned, const sr_json *object, sr_err *err)
{
    const sr_json *list = NULL;
    if (list_of(&list, object, "outputConstraints", true, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(list) == 0)
        return sr_fail(err, SR_E_INVALID,
                       "outputConstraints: at least one minimum is needed to protect anybody");
    owned->constraints = sr_array(sr_json_size(list), sizeof *owned->constraints);
    owned->rule.constraints = owned->constraints;
    for (size_t i = 0; i < sr_json_size(list); i++)
        if (read_constraint(owned, sr_json_item(list, i), err) != SR_OK)
            return sr_fail_in(err, "outputConstraints[%zu]", i);
    return SR_OK;
}

static sr_result read_join_required(owned_rule *owned, const sr_json *object, sr_err *err)
{
    const char *word = NULL;
    if (sr_json_get_text(object, "joinRequired", false, &word, err) != SR_OK)
        return SR_FAIL;
    if (word != NULL && strcmp(word, "QUERY_RUNNER") != 0)
        return sr_fail(err, SR_E_INVALID, "joinRequired: expected QUERY_RUNNER");
    owned->rule.join_required = word != NULL;
    return SR_OK;
}

static sr_result read_join_operators(owned_rule *owned, const sr_json *object, sr_err *err)
{
    const sr_json *list = NULL;
    if (list_of(&list, object, "allowedJoinOperators", false, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < sr_json_size(list); i++)
    {
        const char *word = NULL;
        if (text_at(&word, list, i, err) != SR_OK)
            return sr_fail_in(err, "allowedJoinOperators");
        if (strcmp(word, "AND") == 0)
            owned->rule.allow_join_operator_and = true;
        else if (strcmp(word, "OR") == 0)
            owned->rule.allow_join_operator_or = true;
        else
            return sr_fail(err, SR_E_INVALID, "allowedJoinOperators: expected AND or OR");
    }
    return SR_OK;
}

static sr_result read_scalar_functions(owned_rule *owned, const sr_json *object, sr_err *err)
{
    static const char *const known[] = {
        "ABS",     "CAST",  "CEILING",   "COALESCE", "CONVERT", "CURRENT_DATE", "DATEADD",
        "EXTRACT", "FLOOR", "GETDATE",   "LN",       "LOG",     "LOWER",        "ROUND",
        "RTRIM",   "SQRT",  "SUBSTRING", "TO_CHAR",  "TO_DATE", "TO_NUMBER",    "TO_TIMESTAMP",
        "TRIM",    "TRUNC", "UPPER",     "LTRIM"};
    const sr_json *list = NULL;
    rule_columns *out = &owned->rule.scalar_functions;
    if (list_of(&list, object, "scalarFunctions", false, err) != SR_OK)
        return SR_FAIL;
    out->names = sr_array(sr_json_size(list), sizeof(char *));
    for (size_t i = 0; i < sr_json_size(list); i++)
    {
        const char *word = NULL;
        bool is_known = false;
        if (text_at(&word, list, i, err) != SR_OK)
            return sr_fail_in(err, "scalarFunctions");
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            is_known = is_known || strcmp(known[k], word) == 0;
        if (!is_known)
            return sr_fail(err, SR_E_INVALID,
                           "scalarFunctions: entry %zu is no scalar function of AWS Clean Rooms",
                           i);
        out->names[out->count++] = keep_text(owned, word);
    }
    return SR_OK;
}

static sr_result read_additional_analyses(const sr_json *object, sr_err *err)
{
    const char *word = NULL;
    if (sr_json_get_text(object, "additionalAnalyses", false, &word, err) != SR_OK)
        return SR_FAIL;
    if (word != NULL && strcmp(word, "NOT_ALLOWED") != 0)
        return sr_fail(err, SR_E_INVALID,
                       "additionalAnalyses: only NOT_ALLOWED is supported by this version");
    return SR_OK;
}

/* A rule under which no query is legal is a mistake, better told now than by refused queries. */
static sr_result check_usable(const analysis_rule *rule, sr_err *err)
{
    if (rule->aggregate_count == 0 && !rule->allow_count_star)
        return sr_fail(err, SR_E_INVALID,
                       "aggregateColumns: name a column and a function, or set allowCountStar; "
                       "otherwise nothing can be asked");
    if (rule->join_required && rule->join_columns.count == 0)
        return sr_fail(err, SR_E_INVALID,
                       "joinRequired: without joinColumns no query can join, so none is allowed");
    return SR_OK;
}

static sr_result read_aggregation(owned_rule *owned, const sr_json *object, sr_err *err)
{
    static const char *const allowed[] = {"aggregateColumns",  "joinColumns",
                                          "joinRequired",      "allowedJoinOperators",
                                          "dimensionColumns",  "scalarFunctions",
                                          "outputConstraints", "additionalAnalyses",
                                          "allowCountStar",    NULL};
    analysis_rule *rule = &owned->rule;
    if (sr_json_only(object, allowed, err) != SR_OK ||
        read_aggregates(owned, object, err) != SR_OK ||
        read_columns(&rule->join_columns, owned, object, "joinColumns", true, err) != SR_OK ||
        read_join_required(owned, object, err) != SR_OK ||
        read_join_operators(owned, object, err) != SR_OK ||
        read_columns(&rule->dimension_columns, owned, object, "dimensionColumns", true, err) !=
            SR_OK ||
        read_scalar_functions(owned, object, err) != SR_OK ||
        read_constraints(owned, object, err) != SR_OK ||
        read_additional_analyses(object, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_get_bool(object, "allowCountStar", false, &rule->allow_count_star, err) != SR_OK)
        return SR_FAIL;
    return check_usable(rule, err);
}

static sr_result read_kind(const sr_json *document, sr_err *err)
{
    const char *word = NULL;
    if (sr_json_get_text(document, "analysisRuleType", true, &word, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(word, "AGGREGATION") == 0)
        return SR_OK;
    if (strcmp(word, "LIST") == 0 || strcmp(word, "CUSTOM") == 0)
        return sr_fail(err, SR_E_INVALID, "analysisRuleType: %s is not supported by this version",
                       word);
    return sr_fail(err, SR_E_INVALID, "analysisRuleType: \"%s\" is unknown; expected AGGREGATION",
                   word);
}

static sr_result read_policy(owned_rule *owned, const sr_json *document, sr_err *err)
{
    static const char *const in_policy[] = {"v1", NULL};
    static const char *const in_version[] = {"aggregation", NULL};
    const sr_json *policy = NULL;
    const sr_json *version = NULL;
    const sr_json *aggregation = NULL;
    if (sr_json_get_object(document, "analysisRulePolicy", true, &policy, err) != SR_OK ||
        sr_json_only(policy, in_policy, err) != SR_OK ||
        sr_json_get_object(policy, "v1", true, &version, err) != SR_OK ||
        sr_json_only(version, in_version, err) != SR_OK ||
        sr_json_get_object(version, "aggregation", true, &aggregation, err) != SR_OK)
        return SR_FAIL;
    return read_aggregation(owned, aggregation, err);
}

static sr_result read_subject(owned_rule *owned, const sr_json *document, sr_err *err)
{
    const char *name = NULL;
    if (sr_json_get_text(document, "subjectColumn", false, &name, err) != SR_OK)
        return SR_FAIL;
    owned->rule.subject_column = owned->constraints[0].column;
    if (name != NULL && keep_header(&owned->rule.subject_column, owned, name, err) != SR_OK)
        return sr_fail_in(err, "subjectColumn");
    return SR_OK;
}

sr_result rule_parse(analysis_rule **out, sr_slice json_text, sr_err *err)
{
    static const char *const allowed[] = {"analysisRuleType", "analysisRulePolicy", "subjectColumn",
                                          NULL};
    SR_JSON(document);
    RULE(made);
    *out = NULL;
    if (sr_json_parse(&document, json_text, err) != SR_OK)
        return SR_FAIL;
    owned_rule *owned = sr_alloc(sizeof *owned);
    made = &owned->rule;
    if (sr_json_only(document, allowed, err) != SR_OK || read_kind(document, err) != SR_OK ||
        read_policy(owned, document, err) != SR_OK || read_subject(owned, document, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = NULL;
    return SR_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool rule_has_column(const rule_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->names[i], name) == 0)
            return true;
    return false;
}

bool rule_allows_aggregate(const analysis_rule *rule, const char *column,
                           aggregate_function function)
{
    for (size_t i = 0; i < rule->aggregate_count; i++)
        if (rule->aggregates[i].function == function &&
            strcmp(rule->aggregates[i].column, column) == 0)
            return true;
    return false;
}
