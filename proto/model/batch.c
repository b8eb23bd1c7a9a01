#include "batch.h"

#include <assert.h>
#include <string.h>

/* ---- splitting ------------------------------------------------------------------------------- */

static bool shape_fits(const batch_column *column, uint32_t rows)
{
    size_t bitmap = ((size_t)rows + 7) / 8;
    bool nulls_fit = column->nulls.len == 0 || column->nulls.len == bitmap;
    bool lengths_fit = column->length_count == (column->width != 0 ? 0 : rows);
    return nulls_fit && lengths_fit;
}

static bool is_null_at(const batch_column *column, uint32_t row)
{
    return column->nulls.len > 0 && ((unsigned)column->nulls.data[row / 8] >> (row % 8) & 1u) != 0;
}

sr_result batch_split(sr_slice *cells, bool *nulls, const batch_column *column, uint32_t rows,
                      sr_err *err)
{
    if (!shape_fits(column, rows))
        return sr_fail(err, SR_E_FORMAT, "a batch whose NULL bits or lengths do not fit its rows");
    sr_cursor data = sr_cursor_of(column->data);
    for (uint32_t row = 0; row < rows; row++)
    {
        size_t length = column->width != 0 ? column->width : column->lengths[row];
        nulls[row] = is_null_at(column, row);
        if (nulls[row] && column->width == 0 && length != 0)
            return sr_fail(err, SR_E_FORMAT, "a batch with a NULL cell that has a length");
        cells[row] = sr_cursor_bytes(&data, nulls[row] ? 0 : length);
    }
    return sr_cursor_finish(&data, "a column of the batch", err);
}

/* ---- gathering ------------------------------------------------------------------------------- */

static size_t bitmap_size(const batch_gatherer *gatherer)
{
    return ((size_t)gatherer->most_rows + 7) / 8;
}

void batch_gatherer_init(batch_gatherer *gatherer, uint32_t width, uint32_t most_rows,
                         size_t most_bytes)
{
    *gatherer = (batch_gatherer){.width = width, .most_rows = most_rows};
    sr_buf_init(&gatherer->data, most_bytes);
    gatherer->nulls = sr_alloc(bitmap_size(gatherer));
    if (width == 0)
        gatherer->lengths = sr_array(most_rows, sizeof *gatherer->lengths);
}

void batch_gatherer_clear(batch_gatherer *gatherer)
{
    sr_buf_clear(&gatherer->data);
    sr_free(gatherer->lengths);
    sr_free(gatherer->nulls);
    *gatherer = (batch_gatherer){.width = gatherer->width};
}

sr_result batch_gatherer_add(batch_gatherer *gatherer, sr_slice cell, bool is_null, sr_err *err)
{
    uint32_t row = gatherer->rows;
    assert(row < gatherer->most_rows);
    assert(is_null || gatherer->width == 0 || cell.len == gatherer->width);
    if (!is_null && sr_buf_append(&gatherer->data, cell, err) != SR_OK)
        return SR_FAIL;
    if (gatherer->lengths != NULL)
        gatherer->lengths[row] = is_null ? 0 : (uint32_t)cell.len;
    if (is_null)
    {
        gatherer->nulls[row / 8] = (uint8_t)(gatherer->nulls[row / 8] | (1u << (row % 8)));
        gatherer->has_nulls = true;
    }
    gatherer->rows++;
    return SR_OK;
}

batch_column batch_gatherer_view(const batch_gatherer *gatherer)
{
    size_t bitmap = gatherer->has_nulls ? ((size_t)gatherer->rows + 7) / 8 : 0;
    return (batch_column){
        .nulls = sr_slice_of(gatherer->nulls, bitmap),
        .width = gatherer->width,
        .lengths = gatherer->lengths,
        .length_count = gatherer->lengths == NULL ? 0 : gatherer->rows,
        .data = sr_buf_view(&gatherer->data),
    };
}

void batch_gatherer_empty(batch_gatherer *gatherer)
{
    sr_buf_cut(&gatherer->data, 0);
    memset(gatherer->nulls, 0, bitmap_size(gatherer));
    gatherer->has_nulls = false;
    gatherer->rows = 0;
}
