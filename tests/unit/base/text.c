#include "base/text.h"

#include "check.h"

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

static size_t prefix(const char *text)
{
    return sr_utf8_valid_prefix(sr_slice_text(text));
}

static void valid_utf8_is_valid_to_its_end(void **state)
{
    (void)state;
    static const char *const valid[] = {
        "",
        "plain ASCII, longer than eight bytes",
        "\xc2\x80\xdf\xbf",                                 /* U+0080 U+07FF */
        "\xe0\xa0\x80\xec\xbf\xbf\xed\x9f\xbf\xee\x80\x80", /* around the surrogates */
        "\xef\xbf\xbf",                                     /* U+FFFF */
        "\xf0\x90\x80\x80\xf1\x80\x80\x80\xf4\x8f\xbf\xbf", /* U+10000 .. U+10FFFF */
        "12345678\xc3\xa9 12345678",
    };
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
    {
        check_int(prefix(valid[i]), strlen(valid[i]));
        check(sr_utf8_is_valid(sr_slice_text(valid[i])));
    }
    check(sr_utf8_is_valid(sr_slice_of("a\0b", 3)));
}

static void invalid_utf8_ends_the_prefix_where_it_starts(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf", /* overlong */
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe", /* past U+10FFFF */
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98", /* cut */
        "\xc3(",
        "\xe2\x28\xa1",
        "\xe2\x82\x28",
        "\xf0\x28\x8c\xbc",
        "\xf0\x90\x28\xbc",
        "\xf0\x90\x8c\x28",
    };
    char text[64];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t before = 0; before < 10; before++)
        {
            snprintf(text, sizeof text, "%.*s%s", (int)before, "aaaaaaaaaa", bad[i]);
            check_int(prefix(text), before);
            check(!sr_utf8_is_valid(sr_slice_text(text)));
        }
}

static bool is_scalar(uint32_t value)
{
    return value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
}

static size_t encode(uint8_t *out, uint32_t value)
{
    if (value < 0x800)
    {
        out[0] = (uint8_t)(0xc0 | value >> 6);
        out[1] = (uint8_t)(0x80 | (value & 0x3f));
        return 2;
    }
    out[0] = (uint8_t)(value < 0x10000 ? 0xe0 | value >> 12 : 0xf0 | value >> 18);
    size_t at = 1;
    if (value >= 0x10000)
        out[at++] = (uint8_t)(0x80 | (value >> 12 & 0x3f));
    out[at++] = (uint8_t)(0x80 | (value >> 6 & 0x3f));
    out[at++] = (uint8_t)(0x80 | (value & 0x3f));
    return at;
}

static void exactly_the_unicode_scalar_values_are_valid(void **state)
{
    (void)state;
    uint8_t bytes[4];
    for (uint32_t value = 0x80; value < 0x1fffff; value++)
    {
        size_t size = encode(bytes, value);
        if (sr_utf8_is_valid(sr_slice_of(bytes, size)) != is_scalar(value))
            fail_msg("U+%04X is judged wrongly", (unsigned)value);
    }
}

static void control_characters_are_found(void **state)
{
    static const char *const with[] = {"\n", "a\tb", "\x1b[31m", "\x7f", "\xc2\x80", "x\xc2\x9f"};
    static const char *const without[] = {"", " ~", "\xc2\xa0", "\xc3\xbc\xc3\x9f", "\xe2\x80\x9c"};
    (void)state;
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
        check(sr_utf8_has_control(sr_slice_text(with[i])));
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        check(!sr_utf8_has_control(sr_slice_text(without[i])));
}

static void width_counts_what_a_terminal_shows(void **state)
{
    (void)state;
    check_int(sr_utf8_width(sr_slice_text("")), 0);
    check_int(sr_utf8_width(sr_slice_text("abc")), 3);
    check_int(sr_utf8_width(sr_slice_text("gr\xc3\xbc\xc3\x9f")), 4);
    check_int(sr_utf8_width(sr_slice_text("\xe6\xbc\xa2\xe5\xad\x97")), 4); /* wide */
    check_int(sr_utf8_width(sr_slice_text("e\xcc\x81")), 1);                /* combining */
    check_int(sr_utf8_width(sr_slice_text("\n\xff")), 2);                   /* stand-ins */
}

