/* A batch that is accepted uses its bytes up exactly, and gathers again to the same batch. */
#include "model/batch.h"
#include "fuzz.h"

enum
{
    ROWS_MOST = 64,
};

static void check_round_trip(const batch_column *column, const sr_slice *cells, const bool *nulls,
                             uint32_t rows)
{
    sr_err err = SR_ERR_INIT;
    batch_gatherer gathered SR_CLEANUP(batch_gatherer_clear) = {.width = 0};
    size_t used = 0;
    batch_gatherer_init(&gathered, column->width, rows, column->data.len);
    for (uint32_t row = 0; row < rows; row++)
    {
        used += cells[row].len;
        fuzz_check(!nulls[row] || cells[row].len == 0);
        fuzz_check(batch_gatherer_add(&gathered, cells[row], nulls[row], &err) == SR_OK);
    }
    fuzz_check(used == column->data.len);
    batch_column again = batch_gatherer_view(&gathered);
    fuzz_check(sr_slice_equal_var(again.data, column->data));
    fuzz_check(again.length_count == column->length_count);
    for (size_t i = 0; i < again.length_count; i++)
        fuzz_check(again.lengths[i] == column->lengths[i]);
}

/* rows, width, bytes of NULL bits, number of lengths; then the NULL bits, a byte for each length, the data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    sr_slice cells[ROWS_MOST];
    bool nulls[ROWS_MOST];
    uint32_t lengths[ROWS_MOST];
    sr_cursor input = sr_cursor_of(sr_slice_of(data, size));
    uint32_t rows = 1 + sr_cursor_u8(&input) % ROWS_MOST;
    batch_column column = {.width = sr_cursor_u8(&input), .lengths = lengths};
    size_t null_bytes = sr_cursor_u8(&input);
    column.length_count = sr_cursor_u8(&input) % (ROWS_MOST + 1);
    column.nulls = sr_cursor_bytes(&input, null_bytes);
    for (size_t i = 0; i < column.length_count; i++)
        lengths[i] = sr_cursor_u8(&input);
    column.data = sr_cursor_rest(&input);
    if (input.failed)
        return 0;
    if (batch_split(cells, nulls, &column, rows, &err) == SR_OK)
        check_round_trip(&column, cells, nulls, rows);
    else
        fuzz_check(err.text[0] != '\0');
    return 0;
}
