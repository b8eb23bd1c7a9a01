#include "check.h"
#include "sealroom/v1/table.pb-c.h"
#include "upload.h"
#include "wire/wire.h"

/* The room with the lab's tables, and one more of retailer's with a hidden column. */
static int lab_setup(void **state)
{
    static const char *const cells[] = {"a", "b"};
    static const upload_column columns[] = {
        {"id", "fingerprint", "STRING", cells, false},
        {"shown", "cleartext", "STRING", cells, false},
        {"hidden", "cleartext", "STRING", cells, true},
        {"note", "sealed", "STRING", cells, false},
    };
    upload_plan plan = {NULL, "extra", columns, 4, 2, ROOM_FLAGS, UPLOAD_KEY};
    sr_err err = SR_ERR_INIT;
    if (room_setup(state) != 0)
        return -1;
    upload_lab();
    check_ok(upload_whole(&plan, "retailer", &err), &err);
    return 0;
}

static sr_result get_table(Sealroom__V1__Table **out, const char *member, const char *table,
                           sr_err *err)
{
    Sealroom__V1__GetTableRequest request = SEALROOM__V1__GET_TABLE_REQUEST__INIT;
    request.collaboration = wire_text("lab");
    request.table = wire_text(table);
    return room_ask(out, &sealroom__v1__table__descriptor, member, "analyst", TABLE("GetTable"),
                    &request, err);
}

static bool has_column(const Sealroom__V1__Table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i]->name, name) == 0)
            return true;
    return false;
}

/* ---- looking --------------------------------------------------------------------------------- */

static void an_owner_sees_all_columns_and_the_number_of_rows(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__Table, table);
    check_ok(get_table(&table, "retailer", "extra", &err), &err);
    check_int(table->n_columns, 4);
    check_int(table->rows, 2);
    check(has_column(table, "hidden"));
    check_text(table->rule_json, "");
    check_text(table->owner, "retailer");
}

static void a_partner_sees_the_allow_list_and_no_number(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__Table, table);
    check_ok(get_table(&table, "brand", "extra", &err), &err);
    check_int(table->n_columns, 3);
    check_int(table->rows, 0);
    check(!has_column(table, "hidden"));
    for (size_t i = 0; i < table->n_columns; i++) /* the card comes as it was sent */
        check_int(table->columns[i]->card.len > 0,
                  strcmp(table->columns[i]->type, "cleartext") != 0);
}

static void a_table_that_is_not_there_or_elsewhere_is_not_found(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__Table, table);
    check_fails(get_table(&table, "brand", "nowhere", &err), &err, SR_E_NOT_FOUND);
    check_fails(get_table(&table, "outsider", "extra", &err), &err, SR_E_NOT_FOUND);
    check(table == NULL);
    check_ok(room_create("retailer", "elsewhere", "", ROOM_FLAGS, &err), &err);
    Sealroom__V1__GetTableRequest request = SEALROOM__V1__GET_TABLE_REQUEST__INIT;
    request.collaboration = wire_text("elsewhere");
    request.table = wire_text("extra");
    check_fails(room_ask(NULL, NULL, "retailer", "owner", TABLE("GetTable"), &request, &err), &err,
                SR_E_NOT_FOUND);
}

/* ---- repeats --------------------------------------------------------------------------------- */

static int repeats_of(const char *member, const char *name)
{
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__Table, table);
    check_ok(get_table(&table, member, "repeated", &err), &err);
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i]->name, name) == 0)
            return (int)table->columns[i]->repeats;
    return -1;
}

enum
{
    UNKNOWN = SEALROOM__V1__COLUMN_REPEATS__REPEATS_UNKNOWN,
    NEVER = SEALROOM__V1__COLUMN_REPEATS__REPEATS_NEVER,
    SOME = SEALROOM__V1__COLUMN_REPEATS__REPEATS_SOME,
};

static void upload_repeated(void)
{
    static const char *const twice[] = {"a", "b", "a"};
    static const char *const once[] = {"a", NULL, "b"};
    static const char *const numbers[] = {"1", "1", "1"};
    static const upload_column columns[] = {
        {"id", "fingerprint", "STRING", twice, false},
        {"code", "deterministic", "STRING", once, false},
        {"ratio", "cleartext", "DOUBLE", numbers, false},
        {"hidden", "cleartext", "STRING", twice, true},
        {"note", "sealed", "STRING", twice, false},
        {"shown", "cleartext", "STRING", twice, false},
    };
    upload_plan plan = {NULL, "repeated", columns, 6, 3, ROOM_FLAGS, UPLOAD_KEY};
    sr_err err = SR_ERR_INIT;
    check_ok(upload_whole(&plan, "retailer", &err), &err);
}

static void an_owner_sees_which_columns_repeat(void **state)
{
    (void)state;
    upload_repeated();
    check_int(repeats_of("retailer", "id"), SOME);
    check_int(repeats_of("retailer", "code"), NEVER);
    check_int(repeats_of("retailer", "shown"), SOME);
    check_int(repeats_of("retailer", "ratio"), UNKNOWN);
    check_int(repeats_of("retailer", "hidden"), UNKNOWN);
    check_int(repeats_of("retailer", "note"), UNKNOWN);
}

