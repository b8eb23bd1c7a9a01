#include "model/rule.h"

#include "base/json.h"
#include "check.h"

/* ---- documents ------------------------------------------------------------------------------- */

static const char whole[] =
    "{\"analysisRuleType\": \"AGGREGATION\","
    " \"analysisRulePolicy\": {\"v1\": {\"aggregation\": {"
    "   \"aggregateColumns\": [{\"columnNames\": [\"Spend\", \"age\"], \"function\": \"SUM\"},"
    "                          {\"columnNames\": [\"email\"], \"function\": \"COUNT_DISTINCT\"}],"
    "   \"joinColumns\": [\" Email \"], \"joinRequired\": \"QUERY_RUNNER\","
    "   \"allowedJoinOperators\": [\"AND\"],"
    "   \"dimensionColumns\": [\"campaign\", \"zip code\"], \"scalarFunctions\": [\"UPPER\"],"
    "   \"outputConstraints\": [{\"columnName\": \"email\", \"minimum\": 100, \"type\": "
    "\"COUNT_DISTINCT\"},"
    "                           {\"columnName\": \"age\", \"minimum\": 2, \"type\": "
    "\"COUNT_DISTINCT\"}],"
    "   \"additionalAnalyses\": \"NOT_ALLOWED\", \"allowCountStar\": true}}},"
    " \"subjectColumn\": \"email\"}";

/* The least that can be said. */
#define AGGREGATES "\"aggregateColumns\": [{\"columnNames\": [\"a\"], \"function\": \"COUNT\"}]"
#define JOINS "\"joinColumns\": [\"a\"]"
#define DIMENSIONS "\"dimensionColumns\": []"
#define SCALARS "\"scalarFunctions\": []"
#define MINIMUMS                                                                                   \
    "\"outputConstraints\": [{\"columnName\": \"a\", \"minimum\": 2, \"type\": "                   \
    "\"COUNT_DISTINCT\"}]"
#define LEAST AGGREGATES ", " JOINS ", " DIMENSIONS ", " SCALARS ", " MINIMUMS

static sr_result parse_document(analysis_rule **out, const char *text, sr_err *err)
{
    return rule_parse(out, sr_slice_text(text), err);
}

/* `inner` is the members of the aggregation object, `outer` more members of the document. */
static sr_result parse_inner(analysis_rule **out, const char *inner, const char *outer, sr_err *err)
{
    SR_TEXT(text);
    text = sr_text_printf("{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": "
                          "{\"v1\": {\"aggregation\": {%s}}}%s}",
                          inner, outer);
    return parse_document(out, text, err);
}

static void refuses_inner(const char *inner, const char *says)
{
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    if (parse_inner(&rule, inner, "", &err) == SR_OK)
        fail_msg("accepted: %s", inner);
    check(err.code == SR_E_INVALID || err.code == SR_E_LIMIT);
    check_error_says(&err, says);
    check(rule == NULL);
}

/* ---- what is read ---------------------------------------------------------------------------- */

static void a_whole_rule_is_read_with_normalised_headers(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    check_ok(parse_document(&rule, whole, &err), &err);
    check_int(rule->kind, RULE_AGGREGATION);
    check_int(rule->aggregate_count, 3);
    check(rule_allows_aggregate(rule, "spend", AGGREGATE_SUM));
    check(rule_allows_aggregate(rule, "age", AGGREGATE_SUM));
    check(rule_allows_aggregate(rule, "email", AGGREGATE_COUNT_DISTINCT));
    check(!rule_allows_aggregate(rule, "spend", AGGREGATE_AVG));
    check(!rule_allows_aggregate(rule, "email", AGGREGATE_COUNT));
    check(rule_has_column(&rule->join_columns, "email"));
    check(!rule_has_column(&rule->join_columns, "Email"));
    check(rule->join_required && rule->allow_join_operator_and && !rule->allow_join_operator_or);
    check(rule_has_column(&rule->dimension_columns, "zip code"));
    check(rule_has_column(&rule->scalar_functions, "UPPER"));
    check_int(rule->constraint_count, 2);
    check_text(rule->constraints[0].column, "email");
    check_int(rule->constraints[0].minimum, 100);
    check(rule->allow_count_star);
    check_text(rule->subject_column, "email");
}

