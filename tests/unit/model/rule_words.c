#include "check.h"
#include "model/rule.h"

static void make_rule(analysis_rule **out, const char *aggregates, const char *joins,
                      const char *dimensions, const char *more)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    text = sr_text_printf(
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": "
        "{\"aggregation\": {"
        "\"aggregateColumns\": [%s], \"joinColumns\": [%s], \"dimensionColumns\": [%s],"
        "\"scalarFunctions\": [], \"outputConstraints\": [{\"columnName\": \"email\", \"minimum\": "
        "25,"
        "\"type\": \"COUNT_DISTINCT\"}]%s}}}}",
        aggregates, joins, dimensions, more);
    check_ok(rule_parse(out, sr_slice_text(text), &err), &err);
}

#define SPEND "{\"columnNames\": [\"spend\"], \"function\": \"SUM\"}"
#define PEOPLE "{\"columnNames\": [\"email\"], \"function\": \"COUNT_DISTINCT\"}"

static void check_example(const analysis_rule *rule, const char *expected)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(out, 4096);
    check_ok(rule_example(&out, rule, "sales", "people", "mail", &err), &err);
    check_slice(sr_buf_view(&out), expected);
}

static void the_words_name_every_field_of_the_rule(void **state)
{
    static const char *const parts[] = {"email",    "campaign", "SUM of spend",
                                        "COUNT(*)", "25",       "member who asks is required",
                                        "no row",   "left out"};
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    SR_BUF(out, 4096);
    SR_TEXT(words);
    make_rule(&rule, SPEND, "\"email\"", "\"campaign\"",
              ", \"joinRequired\": \"QUERY_RUNNER\", \"allowCountStar\": true");
    check_ok(rule_explain(&out, rule, &err), &err);
    check_ok(sr_buf_take_text(&words, &out, &err), &err);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr(words, parts[i]) == NULL)
            fail_msg("\"%s\" is not in:\n%s", parts[i], words);
    check(words[strlen(words) - 1] == '\n');
}

static void the_words_do_not_claim_what_the_rule_does_not_say(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    SR_BUF(out, 4096);
    SR_TEXT(words);
    make_rule(&rule, PEOPLE, "\"email\"", "", "");
    check_ok(rule_explain(&out, rule, &err), &err);
    check_ok(sr_buf_take_text(&words, &out, &err), &err);
    check(strstr(words, "required") == NULL);
    check(strstr(words, "COUNT(*)") == NULL);
    check(strstr(words, "nothing") != NULL); /* to group by */
}

static void the_example_joins_groups_and_counts_as_the_rule_allows(void **state)
{
    (void)state;
    RULE(rule);
    make_rule(&rule, SPEND ", " PEOPLE, "\"email\"", "\"campaign\"", "");
    check_example(rule, "SELECT t.campaign, SUM(t.spend) FROM sales t JOIN people p ON "
                        "t.email = p.mail GROUP BY t.campaign");
}

static void the_example_leaves_out_what_the_rule_does_not_have(void **state)
{
    (void)state;
    RULE(no_groups);
    RULE(no_joins);
    RULE(only_star);
    make_rule(&no_groups, PEOPLE, "\"email\"", "", "");
    check_example(no_groups, "SELECT COUNT(DISTINCT t.email) FROM sales t JOIN people p ON "
                             "t.email = p.mail");
    make_rule(&no_joins, PEOPLE, "", "\"campaign\"", "");
    check_example(no_joins, "SELECT t.campaign, COUNT(DISTINCT t.email) FROM sales t "
                            "GROUP BY t.campaign");
    make_rule(&only_star, "", "", "", ", \"allowCountStar\": true");
    check_example(only_star, "SELECT COUNT(*) FROM sales t");
}

static void names_that_are_no_identifiers_are_quoted_in_the_example(void **state)
{
    (void)state;
    RULE(rule);
    make_rule(&rule, PEOPLE, "\"e mail\"", "\"zip code\", \"b\"", "");
    check_example(rule, "SELECT t.\"zip code\", COUNT(DISTINCT t.email) FROM sales t JOIN people p "
                        "ON t.\"e mail\" = p.mail GROUP BY t.\"zip code\"");
    RULE(digits);
    make_rule(&digits, PEOPLE, "\"email\"", "\"1st\"", "");
    check_example(digits, "SELECT t.\"1st\", COUNT(DISTINCT t.email) FROM sales t JOIN people p ON "
                          "t.email = p.mail GROUP BY t.\"1st\"");
}

static void a_full_buffer_is_a_limit(void **state)
{
    (void)state;
    RULE(rule);
    make_rule(&rule, PEOPLE, "\"email\"", "\"campaign\"", "");
    for (size_t room = 0; room < 60; room++)
    {
        sr_err err = SR_ERR_INIT;
        SR_BUF(words, room);
        SR_BUF(query, room);
        check_fails(rule_explain(&words, rule, &err), &err, SR_E_LIMIT);
        check_fails(rule_example(&query, rule, "sales", "people", "mail", &err), &err, SR_E_LIMIT);
    }
}

static void every_function_has_its_name(void **state)
{
    (void)state;
    check_text(aggregate_function_name(AGGREGATE_COUNT), "COUNT");
    check_text(aggregate_function_name(AGGREGATE_COUNT_DISTINCT), "COUNT_DISTINCT");
    check_text(aggregate_function_name(AGGREGATE_SUM), "SUM");
    check_text(aggregate_function_name(AGGREGATE_SUM_DISTINCT), "SUM_DISTINCT");
    check_text(aggregate_function_name(AGGREGATE_AVG), "AVG");
    check_text(aggregate_function_name(AGGREGATE_COUNT_STAR), "COUNT_STAR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_name_every_field_of_the_rule),
        cmocka_unit_test(the_words_do_not_claim_what_the_rule_does_not_say),
        cmocka_unit_test(the_example_joins_groups_and_counts_as_the_rule_allows),
        cmocka_unit_test(the_example_leaves_out_what_the_rule_does_not_have),
        cmocka_unit_test(names_that_are_no_identifiers_are_quoted_in_the_example),
        cmocka_unit_test(a_full_buffer_is_a_limit),
        cmocka_unit_test(every_function_has_its_name),
    };
    check_main(tests);
}
