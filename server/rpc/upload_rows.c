#include "upload_rows.h"

#include "base/text.h"
#include "model/batch.h"
#include "sealroom/v1/table.pb-c.h"

/* A batch taken apart: `rows` cells and NULL bits for each column, one column after another. */
typedef struct
{
    sr_slice *cells;
    bool *nulls;
    token_value **tokens; /* of fingerprint columns */
    engine_cells *views;
    size_t columns;
} split_batch;

static void split_batch_clear(split_batch *split)
{
    for (size_t i = 0; i < split->columns; i++)
        sr_free(split->tokens[i]);
    sr_free(split->tokens);
    sr_free(split->cells);
    sr_free(split->nulls);
    sr_free(split->views);
}

static void split_batch_init(split_batch *split, size_t columns, size_t rows)
{
    split->columns = columns;
    split->cells = sr_array(columns * rows, sizeof *split->cells);
    split->nulls = sr_array(columns * rows, sizeof *split->nulls);
    split->tokens = sr_array(columns, sizeof *split->tokens);
    split->views = sr_array(columns, sizeof *split->views);
}

static bool cell_fits(const room_column *column, sr_slice cell)
{
    switch (column->type)
    {
    case COLUMN_CLEARTEXT:
        return sr_utf8_is_valid(cell);
    case COLUMN_FINGERPRINT:
        return cell.len == FINGERPRINT_SIZE;
    case COLUMN_SEALED:
        return cell.len >= UPLOAD_SEALED_LEAST && cell.len <= UPLOAD_CELL_MOST;
    case COLUMN_DETERMINISTIC:
        return cell.len >= UPLOAD_DETERMINISTIC_LEAST && cell.len <= UPLOAD_CELL_MOST;
    default:
        return false;
    }
}

static sr_result check_cells(const room_column *column, const sr_slice *cells, const bool *nulls,
                             uint32_t rows, sr_err *err)
{
    for (uint32_t row = 0; row < rows; row++)
        if (!nulls[row] && !cell_fits(column, cells[row]))
            return sr_fail(err, SR_E_FORMAT, "column \"%s\": row %u of the batch is no %s cell",
                           column->name, row + 1, column_type_of(column->type)->name);
    return SR_OK;
}

/* Fingerprints lie one after another in the batch; so do their tokens. */
static void replace_by_tokens(token_value **out, const token_maker *maker, sr_slice *cells,
                              const bool *nulls, uint32_t rows, sr_slice fingerprints)
{
    size_t count = fingerprints.len / FINGERPRINT_SIZE;
    size_t next = 0;
    *out = sr_array(count, sizeof(token_value));
    token_make(*out, maker, fingerprints.data, count);
    for (uint32_t row = 0; row < rows; row++)
        if (!nulls[row])
            cells[row] = sr_slice_of((*out)[next++].bytes, TOKEN_SIZE);
}

static sr_result split_column(split_batch *split, size_t index, const room_column *column,
                              const token_maker *maker, const Sealroom__V1__UploadBatch *batch,
                              sr_err *err)
{
    const Sealroom__V1__ColumnBatch *from = batch->columns[index];
    sr_slice *cells = split->cells + index * batch->rows;
    bool *nulls = split->nulls + index * batch->rows;
    batch_column shape = {
        .nulls = sr_slice_of(from->nulls.data, from->nulls.len),
        .width = from->width,
        .lengths = from->lengths,
        .length_count = from->n_lengths,
        .data = sr_slice_of(from->data.data, from->data.len),
    };
    if (batch_split(cells, nulls, &shape, batch->rows, err) != SR_OK)
        return sr_fail_in(err, "column \"%s\"", column->name);
    if (check_cells(column, cells, nulls, batch->rows, err) != SR_OK)
        return SR_FAIL;
    if (column_type_of(column->type)->storage == STORED_AS_TOKEN)
        replace_by_tokens(&split->tokens[index], maker, cells, nulls, batch->rows, shape.data);
    split->views[index] = (engine_cells){.cells = cells, .nulls = nulls};
    return SR_OK;
}

sr_result upload_rows_stage(engine_stage *stage, const upload_columns *columns,
                            const token_maker *tokens, const void *batch, sr_err *err)
{
    const Sealroom__V1__UploadBatch *from = batch;
    split_batch split SR_CLEANUP(split_batch_clear) = {0};
    if (from->rows == 0 || from->rows > BATCH_MOST_ROWS || from->n_columns != columns->count ||
        from->rows * columns->count > BATCH_MOST_CELLS)
        return sr_fail(err, SR_E_INVALID, "a batch has 1 to %d rows and every column of the table",
                       BATCH_MOST_ROWS);
    split_batch_init(&split, columns->count, from->rows);
    for (size_t i = 0; i < columns->count; i++)
        if (split_column(&split, i, &columns->columns[i], tokens, from, err) != SR_OK)
            return SR_FAIL;
    return engine_stage_append(stage, split.views, from->rows, err);
}
