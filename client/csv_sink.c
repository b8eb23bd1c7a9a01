#include "csv_sink.h"

#include "base/file.h"
#include "cell_maker.h"
#include "csv_write.h"

struct csv_sink
{
    sr_out *file;
    csv_write_options options;
};

sr_result csv_sink_new(csv_sink **out, const char *path, bool overwrite, const char *null_text,
                       sr_err *err)
{
    SR_OUT(file);
    *out = NULL;
    if (sr_out_open(&file, path, overwrite, err) != SR_OK)
        return SR_FAIL;
    *out = sr_alloc(sizeof **out);
    (*out)->file = file;
    (*out)->options.null_text = null_text;
    file = NULL;
    return SR_OK;
}

static sr_result begin(void *self, const table_schema *schema, sr_err *err)
{
    csv_sink *sink = self;
    SR_BUF(line, (size_t)HEADER_MOST_COLUMNS * 2 * HEADER_SIZE);
    for (size_t i = 0; i < schema->count; i++)
    {
        csv_field field = {.text = sr_slice_text(schema->columns[i].target)};
        if (csv_write_field(&line, &sink->options, field, i == 0, err) != SR_OK ||
            sr_buf_append_byte(&line, i + 1 < schema->count ? ',' : '\n', err) != SR_OK)
            return SR_FAIL;
    }
    return sr_out_write(sink->file, sr_buf_view(&line), err);
}

static sr_result write_cell(const csv_sink *sink, sr_buf *out, const encrypt_rows *rows,
                            size_t column, size_t row, sr_err *err)
{
    const cell_batch *cells = &rows->cells[column];
    cell_kind kind = cell_kind_of_column(rows->schema->columns[column].type);
    csv_field field = {.text = cell_batch_view(cells, row), .null = cell_batch_is_null(cells, row)};
    if (kind == CELL_CLEARTEXT || field.null)
        return csv_write_field(out, &sink->options, field, column == 0, err);
    return cell_to_text(out, kind, field.text, err); /* base64 never needs quotes */
}

static sr_result prepare(const void *self, const encrypt_rows *rows, sr_buf *out, sr_err *err)
{
    size_t columns = rows->schema->count;
    for (size_t row = 0; row < rows->rows; row++)
    {
        for (size_t column = 0; column < columns; column++)
        {
            if (write_cell(self, out, rows, column, row, err) != SR_OK ||
                sr_buf_append_byte(out, column + 1 < columns ? ',' : '\n', err) != SR_OK)
                return SR_FAIL;
        }
    }
    return SR_OK;
}

static sr_result write_rows(void *self, const encrypt_rows *rows, sr_err *err)
{
    csv_sink *sink = self;
    return sr_out_write(sink->file, rows->prepared, err);
}

static sr_result end(void *self, const encrypt_report *report, sr_err *err)
{
    csv_sink *sink = self;
    (void)report;
    return sr_out_commit(sink->file, err);
}

encrypt_sink csv_sink_functions(csv_sink *self)
{
    return (encrypt_sink){
        .self = self, .begin = begin, .prepare = prepare, .rows = write_rows, .end = end};
}

void csv_sink_free(csv_sink *self)
{
    if (self == NULL)
        return;
    sr_out_free(self->file);
    sr_free(self);
}

void csv_sink_clear(csv_sink **self)
{
    csv_sink_free(*self);
    *self = NULL;
}