static void absent_fields_keep_the_strictest_meaning_that_aws_gives_them(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    check_ok(parse_inner(&rule, LEAST, "", &err), &err);
    check(!rule->join_required);
    check(!rule->allow_join_operator_or);
    check(!rule->allow_count_star);
    check_int(rule->scalar_functions.count, 0);
    check_text(rule->subject_column, "a"); /* the first output constraint's */
}

static void the_subject_defaults_to_the_first_constraint_and_can_be_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    check_ok(parse_inner(&rule, LEAST, ", \"subjectColumn\": \"Household ID\"", &err), &err);
    check_text(rule->subject_column, "household id");
}

static void null_counts_as_absent(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    check_ok(parse_inner(&rule,
                         LEAST ", \"joinRequired\": null, \"allowCountStar\": null, "
                               "\"additionalAnalyses\": null, \"allowedJoinOperators\": null",
                         ", \"subjectColumn\": null", &err),
             &err);
    check(!rule->join_required && !rule->allow_count_star);
}

static void the_canonical_document_reads_back_and_prints_the_same(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    RULE(again);
    SR_BUF(first, 8192);
    SR_BUF(second, 8192);
    check_ok(parse_document(&rule, whole, &err), &err);
    check_ok(rule_print(&first, rule, &err), &err);
    check_ok(rule_parse(&again, sr_buf_view(&first), &err), &err);
    check_ok(rule_print(&second, again, &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&first), sr_buf_view(&second)));
    check(rule_allows_aggregate(again, "age", AGGREGATE_SUM) && again->join_required);
    check_int(again->constraint_count, 2);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void only_the_one_shape_is_a_rule(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"aggregation\": {" LEAST "}}",
        "{" LEAST "}",
        "{\"analysisRuleType\": \"AGGREGATION\"}",
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {}}",
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": {}}}",
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v2\": {}}}",
        "{\"analysisRulePolicy\": {\"v1\": {\"aggregation\": {" LEAST "}}}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        RULE(rule);
        check_fails(parse_document(&rule, texts[i], &err), &err, SR_E_INVALID);
        check(rule == NULL);
    }
}

static void list_and_custom_rules_are_known_and_not_supported(void **state)
{
    static const char *const types[] = {"LIST", "CUSTOM"};
    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        sr_err err = SR_ERR_INIT;
        RULE(rule);
        SR_TEXT(text);
        text =
            sr_text_printf("{\"analysisRuleType\": \"%s\", \"analysisRulePolicy\": {}}", types[i]);
        check_fails(parse_document(&rule, text, &err), &err, SR_E_INVALID);
        check_error_says(&err, "analysisRuleType");
        check_error_says(&err, types[i]);
        check_error_says(&err, "not supported");
    }
}

static void a_field_that_is_not_enforced_is_refused_by_name(void **state)
{
    static const char *const fields[] = {
        "allowedResultReceivers", "foreignAggregates", "foreignDimensions",
        "foreignMultiplicity",    "minimumComplement", "listColumns",
        "differentialPrivacy",    "allowcountstar",    "comparisonControls",
        "aggregationThresholds",
    };
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    {
        SR_TEXT(inner);
        SR_TEXT(outer);
        sr_err err = SR_ERR_INIT;
        RULE(rule);
        inner = sr_text_printf(LEAST ", \"%s\": []", fields[i]);
        refuses_inner(inner, fields[i]);
        outer = sr_text_printf(", \"%s\": 1", fields[i]);
        check_fails(parse_inner(&rule, LEAST, outer, &err), &err, SR_E_INVALID);
        check_error_says(&err, fields[i]);
    }
}

static void each_required_field_must_be_there(void **state)
{
    (void)state;
    refuses_inner(JOINS ", " DIMENSIONS ", " SCALARS ", " MINIMUMS, "aggregateColumns");
    refuses_inner(AGGREGATES ", " DIMENSIONS ", " SCALARS ", " MINIMUMS, "joinColumns");
    refuses_inner(AGGREGATES ", " JOINS ", " SCALARS ", " MINIMUMS, "dimensionColumns");
    refuses_inner(AGGREGATES ", " JOINS ", " DIMENSIONS ", " SCALARS, "outputConstraints");
}

