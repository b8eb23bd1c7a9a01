#include <math.h>

#include "check.h"
#include "model/data_type.h"

typedef struct
{
    const char *type;
    const char *given;
    const char *printed; /* NULL: refused */
} example;

static const example examples[] = {
    {"STRING", "", ""},
    {"STRING", " a\tb ", " a\tb "},
    {"SMALLINT", "-32768", "-32768"},
    {"SMALLINT", "32767", "32767"},
    {"SMALLINT", "32768", NULL},
    {"INTEGER", "+0042", "42"},
    {"INTEGER", "-2147483648", "-2147483648"},
    {"INTEGER", "2147483648", NULL},
    {"BIGINT", "-9223372036854775808", "-9223372036854775808"},
    {"BIGINT", "9223372036854775807", "9223372036854775807"},
    {"BIGINT", "9223372036854775808", NULL},
    {"BIGINT", "99999999999999999999999999999999999999999999999999", NULL},
    {"BIGINT", "", NULL},
    {"BIGINT", "-", NULL},
    {"BIGINT", "+-1", NULL},
    {"BIGINT", " 1", NULL},
    {"BIGINT", "1 ", NULL},
    {"BIGINT", "1.0", NULL},
    {"BIGINT", "1e3", NULL},
    {"BIGINT", "0x10", NULL},
    {"DECIMAL(12,2)", "12.5", "12.50"},
    {"DECIMAL(12,2)", "-0.01", "-0.01"},
    {"DECIMAL(12,2)", "-0", "0.00"},
    {"DECIMAL(12,2)", ".5", "0.50"},
    {"DECIMAL(12,2)", "5.", "5.00"},
    {"DECIMAL(12,2)", "1.500", "1.50"},
    {"DECIMAL(12,2)", "1.501", NULL},
    {"DECIMAL(12,2)", "9999999999.99", "9999999999.99"},
    {"DECIMAL(12,2)", "10000000000.00", NULL},
    {"DECIMAL(12,2)", "00000000000000000000000000000000000000000000000007", "7.00"},
    {"DECIMAL(12,2)", ".", NULL},
    {"DECIMAL(12,2)", "", NULL},
    {"DECIMAL(12,2)", "1.2.3", NULL},
    {"DECIMAL(12,2)", "1e2", NULL},
    {"DECIMAL(12,2)", "1,5", NULL},
    {"DECIMAL(5,0)", "99999", "99999"},
    {"DECIMAL(5,0)", "100000", NULL},
    {"DECIMAL(38,0)", "99999999999999999999999999999999999999",
     "99999999999999999999999999999999999999"},
    {"DECIMAL(38,0)", "-99999999999999999999999999999999999999",
     "-99999999999999999999999999999999999999"},
    {"DECIMAL(38,0)", "100000000000000000000000000000000000000", NULL},
    {"DECIMAL(38,38)", "0.00000000000000000000000000000000000001",
     "0.00000000000000000000000000000000000001"},
    {"DECIMAL(38,38)", "1", NULL},
    {"DOUBLE", "0.1", "0.1"},
    {"DOUBLE", "-1.5e300", "-1.5e+300"},
    {"DOUBLE", "0.1234567890123456789", "0.12345678901234568"},
    {"DOUBLE", "1e999", NULL},
    {"DOUBLE", "nan", NULL},
    {"DOUBLE", "inf", NULL},
    {"DOUBLE", "-Infinity", NULL},
    {"DOUBLE", "0x1p3", NULL},
    {"DOUBLE", " 1", NULL},
    {"DOUBLE", "1e", NULL},
    {"DOUBLE", "", NULL},
    {"DOUBLE", "1-1", NULL},
    {"REAL", "0.1", "0.1"},
    {"REAL", "16777217", "16777216"},
    {"REAL", "1e39", NULL},
    {"BOOLEAN", "true", "true"},
    {"BOOLEAN", "FALSE", "false"},
    {"BOOLEAN", "yes", NULL},
    {"BOOLEAN", "", NULL},
    {"DATE", "2024-02-29", "2024-02-29"},
    {"DATE", "0001-01-01", "0001-01-01"},
    {"DATE", "1969-12-31", "1969-12-31"},
    {"DATE", "9999-12-31", "9999-12-31"},
    {"DATE", "2023-02-29", NULL},
    {"DATE", "1900-02-29", NULL},
    {"DATE", "2000-02-29", "2000-02-29"},
    {"DATE", "0000-01-01", NULL},
    {"DATE", "2024-13-01", NULL},
    {"DATE", "2024-00-01", NULL},
    {"DATE", "2024-01-00", NULL},
    {"DATE", "2024-04-31", NULL},
    {"DATE", "2024-1-1", NULL},
    {"DATE", "2024/01/01", NULL},
    {"DATE", "24-01-01", NULL},
    {"DATE", "2024-01-01x", NULL},
    {"DATE", "-024-01-01", NULL},
    {"TIMESTAMP", "2024-01-02 03:04:05", "2024-01-02 03:04:05"},
    {"TIMESTAMP", "2024-01-02T03:04:05Z", "2024-01-02 03:04:05"},
    {"TIMESTAMP", "1969-12-31 23:59:59.5", "1969-12-31 23:59:59.500000"},
    {"TIMESTAMP", "2024-01-02 03:04:05.123456", "2024-01-02 03:04:05.123456"},
    {"TIMESTAMP", "2024-01-02 03:04:05.1234567", NULL},
    {"TIMESTAMP", "2024-01-02 03:04:05.", NULL},
    {"TIMESTAMP", "2024-01-02 24:00:00", NULL},
    {"TIMESTAMP", "2024-01-02 03:60:00", NULL},
    {"TIMESTAMP", "2024-01-02 03:04:60", NULL},
    {"TIMESTAMP", "2024-01-02", NULL},
    {"TIMESTAMP", "2024-01-02 03:04", NULL},
    {"TIMESTAMP", "2024-01-02 03:04:05+01", NULL},
};

