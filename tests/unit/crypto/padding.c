#include "crypto/padding.h"

#include "support.h"

static padding rule_of(padding_kind kind, uint32_t length, size_t longest)
{
    return (padding){.kind = kind, .length = length, .longest = longest};
}

static void check_target(padding rule, size_t encoded_len, size_t expected)
{
    sr_err err = SR_ERR_INIT;
    size_t target;
    check_ok(padding_target(&target, &rule, encoded_len, &err), &err);
    check_int(target, expected);
}

static void check_does_not_fit(padding rule, size_t encoded_len)
{
    sr_err err = SR_ERR_INIT;
    size_t target;
    check_fails(padding_target(&target, &rule, encoded_len, &err), &err, SR_E_LIMIT);
    check_int(target, 0);
}

static void the_target_is_what_the_format_says(void **state)
{
    (void)state;
    check_target(rule_of(PADDING_NONE, 0, 0), 7, 7);
    check_target(rule_of(PADDING_FIXED, 64, 0), 7, 64);
    check_target(rule_of(PADDING_MAX, 32, 120), 7, 152);
    check_target(rule_of(PADDING_MAX, 0, 7), 7, 7);
    check_target(rule_of(PADDING_NONE, 0, 0), PADDING_PLAIN_MAX, PADDING_PLAIN_MAX);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    check_does_not_fit(rule_of(PADDING_FIXED, 7, 0), 8);
    check_does_not_fit(rule_of(PADDING_FIXED, 0, 0), 1);
    check_does_not_fit(rule_of(PADDING_MAX, 0, 0), 1);
    check_does_not_fit(rule_of(PADDING_NONE, 0, 0), PADDING_PLAIN_MAX + 1);
}

static void rules_are_checked_against_the_limits(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    padding fine[] = {rule_of(PADDING_NONE, 0, 0), rule_of(PADDING_FIXED, 10000, 0),
                      rule_of(PADDING_MAX, 10000, 2000), rule_of(PADDING_MAX, 0, 12000)};
    padding wrong[] = {rule_of(PADDING_FIXED, 10001, 0), rule_of(PADDING_MAX, 10001, 0),
                       rule_of(PADDING_MAX, 10000, 2001), rule_of(PADDING_MAX, 0, 12001)};
    for (size_t i = 0; i < 4; i++)
    {
        check_ok(padding_check(&fine[i], &err), &err);
        check_fails(padding_check(&wrong[i], &err), &err, SR_E_LIMIT);
    }
}

static void the_longest_value_counts_its_metadata_and_no_null(void **state)
{
    (void)state;
    size_t longest = 0;
    cell_input values[] = {support_input("ann"), support_input(NULL), support_input("")};
    cell_input parameters = {.value = sr_slice_text("12345678"), .null = true};
    padding_longest_add(&longest, values, 3);
    check_int(longest, 4);
    padding_longest_add(&longest, &parameters, 1);
    check_int(longest, 4);
}

static void strip_finds_what_fill_has_hidden(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint8_t bytes[64 + PADDING_TRAILER_SIZE];
    for (size_t len = 1; len <= 64; len++)
    {
        size_t found;
        memset(bytes, 0xaa, sizeof bytes);
        padding_fill(bytes, len, 64);
        check_ok(padding_strip(&found, sr_slice_of(bytes, sizeof bytes), &err), &err);
        check_int(found, len);
    }
}

static void check_malformed(const char *hex)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 64);
    size_t len;
    support_hex(&bytes, hex);
    check_fails(padding_strip(&len, sr_buf_view(&bytes), &err), &err, SR_E_FORMAT);
    check_int(len, 0);
}

static void malformed_padding_is_refused(void **state)
{
    (void)state;
    check_malformed("");
    check_malformed("00");
    check_malformed("0000");         /* no value */
    check_malformed("02ffff");       /* negative */
    check_malformed("020002");       /* more than there is */
    check_malformed("020001");       /* nothing but padding */
    check_malformed("026100010002"); /* not zero */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_is_what_the_format_says),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(rules_are_checked_against_the_limits),
        cmocka_unit_test(the_longest_value_counts_its_metadata_and_no_null),
        cmocka_unit_test(strip_finds_what_fill_has_hidden),
        cmocka_unit_test(malformed_padding_is_refused),
    };
    check_main(tests);
}
