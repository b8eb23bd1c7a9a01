/* Whether the values of a stored column repeat: NULLs, few rows, many rows, every storage. */
#include "fixture.h"

#include <stdio.h>

static bool repeats(const fixture *room, engine_table table, size_t column)
{
    sr_err err = SR_ERR_INIT;
    bool out = false;
    check_ok(engine_column_repeats(room->engine, &out, table, column, &err), &err);
    return out;
}

static bool repeats_of(fixture *room, engine_column column, const char *const *cells, size_t rows)
{
    static uint32_t version;
    engine_table table = {9, ++version};
    store(room->engine, table, &column, 1, cells, rows);
    return repeats(room, table, 0);
}

static void a_value_in_two_rows_repeats(void **state)
{
    (void)state;
    static const char *const twice[] = {"a", "b", "a"};
    static const char *const once[] = {"a", "b", "A", "a ", ""};
    FIXTURE(room);
    check(repeats_of(&room, cleartext("STRING"), twice, 3));
    check(!repeats_of(&room, cleartext("STRING"), once, 5));
}

static void nulls_are_no_values(void **state)
{
    (void)state;
    static const char *const nulls[] = {NULL, "a", NULL, "b", NULL, "b"};
    FIXTURE(room);
    check(!repeats_of(&room, cleartext("STRING"), nulls, 1));
    check(!repeats_of(&room, cleartext("STRING"), nulls, 5));
    check(repeats_of(&room, cleartext("STRING"), nulls, 6));
}

static void no_row_and_one_row_do_not_repeat(void **state)
{
    (void)state;
    static const char *const one[] = {"a"};
    FIXTURE(room);
    check(!repeats_of(&room, cleartext("STRING"), one, 0));
    check(!repeats_of(&room, cleartext("STRING"), one, 1));
}

static void every_storage_and_type_is_compared_by_value(void **state)
{
    (void)state;
    static const char *const tokens[] = {"0123456789abcdef", "0123456789abcdeg",
                                         "0123456789abcdef"};
    static const char *const decimals[] = {"1.5", "1.51", "1.50"};
    static const char *const dates[] = {"2024-02-29", "2024-03-01", "2024-02-29"};
    FIXTURE(room);
    check(!repeats_of(&room, token(), tokens, 2));
    check(repeats_of(&room, token(), tokens, 3));
    check(!repeats_of(&room, bytes(), tokens, 2));
    check(repeats_of(&room, bytes(), tokens, 3));
    check(!repeats_of(&room, cleartext("DECIMAL(12,2)"), decimals, 2));
    check(repeats_of(&room, cleartext("DECIMAL(12,2)"), decimals, 3));
    check(!repeats_of(&room, cleartext("DATE"), dates, 2));
    check(repeats_of(&room, cleartext("DATE"), dates, 3));
}

static void columns_are_looked_at_one_by_one(void **state)
{
    (void)state;
    static const char *const cells[] = {"1", "x", "2", "x"};
    const engine_column columns[] = {cleartext("BIGINT"), cleartext("STRING")};
    FIXTURE(room);
    store(room.engine, T1V1, columns, 2, cells, 2);
    check(!repeats(&room, T1V1, 0));
    check(repeats(&room, T1V1, 1));
}

/* Numbers from 1 to `rows`; the last may be another. */
static void store_numbers(fixture *room, engine_table table, size_t rows, size_t last)
{
    enum
    {
        CELL = 24, /* a number of 64 bits */
    };
    sr_err err = SR_ERR_INIT;
    uint64_t stored = 0;
    engine_column column = cleartext("BIGINT");
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room->engine, table, &column, 1);
    char *texts = sr_array(rows, CELL);
    sr_slice *slices = sr_array(rows, sizeof *slices);
    for (size_t i = 0; i < rows; i++)
    {
        snprintf(texts + i * CELL, CELL, "%zu", i + 1 == rows ? last : i + 1);
        slices[i] = sr_slice_text(texts + i * CELL);
    }
    engine_cells cells = {.cells = slices};
    check_ok(engine_stage_append(stage, &cells, rows, &err), &err);
    check_ok(engine_stage_commit(stage, &stored, &err), &err);
    sr_free(texts);
    sr_free(slices);
}

static void a_repeat_is_found_wherever_it_stands(void **state)
{
    (void)state;
    static const size_t sizes[] = {65535, 65536, 65537,
                                   200000}; /* around the rows looked at first */
    FIXTURE(room);
    for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    {
        engine_table unique = {2, i + 1};
        engine_table repeated = {3, i + 1};
        store_numbers(&room, unique, sizes[i], sizes[i]);
        store_numbers(&room, repeated, sizes[i], sizes[i] - 1);
        check(!repeats(&room, unique, 0));
        check(repeats(&room, repeated, 0));
    }
}

static void a_table_or_column_that_is_not_stored_is_an_error(void **state)
{
    (void)state;
    static const char *const one[] = {"a"};
    engine_column column = cleartext("STRING");
    sr_err err = SR_ERR_INIT;
    bool out = true;
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, one, 1);
    check_fails(engine_column_repeats(room.engine, &out, T1V1, 1, &err), &err, SR_E_INTERNAL);
    check(!out);
    check_fails(engine_column_repeats(room.engine, &out, (engine_table){1, 2}, 0, &err), &err,
                SR_E_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_in_two_rows_repeats),
        cmocka_unit_test(nulls_are_no_values),
        cmocka_unit_test(no_row_and_one_row_do_not_repeat),
        cmocka_unit_test(every_storage_and_type_is_compared_by_value),
        cmocka_unit_test(columns_are_looked_at_one_by_one),
        cmocka_unit_test(a_repeat_is_found_wherever_it_stands),
        cmocka_unit_test(a_table_or_column_that_is_not_stored_is_an_error),
    };
    check_main(tests);
}
