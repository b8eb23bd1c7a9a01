#include "model/column_type.h"

#include "check.h"

static void every_type_has_a_full_row_that_its_name_finds(void **state)
{
    (void)state;
    for (int i = 0; i < COLUMN_TYPE_COUNT_; i++)
    {
        sr_err err = SR_ERR_INIT;
        column_type type;
        const column_type_row *row = column_type_of((column_type)i);
        check(row->name != NULL && row->name[0] != '\0' && row->cell_prefix != NULL);
        check_ok(column_type_parse(&type, row->name, &err), &err);
        check_int(type, i);
    }
}

static void names_may_have_any_case_and_blanks_around(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    column_type type;
    check_ok(column_type_parse(&type, "  Sealed\t", &err), &err);
    check_int(type, COLUMN_SEALED);
    check_ok(column_type_parse(&type, "FINGERPRINT", &err), &err);
    check_int(type, COLUMN_FINGERPRINT);
}

static void unknown_types_are_refused_with_the_known_ones(void **state)
{
    static const char *const names[] = {"", " ", "seal", "sealedx", "sealed fingerprint", "plain"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        column_type type = COLUMN_SEALED;
        check_fails(column_type_parse(&type, names[i], &err), &err, SR_E_INVALID);
        check_error_says(&err, "deterministic");
        check_int(type, COLUMN_CLEARTEXT);
    }
}

static void what_cannot_be_returned_cannot_be_grouped(void **state)
{
    (void)state;
    for (int i = 0; i < COLUMN_TYPE_COUNT_; i++)
    {
        const column_type_row *row = column_type_of((column_type)i);
        check(row->can_return || !row->can_group); /* a group's key is shown */
        check(row->can_count || !row->can_be_subject);
        check(row->can_compare || !row->can_order);
        check(row->is_encrypted == (row->cell_prefix[0] != '\0'));
        check(row->may_have_padding || !row->has_padding);
        check(!row->can_sum || row->storage == STORED_AS_DATA_TYPE);
    }
}

static void fingerprints_join_and_count_and_nothing_else(void **state)
{
    (void)state;
    const column_type_row *row = column_type_of(COLUMN_FINGERPRINT);
    check(row->can_join && row->can_count && row->can_be_subject);
    check(!row->can_group && !row->can_compare && !row->can_order && !row->can_return);
    check_int(row->storage, STORED_AS_TOKEN);
    check_int(row->raw_width, 32);
    check_text(row->cell_prefix, "02:hmac:");
}

static void sealed_columns_are_returned_and_nothing_else(void **state)
{
    (void)state;
    const column_type_row *row = column_type_of(COLUMN_SEALED);
    check(row->can_return && row->has_padding);
    check(!row->can_join && !row->can_group && !row->can_count && !row->can_compare);
    check(!row->can_be_subject && !row->can_sum);
    check_text(row->cell_prefix, "02:enc:");
}

static void deterministic_columns_know_equality_alone(void **state)
{
    (void)state;
    const column_type_row *row = column_type_of(COLUMN_DETERMINISTIC);
    check(row->can_join && row->joins_same_header_only && row->can_group && row->can_count);
    check(row->can_compare && row->can_return);
    check(!row->can_order && !row->can_sum);
    check_text(row->cell_prefix, "03:det:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_a_full_row_that_its_name_finds),
        cmocka_unit_test(names_may_have_any_case_and_blanks_around),
        cmocka_unit_test(unknown_types_are_refused_with_the_known_ones),
        cmocka_unit_test(what_cannot_be_returned_cannot_be_grouped),
        cmocka_unit_test(fingerprints_join_and_count_and_nothing_else),
        cmocka_unit_test(sealed_columns_are_returned_and_nothing_else),
        cmocka_unit_test(deterministic_columns_know_equality_alone),
    };
    check_main(tests);
}
