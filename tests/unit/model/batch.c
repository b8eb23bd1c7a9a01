#include "model/batch.h"

#include "check.h"

enum
{
    ROWS = 19, /* not a multiple of eight */
    ROOM = 4096,
};

static void gatherer_clear(batch_gatherer *gatherer)
{
    batch_gatherer_clear(gatherer);
}
#define GATHERER(name) batch_gatherer name SR_CLEANUP(gatherer_clear) = {.width = 0}

static bool is_null_row(uint32_t row)
{
    return row % 3 == 1;
}

/* Row r is r letters, or `width` of them. */
static sr_slice cell_of(uint32_t row, uint32_t width)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    return sr_slice_of(letters, width == 0 ? row : width);
}

static void check_round_trip(uint32_t width)
{
    sr_err err = SR_ERR_INIT;
    sr_slice cells[ROWS];
    bool nulls[ROWS];
    GATHERER(gathered);
    batch_gatherer_init(&gathered, width, ROWS, ROOM);
    for (uint32_t row = 0; row < ROWS; row++)
        check_ok(batch_gatherer_add(&gathered, cell_of(row, width), is_null_row(row), &err), &err);
    batch_column column = batch_gatherer_view(&gathered);
    check_ok(batch_split(cells, nulls, &column, ROWS, &err), &err);
    for (uint32_t row = 0; row < ROWS; row++)
    {
        check_int(nulls[row], is_null_row(row));
        if (is_null_row(row))
            check_int(cells[row].len, 0);
        else
            check(sr_slice_equal_var(cells[row], cell_of(row, width)));
    }
}

static void what_one_end_gathers_the_other_splits(void **state)
{
    (void)state;
    check_round_trip(0);
    check_round_trip(16);
}

static void an_emptied_gatherer_forgets_cells_and_nulls(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    GATHERER(gathered);
    batch_gatherer_init(&gathered, 0, ROWS, ROOM);
    check_ok(batch_gatherer_add(&gathered, cell_of(3, 0), true, &err), &err);
    batch_gatherer_empty(&gathered);
    check_ok(batch_gatherer_add(&gathered, cell_of(3, 0), false, &err), &err);
    batch_column column = batch_gatherer_view(&gathered);
    check_int(column.nulls.len, 0);
    check_int(column.length_count, 1);
    check_int(column.data.len, 3);
}

static void too_many_bytes_are_a_limit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    GATHERER(gathered);
    batch_gatherer_init(&gathered, 0, ROWS, 4);
    check_fails(batch_gatherer_add(&gathered, cell_of(5, 0), false, &err), &err, SR_E_LIMIT);
    check_int(gathered.rows, 0);
}

/* Three rows of "ab", NULL, "c". */
static batch_column good_column(void)
{
    static const uint8_t bitmap[] = {0x02};
    static const uint32_t lengths[] = {2, 0, 1};
    return (batch_column){
        .nulls = sr_slice_of(bitmap, 1),
        .lengths = lengths,
        .length_count = 3,
        .data = sr_slice_of("abc", 3),
    };
}

static void refuse(const batch_column *column, uint32_t rows)
{
    sr_err err = SR_ERR_INIT;
    sr_slice cells[ROWS];
    bool nulls[ROWS];
    check_fails(batch_split(cells, nulls, column, rows, &err), &err, SR_E_FORMAT);
}

static void a_column_that_contradicts_itself_is_refused(void **state)
{
    static const uint32_t null_with_length[] = {1, 1, 1};
    static const uint32_t longer[] = {2, 0, 2};
    static const uint32_t huge[] = {2, 0, UINT32_MAX};
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_slice cells[ROWS];
    bool nulls[ROWS];
    batch_column column = good_column();
    check_ok(batch_split(cells, nulls, &column, 3, &err), &err);
    check_slice(cells[0], "ab");
    check_slice(cells[2], "c");
    refuse(&column, 2);  /* a length too many */
    refuse(&column, 4);  /* a length too few */
    refuse(&column, 17); /* a bitmap too short */
    column.lengths = null_with_length;
    refuse(&column, 3);
    column.lengths = longer; /* data too short */
    refuse(&column, 3);
    column.lengths = huge;
    refuse(&column, 3);
    column = good_column();
    column.data = sr_slice_of("abcd", 4); /* left over */
    refuse(&column, 3);
    column = good_column();
    column.nulls = sr_slice_of("\0\0", 2); /* a bitmap too long */
    refuse(&column, 3);
    column = good_column();
    column.width = 1; /* width and lengths */
    refuse(&column, 3);
}

static void fixed_width_data_must_be_used_up_exactly(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_slice cells[ROWS];
    bool nulls[ROWS];
    batch_column column = {.width = 2, .data = sr_slice_of("aabb", 4)};
    check_ok(batch_split(cells, nulls, &column, 2, &err), &err);
    check_slice(cells[1], "bb");
    refuse(&column, 1);
    refuse(&column, 3);
    column.data.len = 3;
    refuse(&column, 2);
    column.width = UINT32_MAX;
    refuse(&column, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_end_gathers_the_other_splits),
        cmocka_unit_test(an_emptied_gatherer_forgets_cells_and_nulls),
        cmocka_unit_test(too_many_bytes_are_a_limit),
        cmocka_unit_test(a_column_that_contradicts_itself_is_refused),
        cmocka_unit_test(fixed_width_data_must_be_used_up_exactly),
    };
    check_main(tests);
}