static void values_read_and_print_in_their_canonical_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        data_type type;
        data_value value;
        SR_BUF(out, 128);
        check_ok(data_type_parse(&type, examples[i].type, &err), &err);
        sr_slice given = sr_slice_text(examples[i].given);
        if (examples[i].printed == NULL)
        {
            if (data_value_parse(&value, type, given, &err) == SR_OK)
                fail_msg("\"%s\" was taken for %s", examples[i].given, examples[i].type);
            check_int(err.code, SR_E_FORMAT);
            check_error_says(&err, examples[i].type);
            check(value.integer == 0 && value.text.data == NULL && value.unscaled == 0);
            continue;
        }
        check_ok(data_value_parse(&value, type, given, &err), &err);
        check_int(value.kind, type.kind);
        check_ok(data_value_print(&out, type, &value, &err), &err);
        check_slice(sr_buf_view(&out), examples[i].printed);
    }
}

static void printed_values_read_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        data_type type;
        data_value value;
        SR_BUF(out, 128);
        if (examples[i].printed == NULL)
            continue;
        check_ok(data_type_parse(&type, examples[i].type, &err), &err);
        check_ok(data_value_parse(&value, type, sr_slice_text(examples[i].printed), &err), &err);
        check_ok(data_value_print(&out, type, &value, &err), &err);
        check_slice(sr_buf_view(&out), examples[i].printed);
    }
}

static void an_error_never_repeats_the_value(void **state)
{
    (void)state;
    static const char secret[] = "4711-secret";
    for (int kind = DATA_SMALLINT; kind < DATA_KIND_COUNT_; kind++)
    {
        sr_err err = SR_ERR_INIT;
        data_type type = {(data_kind)kind, kind == DATA_DECIMAL ? 12 : 0, 0};
        data_value value;
        check_fails(data_value_parse(&value, type, sr_slice_text(secret), &err), &err, SR_E_FORMAT);
        check(strstr(err.text, "4711") == NULL && strstr(err.text, "secret") == NULL);
    }
}

/* Against the C library's calendar, over four centuries and their edges. */
static void days_agree_with_the_calendar(void **state)
{
    (void)state;
    static const struct
    {
        const char *text;
        int64_t days;
    } known[] = {
        {"1970-01-01", 0},     {"1970-01-02", 1},       {"1969-12-31", -1},
        {"2000-03-01", 11017}, {"0001-01-01", -719162}, {"1600-02-29", -135081},
        {"2100-03-01", 47541}, {"9999-12-31", 2932896},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        data_value value;
        data_type date = {DATA_DATE, 0, 0};
        check_ok(data_value_parse(&value, date, sr_slice_text(known[i].text), &err), &err);
        check_int(value.integer, known[i].days);
    }
}

static void every_day_of_four_centuries_prints_and_reads_back(void **state)
{
    (void)state;
    data_type date = {DATA_DATE, 0, 0};
    for (int64_t day = -800; day < 146097; day++)
    {
        sr_err err = SR_ERR_INIT;
        data_value value = {.kind = DATA_DATE, .integer = day};
        data_value again;
        SR_BUF(out, 16);
        check_ok(data_value_print(&out, date, &value, &err), &err);
        check_ok(data_value_parse(&again, date, sr_buf_view(&out), &err), &err);
        check_int(again.integer, day);
    }
}

static void a_full_buffer_is_a_limit_and_keeps_what_it_had(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    data_value value = {.kind = DATA_BIGINT, .integer = 123456};
    SR_BUF(out, 3);
    check_ok(sr_buf_append_text(&out, "x", &err), &err);
    check_fails(data_value_print(&out, (data_type){DATA_BIGINT, 0, 0}, &value, &err), &err,
                SR_E_LIMIT);
    check_slice(sr_buf_view(&out), "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_read_and_print_in_their_canonical_form),
        cmocka_unit_test(printed_values_read_back_the_same),
        cmocka_unit_test(an_error_never_repeats_the_value),
        cmocka_unit_test(days_agree_with_the_calendar),
        cmocka_unit_test(every_day_of_four_centuries_prints_and_reads_back),
        cmocka_unit_test(a_full_buffer_is_a_limit_and_keeps_what_it_had),
    };
    check_main(tests);
}
