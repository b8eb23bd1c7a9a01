#include "base/uuid.h"

#include "check.h"

static void a_uuid_goes_there_and_back_in_lower_case(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_uuid uuid;
    check_ok(sr_uuid_parse(&uuid, "0123ABCD-4567-89ef-AbCd-0123456789aB", &err), &err);
    check_text(sr_uuid_print(&uuid).text, "0123abcd-4567-89ef-abcd-0123456789ab");
    check_int(uuid.bytes[0], 0x01);
    check_int(uuid.bytes[15], 0xab);
}

static void short_groups_are_filled_with_zeros(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_uuid uuid;
    check_ok(sr_uuid_parse(&uuid, "1-2-3-4-5", &err), &err);
    check_text(sr_uuid_print(&uuid).text, "00000001-0002-0003-0004-000000000005");
}

static void anything_else_is_refused_and_gives_zero(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "1-2-3-4",
        "1-2-3-4-5-6",
        "1-2-3-4-",
        "-2-3-4-5",
        "1--3-4-5",
        "{01234567-89ab-cdef-0123-456789abcdef}",
        "0123456789abcdef0123456789abcdef",
        "001234567-89ab-cdef-0123-456789abcdef",
        "01234567-089ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-0456789abcdef",
        "01234567-89ab-cdef-0123-456789abcdeg",
        "01234567-89ab-cdef-0123-456789abcdef ",
        " 01234567-89ab-cdef-0123-456789abcdef",
        "0x1-2-3-4-5",
        "+1-2-3-4-5",
    };
    static const sr_uuid zero;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        sr_uuid uuid = {{1}};
        if (sr_uuid_parse(&uuid, bad[i], &err) == SR_OK)
            fail_msg("\"%s\" was accepted", bad[i]);
        check_int(err.code, SR_E_INVALID);
        check(sr_uuid_equal(&uuid, &zero));
    }
}

static void random_uuids_are_version_4_and_differ(void **state)
{
    (void)state;
    sr_uuid last = sr_uuid_random();
    for (int i = 0; i < 200; i++)
    {
        sr_uuid next = sr_uuid_random();
        sr_uuid_text text = sr_uuid_print(&next);
        check_int(strlen(text.text), 36);
        check_int(text.text[14], '4');
        check(strchr("89ab", text.text[19]) != NULL);
        check(!sr_uuid_equal(&next, &last));
        last = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uuid_goes_there_and_back_in_lower_case),
        cmocka_unit_test(short_groups_are_filled_with_zeros),
        cmocka_unit_test(anything_else_is_refused_and_gives_zero),
        cmocka_unit_test(random_uuids_are_version_4_and_differ),
    };
    check_main(tests);
}
