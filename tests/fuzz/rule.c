/* Whatever is read as a rule prints canonically to itself, and can be explained and exemplified. */
#include "model/rule.h"
#include "fuzz.h"

enum
{
    ROOM = 16 << 20,
};

static void check_canonical(const analysis_rule *rule)
{
    sr_err err = SR_ERR_INIT;
    RULE(again);
    SR_BUF(first, ROOM);
    SR_BUF(second, ROOM);
    fuzz_check(rule_print(&first, rule, &err) == SR_OK);
    fuzz_check(rule_parse(&again, sr_buf_view(&first), &err) == SR_OK);
    fuzz_check(rule_print(&second, again, &err) == SR_OK);
    fuzz_check(sr_slice_equal_var(sr_buf_view(&first), sr_buf_view(&second)));
}

static void check_promises(const analysis_rule *rule)
{
    fuzz_check(rule->constraint_count > 0);
    for (size_t i = 0; i < rule->constraint_count; i++)
        fuzz_check(rule->constraints[i].minimum >= 2 && rule->constraints[i].minimum <= 100000);
    fuzz_check(rule->subject_column != NULL && rule->subject_column[0] != '\0');
    fuzz_check(rule->aggregate_count > 0 || rule->allow_count_star);
}

static void check_words(const analysis_rule *rule)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(words, ROOM);
    SR_BUF(query, ROOM);
    fuzz_check(rule_explain(&words, rule, &err) == SR_OK);
    fuzz_check(rule_example(&query, rule, "t1", "t2", "key", &err) == SR_OK);
    fuzz_check(rule_check_columns(rule, NULL, 0, &err) == SR_FAIL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    if (rule_parse(&rule, sr_slice_of(data, size), &err) == SR_OK)
    {
        check_promises(rule);
        check_words(rule);
        check_canonical(rule);
    }
    else
        fuzz_check(rule == NULL && err.text[0] != '\0');
    return 0;
}
