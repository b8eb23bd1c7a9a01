#include "crypto/key_check.h"

#include "support.h"

enum
{
    FLAG_COMBINATIONS = 16,
};

static key_check_flags flags_of(unsigned bits)
{
    return (key_check_flags){
        .allow_cleartext = (bits & 1u) != 0,
        .allow_duplicates = (bits & 2u) != 0,
        .allow_joins_on_columns_with_different_names = (bits & 4u) != 0,
        .preserve_nulls = (bits & 8u) != 0,
    };
}

static void the_same_secret_and_settings_match(void **state)
{
    (void)state;
    KDF_SCHEDULE(mine);
    KDF_SCHEDULE(yours);
    key_check_value a;
    key_check_value b;
    mine = support_usual_schedule(1);
    yours = support_usual_schedule(1);
    key_check_make(&a, mine, flags_of(5));
    key_check_make(&b, yours, flags_of(5));
    check(key_check_equal(&a, &b));
}

static void another_secret_does_not_match(void **state)
{
    (void)state;
    KDF_SCHEDULE(mine);
    KDF_SCHEDULE(yours);
    key_check_value a;
    key_check_value b;
    mine = support_usual_schedule(1);
    yours = support_usual_schedule(2);
    key_check_make(&a, mine, flags_of(0));
    key_check_make(&b, yours, flags_of(0));
    check(!key_check_equal(&a, &b));
}

static void another_collaboration_does_not_match(void **state)
{
    (void)state;
    KDF_SCHEDULE(mine);
    KDF_SCHEDULE(yours);
    key_check_value a;
    key_check_value b;
    mine = support_schedule(1, "00000000-0000-0000-0000-000000000001");
    yours = support_schedule(1, "00000000-0000-0000-0000-000000000002");
    key_check_make(&a, mine, flags_of(0));
    key_check_make(&b, yours, flags_of(0));
    check(!key_check_equal(&a, &b));
}

static void every_combination_of_flags_has_its_own_value(void **state)
{
    (void)state;
    KDF_SCHEDULE(schedule);
    key_check_value values[FLAG_COMBINATIONS];
    schedule = support_usual_schedule(1);
    for (unsigned bits = 0; bits < FLAG_COMBINATIONS; bits++)
    {
        check_int(key_check_flags_byte(flags_of(bits)), bits);
        key_check_make(&values[bits], schedule, flags_of(bits));
        for (unsigned other = 0; other < bits; other++)
            check(!key_check_equal(&values[bits], &values[other]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_secret_and_settings_match),
        cmocka_unit_test(another_secret_does_not_match),
        cmocka_unit_test(another_collaboration_does_not_match),
        cmocka_unit_test(every_combination_of_flags_has_its_own_value),
    };
    check_main(tests);
}