static void values_outside_their_lists_are_refused(void **state)
{
    (void)state;
    refuses_inner(LEAST ", \"joinRequired\": \"ALWAYS\"", "joinRequired");
    refuses_inner(LEAST ", \"joinRequired\": true", "joinRequired");
    refuses_inner(LEAST ", \"allowedJoinOperators\": [\"XOR\"]", "allowedJoinOperators");
    refuses_inner(LEAST ", \"allowedJoinOperators\": \"AND\"", "allowedJoinOperators");
    refuses_inner(LEAST ", \"allowedJoinOperators\": [1]", "allowedJoinOperators");
    refuses_inner(LEAST ", \"additionalAnalyses\": \"ALLOWED\"", "additionalAnalyses");
    refuses_inner(LEAST ", \"additionalAnalyses\": \"REQUIRED\"", "additionalAnalyses");
    refuses_inner(LEAST ", \"allowCountStar\": \"yes\"", "allowCountStar");
    refuses_inner(AGGREGATES ", " JOINS ", " DIMENSIONS ", " MINIMUMS
                             ", \"scalarFunctions\": [\"SYSTEM\"]",
                  "scalarFunctions");
    refuses_inner(AGGREGATES ", " JOINS ", " SCALARS ", " MINIMUMS ", \"dimensionColumns\": [7]",
                  "dimensionColumns");
    refuses_inner(AGGREGATES ", " JOINS ", " SCALARS ", " MINIMUMS
                             ", \"dimensionColumns\": [\"a.b\"]",
                  "dimensionColumns");
}

