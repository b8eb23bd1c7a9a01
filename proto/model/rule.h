/*
 * rule.h: analysis rules, in the JSON shape of AWS Clean Rooms (AnalysisRule / analysisRulePolicy.v1),
 * so that a rule written for AWS can be used as it is.
 *
 *   { "analysisRuleType": "AGGREGATION",
 *     "analysisRulePolicy": { "v1": { "aggregation": {
 *         "aggregateColumns": [ {"columnNames": ["spend"], "function": "SUM"} ],
 *         "joinColumns": ["email"], "joinRequired": "QUERY_RUNNER", "allowedJoinOperators": [],
 *         "dimensionColumns": ["campaign"], "scalarFunctions": [],
 *         "outputConstraints": [ {"columnName": "email", "minimum": 100, "type": "COUNT_DISTINCT"} ],
 *         "additionalAnalyses": "NOT_ALLOWED",
 *         "allowCountStar": true }}},
 *     "subjectColumn": "email" }
 *
 * The bare inner object ({"aggregation": …} or the aggregation object itself) is not accepted: one shape.
 * `allowCountStar` and `subjectColumn` are Sealroom's; everything else means what AWS says it means. A
 * field that this version does not enforce is refused by name, never ignored: a rule that is stored is a
 * rule that is enforced. Column names are normalised headers.
 *
 * A rule document owns its texts; release it with rule_free. It is immutable after parsing.
 */
#ifndef SEALROOM_MODEL_RULE_H
#define SEALROOM_MODEL_RULE_H

#include "base/bytes.h"
#include "base/err.h"

typedef enum
{
    RULE_AGGREGATION, /* LIST and CUSTOM are known by name and refused as "not supported yet" */
} rule_kind;

typedef enum
{
    AGGREGATE_COUNT,
    AGGREGATE_COUNT_DISTINCT,
    AGGREGATE_SUM,
    AGGREGATE_SUM_DISTINCT,
    AGGREGATE_AVG,
    AGGREGATE_COUNT_STAR, /* never in aggregateColumns: governed by allowCountStar */
    AGGREGATE_FUNCTION_COUNT_
} aggregate_function;

typedef struct
{
    const char *column;
    aggregate_function function;
} rule_aggregate;

typedef struct
{
    const char *column;
    int64_t
        minimum; /* 2 to 100,000 as in AWS; distinct non-NULL values of the column, per output row */
} rule_constraint;

typedef struct
{
    const char **names;
    size_t count;
} rule_columns;

typedef struct
{
    rule_kind kind;
    rule_columns join_columns;
    bool join_required; /* "QUERY_RUNNER": only together with a table of the query runner */
    bool allow_join_operator_and; /* allowedJoinOperators */
    bool allow_join_operator_or;
    rule_columns dimension_columns;
    rule_columns scalar_functions; /* upper-case AWS names */
    const rule_aggregate *aggregates;
    size_t aggregate_count;
    const rule_constraint *constraints; /* at least one */
    size_t constraint_count;
    bool allow_count_star;
    const char *subject_column; /* default: the first output constraint's column */
} analysis_rule;

sr_result rule_parse(analysis_rule **out, sr_slice json_text, sr_err *err) SR_MUST_USE;
void rule_free(analysis_rule *rule); /* accepts NULL */
void rule_clear(analysis_rule **rule);
#define RULE(name) analysis_rule *name SR_CLEANUP(rule_clear) = NULL

/* Canonical JSON of the whole document. */
sr_result rule_print(sr_buf *out, const analysis_rule *rule, sr_err *err) SR_MUST_USE;

const char *aggregate_function_name(aggregate_function function); /* "COUNT_DISTINCT" … */
bool rule_has_column(const rule_columns *columns, const char *name);
bool rule_allows_aggregate(const analysis_rule *rule, const char *column,
                           aggregate_function function);

/* What rule_check_columns needs to know of a table's column. */
typedef struct
{
    const char *name;
    int type;     /* column_type */
    int kind;     /* data_kind */
    bool allowed; /* in the allow-list */
} rule_table_column;

/* Does the rule fit the table? Every named column exists, is allowed, and can do what the rule lets it
 * do by its type's row (joins, groups, counts, sums); no column is both dimension and join column …
 * The error names the rule field and the column. */
sr_result rule_check_columns(const analysis_rule *rule, const rule_table_column *columns,
                             size_t count, sr_err *err) SR_MUST_USE;

/* The rule in plain words, a few lines for `table show`, each line ended by '\n'. */
sr_result rule_explain(sr_buf *out, const analysis_rule *rule, sr_err *err) SR_MUST_USE;
/* One legal example query for a partner, with `table` as its name and `partner` as the other table's
 * name and `partner_key` as its join column. */
sr_result rule_example(sr_buf *out, const analysis_rule *rule, const char *table,
                       const char *partner, const char *partner_key, sr_err *err) SR_MUST_USE;

#endif