static void a_partner_sees_it_of_join_columns_alone(void **state)
{
    static const char rule[] =
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": "
        "{\"aggregation\": {"
        "\"aggregateColumns\": [{\"columnNames\": [\"id\"], \"function\": \"COUNT_DISTINCT\"}],"
        "\"joinColumns\": [\"id\"], \"dimensionColumns\": [\"shown\"], \"scalarFunctions\": [],"
        "\"outputConstraints\": [{\"columnName\": \"id\", \"minimum\": 5,"
        "\"type\": \"COUNT_DISTINCT\"}]}}}}";
    (void)state;
    sr_err err = SR_ERR_INIT;
    upload_repeated();
    check_int(repeats_of("brand", "id"), UNKNOWN); /* no rule yet */
    check_ok(room_set_rule("retailer", "repeated", rule, &err), &err);
    check_int(repeats_of("brand", "id"), SOME);
    check_int(repeats_of("brand", "code"), UNKNOWN);
    check_int(repeats_of("brand", "shown"), UNKNOWN);
    check_int(repeats_of("retailer", "code"), NEVER);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static sr_result set_rule(const char *member, const char *table, const char *join,
                          const char *dimension, const char *minimum_of, sr_err *err)
{
    SR_TEXT(rule);
    rule = sr_text_printf(
        "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": "
        "{\"aggregation\": {"
        "\"aggregateColumns\": [{\"columnNames\": [\"id\"], \"function\": \"COUNT_DISTINCT\"}],"
        "\"joinColumns\": [\"%s\"], \"dimensionColumns\": [\"%s\"], \"scalarFunctions\": [],"
        "\"outputConstraints\": [{\"columnName\": \"%s\", \"minimum\": 5,"
        "\"type\": \"COUNT_DISTINCT\"}]}}}}",
        join, dimension, minimum_of);
    return room_set_rule(member, table, rule, err);
}

static void a_rule_that_fits_is_in_force_in_its_canonical_form(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Sealroom__V1__Table, table);
    check_ok(set_rule("retailer", "extra", " ID ", "Shown", "id", &err), &err);
    check_ok(get_table(&table, "brand", "extra", &err), &err);
    check_text(table->subject_column, "id");
    check(strstr(table->rule_json, "\"joinColumns\":[\"id\"]") != NULL);
}

static void a_rule_that_does_not_fit_names_field_and_column(void **state)
{
    static const struct
    {
        const char *join, *dimension, *minimum_of, *field, *column;
    } cases[] = {
        {"gone", "shown", "id", "joinColumns", "gone"},
        {"id", "hidden", "id", "dimensionColumns", "hidden"},
        {"id", "id", "id", "dimensionColumns", "id"},
        {"note", "shown", "id", "joinColumns", "note"},
        {"id", "shown", "note", "outputConstraints", "note"},
    };
    (void)state;
    WIRE_MESSAGE(Sealroom__V1__Table, table);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        check_fails(set_rule("retailer", "extra", cases[i].join, cases[i].dimension,
                             cases[i].minimum_of, &err),
                    &err, SR_E_INVALID);
        check_text(err.detail.field, cases[i].field);
        check_text(err.detail.column, cases[i].column);
        check_error_says(&err, "extra");
    }
    sr_err err = SR_ERR_INIT;
    check_ok(get_table(&table, "retailer", "extra", &err), &err);
    check(strstr(table->rule_json, "gone") == NULL); /* the rule before stays */
}

static void only_the_owners_organisation_sets_a_rule(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(set_rule("brand", "extra", "id", "shown", "id", &err), &err, SR_E_ROLE);
    check_fails(set_rule("outsider", "extra", "id", "shown", "id", &err), &err, SR_E_NOT_FOUND);
    check_fails(set_rule("retailer", "nowhere", "id", "shown", "id", &err), &err, SR_E_NOT_FOUND);
    check_fails(room_set_rule("retailer", "extra", "{\"analysisRuleType\": \"LIST\"}", &err), &err,
                SR_E_INVALID);
    check_error_says(&err, "LIST");
    check_fails(room_set_rule("retailer", "extra", "not json", &err), &err, SR_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner_sees_all_columns_and_the_number_of_rows),
        cmocka_unit_test(a_partner_sees_the_allow_list_and_no_number),
        cmocka_unit_test(a_table_that_is_not_there_or_elsewhere_is_not_found),
        cmocka_unit_test(an_owner_sees_which_columns_repeat),
        cmocka_unit_test(a_partner_sees_it_of_join_columns_alone),
        cmocka_unit_test(a_rule_that_fits_is_in_force_in_its_canonical_form),
        cmocka_unit_test(a_rule_that_does_not_fit_names_field_and_column),
        cmocka_unit_test(only_the_owners_organisation_sets_a_rule),
    };
    return cmocka_run_group_tests(tests, lab_setup, room_teardown);
}