static void aggregates_name_a_function_and_columns(void **state)
{
    static const char *const rest = JOINS ", " DIMENSIONS ", " SCALARS ", " MINIMUMS;
    static const struct
    {
        const char *entry;
        const char *says;
    } cases[] = {
        {"{\"columnNames\": [\"a\"], \"function\": \"MAX\"}", "function"},
        {"{\"columnNames\": [\"a\"], \"function\": \"COUNT_STAR\"}", "function"},
        {"{\"columnNames\": [\"a\"]}", "function"},
        {"{\"columnNames\": [], \"function\": \"SUM\"}", "columnNames"},
        {"{\"function\": \"SUM\"}", "columnNames"},
        {"{\"columnNames\": [\"a\", \"A\"], \"function\": \"SUM\"}", "twice"},
        {"{\"columnNames\": [\"a\"], \"function\": \"SUM\", \"x\": 1}", "x"},
        {"\"a\"", "aggregateColumns[0]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        SR_TEXT(inner);
        inner = sr_text_printf("\"aggregateColumns\": [%s], %s", cases[i].entry, rest);
        refuses_inner(inner, cases[i].says);
    }
}

static void the_same_column_twice_is_refused(void **state)
{
    (void)state;
    refuses_inner(AGGREGATES ", " DIMENSIONS ", " SCALARS ", " MINIMUMS
                             ", \"joinColumns\": [\"a\", \" A\"]",
                  "joinColumns");
    refuses_inner(AGGREGATES ", " JOINS ", " SCALARS ", " MINIMUMS
                             ", \"dimensionColumns\": [\"b\", \"b\"]",
                  "dimensionColumns");
    refuses_inner(AGGREGATES
                  ", " JOINS ", " DIMENSIONS ", " SCALARS ", \"outputConstraints\": ["
                  "{\"columnName\": \"a\", \"minimum\": 2, \"type\": \"COUNT_DISTINCT\"},"
                  "{\"columnName\": \"A\", \"minimum\": 9, \"type\": \"COUNT_DISTINCT\"}]",
                  "outputConstraints");
    refuses_inner("\"aggregateColumns\": [{\"columnNames\": [\"a\"], \"function\": \"SUM\"},"
                  " {\"columnNames\": [\"a\"], \"function\": \"SUM\"}], " JOINS ", " DIMENSIONS
                  ", " SCALARS ", " MINIMUMS,
                  "aggregateColumns");
}

static void minimums_go_from_2_to_100000(void **state)
{
    static const struct
    {
        const char *minimum;
        bool good;
    } cases[] = {{"2", true},    {"100000", true}, {"1", false},
                 {"0", false},   {"-2", false},    {"100001", false},
                 {"2.0", false}, {"\"2\"", false}, {"null", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        RULE(rule);
        SR_TEXT(inner);
        inner = sr_text_printf(AGGREGATES ", " JOINS ", " DIMENSIONS ", " SCALARS
                                          ", \"outputConstraints\": [{\"columnName\": \"a\", "
                                          "\"minimum\": %s, \"type\": \"COUNT_DISTINCT\"}]",
                               cases[i].minimum);
        if (cases[i].good)
            check_ok(parse_inner(&rule, inner, "", &err), &err);
        else
            refuses_inner(inner, "outputConstraints[0]: minimum");
    }
}

static void a_rule_without_a_minimum_protects_nobody_and_is_refused(void **state)
{
    (void)state;
    refuses_inner(AGGREGATES ", " JOINS ", " DIMENSIONS ", " SCALARS ", \"outputConstraints\": []",
                  "outputConstraints");
    refuses_inner(AGGREGATES ", " JOINS ", " DIMENSIONS ", " SCALARS
                             ", \"outputConstraints\": [{\"columnName\": \"a\", \"minimum\": 2, "
                             "\"type\": \"COUNT\"}]",
                  "COUNT_DISTINCT");
}

static void a_rule_under_which_nothing_can_be_asked_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    refuses_inner("\"aggregateColumns\": [], " JOINS ", " DIMENSIONS ", " SCALARS ", " MINIMUMS,
                  "aggregateColumns");
    refuses_inner(AGGREGATES
                  ", \"joinColumns\": [], \"joinRequired\": \"QUERY_RUNNER\", " DIMENSIONS
                  ", " SCALARS ", " MINIMUMS,
                  "joinRequired");
    check_ok(parse_inner(&rule,
                         "\"aggregateColumns\": [], \"allowCountStar\": true, " JOINS
                         ", " DIMENSIONS ", " SCALARS ", " MINIMUMS,
                         "", &err),
             &err);
}

/* ---- the suite ------------------------------------------------------------------------------- */

static void check_setup(const char *setup, const sr_json *tables, size_t *seen)
{
    for (size_t i = 0; i < sr_json_size(tables); i++)
    {
        sr_err err = SR_ERR_INIT;
        RULE(rule);
        SR_BUF(text, 65536);
        const sr_json *document = sr_json_member(sr_json_item(tables, i), "analysisRule");
        const char *type = sr_json_text(sr_json_member(document, "analysisRuleType"));
        check_ok(sr_json_write(document, false, &text, &err), &err);
        if (strcmp(type, "AGGREGATION") != 0)
        {
            check_fails(rule_parse(&rule, sr_buf_view(&text), &err), &err, SR_E_INVALID);
            continue;
        }
        if (rule_parse(&rule, sr_buf_view(&text), &err) != SR_OK)
            fail_msg("%s: %s", setup, err.text);
        ++*seen;
    }
}

static void every_aggregation_rule_of_the_red_team_suite_is_read(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    size_t seen = 0;
    SR_JSON(suite);
    check_ok(sr_json_parse_file(&suite, SEALROOM_SOURCE_DIR "/tests/redteam/suite.json", &err),
             &err);
    const sr_json *setups = sr_json_member(suite, "setups");
    for (size_t i = 0; i < sr_json_size(setups); i++)
        check_setup(sr_json_key_at(setups, i),
                    sr_json_member(sr_json_member_at(setups, i), "tables"), &seen);
    check(seen >= 10);
}

static void releasing_accepts_nothing_and_twice(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    analysis_rule *rule = NULL;
    rule_free(NULL);
    rule_clear(&rule);
    check_ok(parse_document(&rule, whole, &err), &err);
    rule_clear(&rule);
    check(rule == NULL);
    rule_clear(&rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_rule_is_read_with_normalised_headers),
        cmocka_unit_test(absent_fields_keep_the_strictest_meaning_that_aws_gives_them),
        cmocka_unit_test(the_subject_defaults_to_the_first_constraint_and_can_be_named),
        cmocka_unit_test(null_counts_as_absent),
        cmocka_unit_test(the_canonical_document_reads_back_and_prints_the_same),
        cmocka_unit_test(only_the_one_shape_is_a_rule),
        cmocka_unit_test(list_and_custom_rules_are_known_and_not_supported),
        cmocka_unit_test(a_field_that_is_not_enforced_is_refused_by_name),
        cmocka_unit_test(each_required_field_must_be_there),
        cmocka_unit_test(values_outside_their_lists_are_refused),
        cmocka_unit_test(aggregates_name_a_function_and_columns),
        cmocka_unit_test(the_same_column_twice_is_refused),
        cmocka_unit_test(minimums_go_from_2_to_100000),
        cmocka_unit_test(a_rule_without_a_minimum_protects_nobody_and_is_refused),
        cmocka_unit_test(a_rule_under_which_nothing_can_be_asked_is_refused),
        cmocka_unit_test(every_aggregation_rule_of_the_red_team_suite_is_read),
        cmocka_unit_test(releasing_accepts_nothing_and_twice),
    };
    check_main(tests);
}