/* ---- hexadecimal ----------------------------------------------------------------------------- */

static void hexadecimal_goes_there_and_back(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint8_t bytes[256];
    uint8_t back[256];
    char text[513];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    sr_hex_encode(text, sr_slice_of(bytes, sizeof bytes));
    check_int(strlen(text), 512);
    check(strncmp(text, "000102", 6) == 0 && strcmp(text + 506, "fdfeff") == 0);
    check_ok(sr_hex_decode(back, sizeof back, sr_slice_text(text), &err), &err);
    assert_memory_equal(back, bytes, sizeof bytes);
    check_ok(sr_hex_decode(back, 3, sr_slice_text("aBCdeF"), &err), &err);
    assert_memory_equal(back, "\xab\xcd\xef", 3);
    check_ok(sr_hex_decode(back, 0, sr_slice_text(""), &err), &err);
}

static void only_hexadecimal_digits_are_digits(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    for (unsigned c = 0; c < 256; c++)
    {
        uint8_t out[1] = {0x55};
        const uint8_t text[2] = {'0', (uint8_t)c};
        bool good = c != 0 && strchr("0123456789abcdefABCDEF", (int)c) != NULL;
        sr_result result = sr_hex_decode(out, 1, sr_slice_of(text, 2), &err);
        check_int(result, good ? SR_OK : SR_FAIL);
        if (!good)
            check_int(out[0], 0);
    }
}

static void hexadecimal_of_another_length_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint8_t out[4] = {1, 1, 1, 1};
    check_fails(sr_hex_decode(out, 4, sr_slice_text("0011223"), &err), &err, SR_E_FORMAT);
    check_text(err.text, "expected 8 hexadecimal digits");
    assert_memory_equal(out, "\0\0\0\0", 4);
    check_fails(sr_hex_decode(out, 4, sr_slice_text("001122334"), &err), &err, SR_E_FORMAT);
}

/* ---- time and randomness --------------------------------------------------------------------- */

static void times_print_as_utc(void **state)
{
    (void)state;
    check_text(sr_time_print(0).text, "1970-01-01T00:00:00Z");
    check_text(sr_time_print(1795508021999999).text, "2026-11-24T08:13:41Z");
    check_text(sr_time_print(-1).text, "1969-12-31T23:59:59Z");
    check(strlen(sr_time_print(INT64_MIN).text) < sizeof(sr_time_text));
}

static void clocks_run(void **state)
{
    (void)state;
    int64_t before = sr_monotonic_us();
    check(sr_monotonic_us() >= before);
    check(sr_now_us() > 1577836800000000); /* 2020 */
}

static void random_bytes_fill_what_they_are_given(void **state)
{
    (void)state;
    static uint8_t a[1000];
    static uint8_t b[1000];
    sr_random_bytes(a, 999);
    sr_random_bytes(b, 999);
    check(memcmp(a, b, 999) != 0);
    check(memcmp(a + 980, b + 980, 19) != 0);
    check_int(a[999], 0);
    sr_random_bytes(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_utf8_is_valid_to_its_end),
        cmocka_unit_test(invalid_utf8_ends_the_prefix_where_it_starts),
        cmocka_unit_test(exactly_the_unicode_scalar_values_are_valid),
        cmocka_unit_test(width_counts_what_a_terminal_shows),
        cmocka_unit_test(control_characters_are_found),
        cmocka_unit_test(hexadecimal_goes_there_and_back),
        cmocka_unit_test(only_hexadecimal_digits_are_digits),
        cmocka_unit_test(hexadecimal_of_another_length_is_refused),
        cmocka_unit_test(times_print_as_utc),
        cmocka_unit_test(clocks_run),
        cmocka_unit_test(random_bytes_fill_what_they_are_given),
    };
    check_main(tests);
}
