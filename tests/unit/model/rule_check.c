#include "check.h"
#include "model/column_type.h"
#include "model/data_type.h"
#include "model/rule.h"

static const rule_table_column columns[] = {
    {"email", COLUMN_FINGERPRINT, DATA_STRING, true},
    {"note", COLUMN_SEALED, DATA_STRING, true},
    {"tier", COLUMN_DETERMINISTIC, DATA_STRING, true},
    {"campaign", COLUMN_CLEARTEXT, DATA_STRING, true},
    {"spend", COLUMN_CLEARTEXT, DATA_DECIMAL, true},
    {"hidden", COLUMN_CLEARTEXT, DATA_INTEGER, false},
};

/* A rule of `email` with one list replaced. */
static void make_rule(analysis_rule **out, const char *joins, const char *dimensions,
                      const char *aggregate, const char *constraint, const char *subject)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    text = sr_text_printf(
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": "
        "{\"aggregation\": {"
        "\"aggregateColumns\": [%s], \"joinColumns\": [%s], \"dimensionColumns\": [%s],"
        "\"scalarFunctions\": [], \"outputConstraints\": [{\"columnName\": \"%s\", \"minimum\": 2,"
        "\"type\": \"COUNT_DISTINCT\"}]}}}, \"subjectColumn\": \"%s\"}",
        aggregate, joins, dimensions, constraint, subject);
    check_ok(rule_parse(out, sr_slice_text(text), &err), &err);
}

#define SUM_OF(column) "{\"columnNames\": [\"" column "\"], \"function\": \"SUM\"}"
#define COUNT_OF(column) "{\"columnNames\": [\"" column "\"], \"function\": \"COUNT_DISTINCT\"}"

typedef struct
{
    const char *joins, *dimensions, *aggregate, *constraint, *subject;
    const char *field;  /* NULL: fits */
    const char *column; /* that the refusal names */
} example;

static const example examples[] = {
    {"\"email\"", "\"campaign\"", SUM_OF("spend"), "email", "email", NULL, NULL},
    {"\"email\", \"tier\"", "", COUNT_OF("email"), "email", "email", NULL, NULL},
    {"\"email\"", "\"tier\"", COUNT_OF("tier"), "tier", "campaign", NULL, NULL},
    {"\"gone\"", "", COUNT_OF("email"), "email", "email", "joinColumns", "gone"},
    {"\"hidden\"", "", COUNT_OF("email"), "email", "email", "joinColumns", "hidden"},
    {"\"note\"", "", COUNT_OF("email"), "email", "email", "joinColumns", "note"},
    {"\"email\"", "\"gone\"", COUNT_OF("email"), "email", "email", "dimensionColumns", "gone"},
    {"\"email\"", "\"hidden\"", COUNT_OF("email"), "email", "email", "dimensionColumns", "hidden"},
    {"\"email\"", "\"note\"", COUNT_OF("email"), "email", "email", "dimensionColumns", "note"},
    {"\"tier\"", "\"email\"", COUNT_OF("email"), "email", "email", "dimensionColumns", "email"},
    {"\"campaign\"", "\"campaign\"", COUNT_OF("email"), "email", "email", "dimensionColumns",
     "campaign"},
    {"\"email\"", "", SUM_OF("gone"), "email", "email", "aggregateColumns", "gone"},
    {"\"email\"", "", SUM_OF("hidden"), "email", "email", "aggregateColumns", "hidden"},
    {"\"email\"", "", SUM_OF("campaign"), "email", "email", "aggregateColumns", "campaign"},
    {"\"email\"", "", SUM_OF("tier"), "email", "email", "aggregateColumns", "tier"},
    {"\"email\"", "", SUM_OF("email"), "email", "email", "aggregateColumns", "email"},
    {"\"email\"", "", COUNT_OF("note"), "email", "email", "aggregateColumns", "note"},
    {"\"email\"", "", COUNT_OF("email"), "gone", "email", "outputConstraints", "gone"},
    {"\"email\"", "", COUNT_OF("email"), "hidden", "email", "outputConstraints", "hidden"},
    {"\"email\"", "", COUNT_OF("email"), "note", "email", "outputConstraints", "note"},
    {"\"email\"", "", COUNT_OF("email"), "email", "gone", "subjectColumn", "gone"},
    {"\"email\"", "", COUNT_OF("email"), "email", "note", "subjectColumn", "note"},
};

static void a_rule_must_fit_its_table_and_the_error_says_where_it_does_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        const example *it = &examples[i];
        sr_err err = SR_ERR_INIT;
        RULE(rule);
        make_rule(&rule, it->joins, it->dimensions, it->aggregate, it->constraint, it->subject);
        sr_result result =
            rule_check_columns(rule, columns, sizeof columns / sizeof columns[0], &err);
        if (it->field == NULL)
        {
            check_ok(result, &err);
            continue;
        }
        check_fails(result, &err, SR_E_INVALID);
        check_error_says(&err, it->field);
        check_error_says(&err, it->column);
        check_text(err.detail.field, it->field);
        check_text(err.detail.column, it->column);
        check_text(err.detail.reason, "RULE_DOES_NOT_FIT");
    }
}

static void no_rule_fits_a_table_without_columns(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RULE(rule);
    make_rule(&rule, "\"email\"", "", COUNT_OF("email"), "email", "email");
    check_fails(rule_check_columns(rule, NULL, 0, &err), &err, SR_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_must_fit_its_table_and_the_error_says_where_it_does_not),
        cmocka_unit_test(no_rule_fits_a_table_without_columns),
    };
    check_main(tests);
}
