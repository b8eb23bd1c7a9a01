#include "model/flags.h"

#include "check.h"

static void each_flag_has_its_bit(void **state)
{
    (void)state;
    collaboration_flags flags = {.allow_cleartext = true};
    check_int(flags_to_byte(&flags), 1);
    flags = (collaboration_flags){.allow_duplicates = true};
    check_int(flags_to_byte(&flags), 2);
    flags = (collaboration_flags){.allow_joins_on_columns_with_different_names = true};
    check_int(flags_to_byte(&flags), 4);
    flags = (collaboration_flags){.preserve_nulls = true};
    check_int(flags_to_byte(&flags), 8);
}

static void all_sixteen_settings_come_back_from_byte_and_json(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 16; byte++)
    {
        sr_err err = SR_ERR_INIT;
        collaboration_flags flags;
        collaboration_flags again;
        SR_JSON(json);
        check_ok(flags_from_byte(&flags, (uint8_t)byte, &err), &err);
        check_int(flags_to_byte(&flags), byte);
        json = flags_to_json(&flags);
        check_ok(flags_from_json(&again, json, &err), &err);
        check_int(flags_to_byte(&again), byte);
    }
}

static void unknown_bits_are_refused(void **state)
{
    (void)state;
    for (unsigned byte = 16; byte < 256; byte++)
    {
        sr_err err = SR_ERR_INIT;
        collaboration_flags flags = {true, true, true, true};
        check_fails(flags_from_byte(&flags, (uint8_t)byte, &err), &err, SR_E_INVALID);
        check_int(flags_to_byte(&flags), 0);
    }
}

static sr_result read_json(collaboration_flags *out, const char *text, sr_err *err)
{
    SR_JSON(json);
    check_ok(sr_json_parse(&json, sr_slice_text(text), err), err);
    return flags_from_json(out, json, err);
}

static void a_missing_flag_is_false(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    collaboration_flags flags = {true, true, true, true};
    check_ok(read_json(&flags, "{}", &err), &err);
    check_int(flags_to_byte(&flags), 0);
    check_ok(read_json(&flags, "{\"preserveNulls\": true}", &err), &err);
    check_int(flags_to_byte(&flags), 8);
}

static void unknown_names_and_other_values_are_refused_by_name(void **state)
{
    static const struct
    {
        const char *json;
        const char *says;
    } cases[] = {
        {"{\"allowClearText\": true}", "allowClearText"},
        {"{\"preserveNulls\": \"true\"}", "preserveNulls"},
        {"{\"allowDuplicates\": 1}", "allowDuplicates"},
        {"[]", "object"},
        {"true", "object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        collaboration_flags flags = {true, true, true, true};
        check_fails(read_json(&flags, cases[i].json, &err), &err, SR_E_INVALID);
        check_error_says(&err, cases[i].says);
        check_int(flags_to_byte(&flags), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flag_has_its_bit),
        cmocka_unit_test(all_sixteen_settings_come_back_from_byte_and_json),
        cmocka_unit_test(unknown_bits_are_refused),
        cmocka_unit_test(a_missing_flag_is_false),
        cmocka_unit_test(unknown_names_and_other_values_are_refused_by_name),
    };
    check_main(tests);
}
