#include "result_opener.h"

#include "base/text.h"
#include "cell_opener.h"

typedef struct
{
    cell_kind kind;
    char *header;
} opened_column;

struct result_opener
{
    cell_opener *opener; /* NULL without a secret */
    opened_column *columns;
    size_t count;
    output_form form;
    output *table;
    csv_field *cells; /* of one row, as text */
    sr_buf *texts;    /* what they borrow from */
    bool left_closed;
};

sr_result result_opener_new(result_opener **out, output_form form, const kdf_schedule *keys,
                            sr_err *err)
{
    RESULT_OPENER(made);
    *out = NULL;
    made = sr_alloc(sizeof *made);
    made->form = form;
    if (keys != NULL && cell_opener_new(&made->opener, keys, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = NULL;
    return SR_OK;
}

void result_opener_free(result_opener *opener)
{
    if (opener == NULL)
        return;
    for (size_t i = 0; i < opener->count; i++)
    {
        sr_free(opener->columns[i].header);
        sr_buf_wipe(&opener->texts[i]);
    }
    sr_free(opener->columns);
    sr_free(opener->cells);
    sr_free(opener->texts);
    output_free(opener->table);
    cell_opener_free(opener->opener);
    sr_free(opener);
}

void result_opener_clear(result_opener **opener)
{
    result_opener_free(*opener);
    *opener = NULL;
}

output *result_opener_table(const result_opener *opener)
{
    return opener->table;
}

bool result_opener_left_closed(const result_opener *opener)
{
    return opener->left_closed;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static cell_kind kind_of(column_type type)
{
    switch (type)
    {
    case COLUMN_SEALED:
        return CELL_SEALED;
    case COLUMN_DETERMINISTIC:
        return CELL_DETERMINISTIC;
    case COLUMN_FINGERPRINT:
        return CELL_FINGERPRINT;
    default:
        return CELL_CLEARTEXT;
    }
}

static void headers_free(output_column **headers)
{
    sr_free(*headers);
}

static output_kind kind_of_output(const link_result_column *column)
{
    if (column->type == COLUMN_CLEARTEXT && data_type_is_number(column->data))
        return OUTPUT_NUMBER;
    return column->data.kind == DATA_BOOLEAN ? OUTPUT_BOOLEAN : OUTPUT_TEXT;
}

static sr_result on_columns(void *context, const link_result_column *columns, size_t count,
                            sr_err *err)
{
    result_opener *opener = context;
    output_column *headers SR_CLEANUP(headers_free) = sr_array(count, sizeof *headers);
    (void)err;
    opener->columns = sr_array(count, sizeof *opener->columns);
    opener->cells = sr_array(count, sizeof *opener->cells);
    opener->texts = sr_array(count, sizeof *opener->texts);
    opener->count = count;
    for (size_t i = 0; i < count; i++)
    {
        headers[i] = (output_column){columns[i].name, kind_of_output(&columns[i])};
        opener->columns[i].kind = kind_of(columns[i].type);
        opener->columns[i].header = sr_text_copy(columns[i].source_header);
        sr_buf_init(&opener->texts[i], CELL_TEXT_MAX + 1);
    }
    opener->table = output_new(opener->form, headers, count);
    return SR_OK;
}

/* An encrypted cell as text: its plaintext when it can be opened, else the cell as a file has it. */
static sr_result cell_text(sr_buf *out, result_opener *opener, const opened_column *column,
                           sr_slice raw, bool *is_null, sr_err *err)
{
    CELL_BATCH(opened);
    cell_input input = {.value = raw, .null = false};
    bool can_open = opener->opener != NULL && cell_opener_can(column->kind);
    sr_buf_cut(out, 0);
    if (!can_open)
    {
        opener->left_closed = true;
        return cell_to_text(out, column->kind, raw, err) == SR_OK
                   ? SR_OK
                   : sr_fail_in(err, "column \"%s\" of the answer", column->header);
    }
    if (cell_opener_open(opener->opener, &opened, column->kind, column->header, &input, 1, err) !=
        SR_OK)
        return sr_fail_in(err, "column \"%s\" of the answer", column->header);
    *is_null = cell_batch_is_null(&opened, 0);
    return sr_buf_append(out, cell_batch_view(&opened, 0), err);
}

static sr_result on_row(void *context, const sr_slice *cells, const bool *nulls, sr_err *err)
{
    result_opener *opener = context;
    for (size_t i = 0; i < opener->count; i++)
    {
        csv_field *field = &opener->cells[i];
        *field = (csv_field){.text = cells[i], .null = nulls[i]};
        if (field->null)
            continue;
        if (opener->columns[i].kind == CELL_CLEARTEXT)
        {
            if (!sr_utf8_is_valid(cells[i]))
                return sr_fail(err, SR_E_FORMAT, "the answer holds a cell that is not valid UTF-8");
            continue;
        }
        if (cell_text(&opener->texts[i], opener, &opener->columns[i], cells[i], &field->null,
                      err) != SR_OK)
            return SR_FAIL;
        field->text = sr_buf_view(&opener->texts[i]);
    }
    return output_row(opener->table, opener->cells, err);
}

link_row_receiver result_opener_receiver(result_opener *opener)
{
    return (link_row_receiver){.context = opener, .columns = on_columns, .row = on_row};
}
