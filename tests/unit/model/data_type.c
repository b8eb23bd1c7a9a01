#include "model/data_type.h"

#include "check.h"

typedef struct
{
    const char *given;
    const char *printed; /* NULL: refused */
} example;

static const example examples[] = {
    {"STRING", "STRING"},
    {"varchar", "STRING"},
    {"VARCHAR(255)", "STRING"},
    {"char ( 3 )", "STRING"},
    {"Text", "STRING"},
    {"SMALLINT", "SMALLINT"},
    {"int", "INTEGER"},
    {"INTEGER", "INTEGER"},
    {"bigint", "BIGINT"},
    {"DECIMAL(12,2)", "DECIMAL(12,2)"},
    {" numeric( 38 , 38 ) ", "DECIMAL(38,38)"},
    {"DECIMAL(5)", "DECIMAL(5,0)"},
    {"DECIMAL", "DECIMAL(18,3)"},
    {"REAL", "REAL"},
    {"float", "REAL"},
    {"DOUBLE", "DOUBLE"},
    {"double precision", "DOUBLE"},
    {"bool", "BOOLEAN"},
    {"DATE", "DATE"},
    {"Timestamp", "TIMESTAMP"},
    {"", NULL},
    {"NUMBER", NULL},
    {"INT8", NULL},
    {"BIGINT(5)", NULL},
    {"DATE(3)", NULL},
    {"VARCHAR(1,2)", NULL},
    {"VARCHAR(", NULL},
    {"VARCHAR()", NULL},
    {"VARCHAR(12", NULL},
    {"VARCHAR(-1)", NULL},
    {"VARCHAR(12) x", NULL},
    {"DECIMAL(0,0)", NULL},
    {"DECIMAL(39,0)", NULL},
    {"DECIMAL(5,6)", NULL},
    {"DECIMAL(1,2,3)", NULL},
    {"DECIMAL(99999999999999999999,0)", NULL},
    {"STRING STRING", NULL},
    {"INT PRECISION", NULL},
};

static void names_and_aliases_read_as_one_canonical_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        data_type type = {DATA_DATE, 9, 9};
        char printed[DATA_TYPE_TEXT_SIZE];
        if (examples[i].printed == NULL)
        {
            check_fails(data_type_parse(&type, examples[i].given, &err), &err, SR_E_INVALID);
            check_int(type.kind, DATA_STRING);
            check_int(type.precision, 0);
            continue;
        }
        check_ok(data_type_parse(&type, examples[i].given, &err), &err);
        data_type_print(printed, type);
        check_text(printed, examples[i].printed);
    }
}

static void the_canonical_name_reads_back_the_same(void **state)
{
    (void)state;
    for (int kind = 0; kind < DATA_KIND_COUNT_; kind++)
    {
        sr_err err = SR_ERR_INIT;
        bool decimal = kind == DATA_DECIMAL;
        data_type type = {(data_kind)kind, decimal ? 38 : 0, decimal ? 9 : 0};
        data_type again;
        char printed[DATA_TYPE_TEXT_SIZE];
        data_type_print(printed, type);
        check_ok(data_type_parse(&again, printed, &err), &err);
        check(data_type_equal(type, again));
    }
}

static void decimals_of_other_sizes_are_other_types(void **state)
{
    (void)state;
    data_type money = {DATA_DECIMAL, 12, 2};
    data_type finer = {DATA_DECIMAL, 12, 3};
    data_type larger = {DATA_DECIMAL, 13, 2};
    check(data_type_equal(money, money));
    check(!data_type_equal(money, finer));
    check(!data_type_equal(money, larger));
    check(!data_type_equal(money, (data_type){DATA_DOUBLE, 0, 0}));
}

static void whole_numbers_share_a_representative_and_the_rest_stays_alone(void **state)
{
    (void)state;
    check_int(data_type_representative((data_type){DATA_SMALLINT, 0, 0}), DATA_BIGINT);
    check_int(data_type_representative((data_type){DATA_INTEGER, 0, 0}), DATA_BIGINT);
    check_int(data_type_representative((data_type){DATA_BIGINT, 0, 0}), DATA_BIGINT);
    check_int(data_type_representative((data_type){DATA_STRING, 0, 0}), DATA_STRING);
    check_int(data_type_representative((data_type){DATA_BOOLEAN, 0, 0}), DATA_BOOLEAN);
    check_int(data_type_representative((data_type){DATA_DATE, 0, 0}), DATA_DATE);
    check_int(data_type_representative((data_type){DATA_DECIMAL, 5, 2}), DATA_DECIMAL);
    check_int(data_type_representative((data_type){DATA_TIMESTAMP, 0, 0}), DATA_TIMESTAMP);
}

static void only_numbers_can_be_summed(void **state)
{
    (void)state;
    static const bool expected[DATA_KIND_COUNT_] = {
        [DATA_SMALLINT] = true, [DATA_INTEGER] = true, [DATA_BIGINT] = true,
        [DATA_DECIMAL] = true,  [DATA_REAL] = true,    [DATA_DOUBLE] = true,
    };
    for (int kind = 0; kind < DATA_KIND_COUNT_; kind++)
        check_int(data_type_is_number((data_type){(data_kind)kind, 0, 0}), expected[kind]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_aliases_read_as_one_canonical_name),
        cmocka_unit_test(the_canonical_name_reads_back_the_same),
        cmocka_unit_test(decimals_of_other_sizes_are_other_types),
        cmocka_unit_test(whole_numbers_share_a_representative_and_the_rest_stays_alone),
        cmocka_unit_test(only_numbers_can_be_summed),
    };
    check_main(tests);
}
