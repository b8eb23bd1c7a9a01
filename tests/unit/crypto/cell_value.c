#include "crypto/cell_value.h"

#include "support.h"

/* Every encoding of typed_render.json, and what 1.4 says of the ends of the ranges. */
static void everything_that_decodes_encodes_to_the_same_bytes(void **state)
{
    (void)state;
    SR_JSON(vectors);
    vectors = support_vectors("typed_render.json");
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        sr_err err = SR_ERR_INIT;
        const sr_json *vector = sr_json_item(vectors, i);
        const char *hex = sr_json_text(sr_json_member(vector, "encoded_hex"));
        SR_BUF(encoded, 256);
        SR_BUF(again, 256);
        cell_value value;
        support_hex(&encoded, hex);
        check_ok(cell_value_decode(&value, sr_buf_view(&encoded), &err), &err);
        check_text(cell_type_name(value.type), sr_json_text(sr_json_member(vector, "type")));
        check_ok(cell_value_encode(&again, &value, &err), &err);
        check_hex(sr_buf_view(&again), hex);
        check_ok(cell_value_check_payload(value.type, value.null,
                                          sr_slice_of(encoded.data + 1, encoded.len - 1), &err),
                 &err);
    }
}

static void check_malformed(const char *hex)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(encoded, 256);
    cell_value value;
    support_hex(&encoded, hex);
    check_fails(cell_value_decode(&value, sr_buf_view(&encoded), &err), &err, SR_E_FORMAT);
    check_int(value.type, CELL_UNKNOWN);
    check_int(value.text.len, 0);
}

static void unknown_types_are_refused(void **state)
{
    (void)state;
    check_malformed("");
    check_malformed("00");
    check_malformed("01");
    check_malformed("1a");
    check_malformed("ff");
}

static void too_few_and_too_many_bytes_are_refused(void **state)
{
    (void)state;
    check_malformed("0400000000000000");
    check_malformed("040000000000000000ff");
    check_malformed("06");
    check_malformed("0a000000");
    check_malformed("0a0000000000");
    check_malformed("0c00000005000000");
    check_malformed("0e00000000000000");
    check_malformed("100000000000");
    check_malformed("12000000");
    check_malformed("1400");
    check_malformed("14000000");
    check_malformed("1601000000000000000000000000ff");
    check_malformed("18000000");
}

static void nulls_with_half_a_parameter_are_refused(void **state)
{
    (void)state;
    check_malformed("0300");
    check_malformed("0d00000005");
    check_malformed("1701");
    check_malformed("190000");
    check_malformed("0b00000000");
}

static void values_beyond_their_type_are_refused(void **state)
{
    (void)state;
    check_malformed("0602");                             /* boolean 2 */
    check_malformed("16020000000000000000000000000000"); /* isUTC 2 */
    check_malformed("1601000000030000000000000000");     /* unit 3 */
    check_malformed("1701ffffffff");                     /* unit -1 of a NULL */
    check_malformed("0c0000000200000000313233");         /* precision 2, "123" */
    check_malformed("0c0000000500000001312e3233");       /* scale 1, "1.23" */
    check_malformed("180000000261626300");               /* max 2 */
    check_malformed("1800000001f09f9880");               /* one character, two UTF-16 units */
}

static void decimals_that_are_not_plain_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "-",   ".",     "1.", ".5",
                                        "+1", "1e3", "1.2.3", " 1", "--1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_BUF(out, 64);
        cell_value value = {
            .type = CELL_DECIMAL, .precision = 9, .scale = 9, .text = sr_slice_text(texts[i])};
        check_fails(cell_value_encode(&out, &value, &err), &err, SR_E_FORMAT);
        check_int(out.len, 0);
    }
}

static void leading_zeros_do_not_count_as_precision(void **state)
{
    (void)state;
    static const char *const texts[] = {"0.01", "-0.99", "007", "0", "-0.00"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_BUF(out, 64);
        cell_value value = {
            .type = CELL_DECIMAL, .precision = 2, .scale = 2, .text = sr_slice_text(texts[i])};
        check_ok(cell_value_encode(&out, &value, &err), &err);
    }
}

static void text_that_is_not_utf_8_is_refused(void **state)
{
    (void)state;
    check_malformed("02ff");
    check_malformed("02c0af");
    check_malformed("08eda080");
}

static void integers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const cell_value wrong[] = {
        {.type = CELL_INT, .integer = 2147483648},
        {.type = CELL_SMALLINT, .integer = -32769},
        {.type = CELL_DATE, .integer = -2147483649},
        {.type = CELL_BOOLEAN, .integer = 2},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_BUF(out, 64);
        check_fails(cell_value_encode(&out, &wrong[i], &err), &err, SR_E_FORMAT);
        check_fails(cell_value_encode_payload(&out, &wrong[i], &err), &err, SR_E_FORMAT);
        check_int(out.len, 0);
    }
}

static void unknown_values_are_never_encrypted(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(out, 64);
    cell_value value = {.type = CELL_UNKNOWN};
    check_fails(cell_value_encode(&out, &value, &err), &err, SR_E_INVALID);
    check_int(out.len, 0);
    check_fails(cell_value_check_payload(CELL_UNKNOWN, false, sr_slice_of(NULL, 0), &err), &err,
                SR_E_INVALID);
}

static void names_lead_to_types_and_back(void **state)
{
    (void)state;
    cell_type found;
    for (int type = CELL_STRING; type < CELL_TYPE_COUNT_; type++)
    {
        check(cell_type_from_name(&found, cell_type_name((cell_type)type)));
        check_int(found, type);
    }
    check(!cell_type_from_name(&found, "UNKNOWN"));
    check(!cell_type_from_name(&found, "string"));
    check_int(found, CELL_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_decodes_encodes_to_the_same_bytes),
        cmocka_unit_test(unknown_types_are_refused),
        cmocka_unit_test(too_few_and_too_many_bytes_are_refused),
        cmocka_unit_test(nulls_with_half_a_parameter_are_refused),
        cmocka_unit_test(values_beyond_their_type_are_refused),
        cmocka_unit_test(decimals_that_are_not_plain_are_refused),
        cmocka_unit_test(leading_zeros_do_not_count_as_precision),
        cmocka_unit_test(text_that_is_not_utf_8_is_refused),
        cmocka_unit_test(integers_out_of_range_are_refused),
        cmocka_unit_test(unknown_values_are_never_encrypted),
        cmocka_unit_test(names_lead_to_types_and_back),
    };
    check_main(tests);
}
