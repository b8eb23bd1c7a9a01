/*
 * deliver.c: stage 7. Protected rows to the sink, in batches. Cells are copied out of the engine's buffers,
 * because they end with the next row.
 */
#include <assert.h>
#include <string.h>

#include "rows.h"

/* A batch in the making: bytes of all cells, and each cell's place in them. */
typedef struct
{
    sr_buf bytes;
    size_t *offsets; /* of each cell */
    engine_cell *cells;
    size_t column_count;
    size_t rows;
} row_batch;

enum
{
    BYTES_MOST = 64 * 1024 * 1024, /* one batch, however long its last row */
};

static void batch_init(row_batch *batch, size_t column_count)
{
    sr_buf_init(&batch->bytes, BYTES_MOST);
    batch->column_count = column_count;
    batch->offsets = sr_array(QUERY_BATCH_ROWS * column_count, sizeof *batch->offsets);
    batch->cells = sr_array(QUERY_BATCH_ROWS * column_count, sizeof *batch->cells);
}

static void batch_clear(row_batch *batch)
{
    sr_buf_clear(&batch->bytes);
    sr_free(batch->offsets);
    sr_free(batch->cells);
    batch->offsets = NULL;
    batch->cells = NULL;
}

static sr_result add_row(row_batch *batch, const engine_cell *row, sr_err *err)
{
    size_t first = batch->rows * batch->column_count;
    for (size_t i = 0; i < batch->column_count; i++)
    {
        batch->offsets[first + i] = batch->bytes.len;
        batch->cells[first + i] = row[i];
        if (!row[i].is_null && sr_buf_append(&batch->bytes, row[i].bytes, err) != SR_OK)
            return SR_FAIL;
    }
    batch->rows++;
    return SR_OK;
}

static sr_result flush(row_batch *batch, const query_sink *sink, sr_err *err)
{
    sr_slice bytes = sr_buf_view(&batch->bytes);
    for (size_t i = 0; i < batch->rows * batch->column_count; i++)
    {
        engine_cell *cell = &batch->cells[i];
        size_t len = cell->is_null ? 0 : cell->bytes.len;
        cell->bytes = len == 0 ? sr_slice_of(NULL, 0) : sr_slice_sub(bytes, batch->offsets[i], len);
    }
    const query_batch released = {batch->cells, batch->rows, batch->column_count};
    if (batch->rows > 0 && sink->rows(sink->context, &released, err) != SR_OK)
        return SR_FAIL;
    batch->rows = 0;
    sr_buf_cut(&batch->bytes, 0);
    return SR_OK;
}

static bool is_full(const row_batch *batch)
{
    return batch->rows == QUERY_BATCH_ROWS || batch->bytes.len >= QUERY_BATCH_BYTES;
}

static sr_result stream(row_batch *batch, engine_cell *row, protected_rows *rows,
                        const query_sink *sink, sr_err *err)
{
    bool end = false;
    while (true)
    {
        if (engine_result_next(query_protected_result(rows), row, &end, err) != SR_OK)
            return query_watch_explain(query_protected_watch(rows), err);
        if (end)
            return flush(batch, sink, err);
        if (add_row(batch, row, err) != SR_OK)
            return SR_FAIL;
        if (!is_full(batch))
            continue;
        if (query_watch_check(query_protected_watch(rows), err) != SR_OK ||
            flush(batch, sink, err) != SR_OK)
            return SR_FAIL;
    }
}

sr_result query_deliver(protected_rows *rows, const query_sink *sink, sr_err *err)
{
    size_t count = 0;
    const query_column *columns = query_protected_columns(rows, &count);
    for (size_t i = 0; i < count; i++)
        assert(column_type_of(columns[i].type)->can_return); /* check has refused all others */
    if (query_watch_check(query_protected_watch(rows), err) != SR_OK ||
        sink->schema(sink->context, columns, count, err) != SR_OK)
        return SR_FAIL;
    row_batch batch SR_CLEANUP(batch_clear) = {.rows = 0};
    batch_init(&batch, count);
    engine_cell *row = sr_array(count, sizeof *row);
    sr_result result = stream(&batch, row, rows, sink, err);
    sr_free(row);
    return result;
}
