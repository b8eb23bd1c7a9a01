#include "result_opener.h"

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
    output_table *table;
    sr_slice *cells; /* of one row, as text */
    sr_buf *texts;   /* what they borrow from */
    bool left_closed;
};

sr_result result_opener_new(result_opener **out, const kdf_schedule *keys, sr_err *err)
{
    RESULT_OPENER(made);
    *out = NULL;
    made = sr_alloc(sizeof *made);
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
    output_table_free(opener->table);
    cell_opener_free(opener->opener);
    sr_free(opener);
}

void result_opener_clear(result_opener **opener)
{
    result_opener_free(*opener);
    *opener = NULL;
}

const output_table *result_opener_table(const result_opener *opener)
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

static void names_free(const char ***names)
{
    sr_free(*names);
}

static sr_result on_columns(void *context, const link_result_column *columns, size_t count,
                            sr_err *err)
{
    result_opener *opener = context;
    const char **names SR_CLEANUP(names_free) = sr_array(count, sizeof(char *));
    (void)err;
    opener->columns = sr_array(count, sizeof *opener->columns);
    opener->cells = sr_array(count, sizeof *opener->cells);
    opener->texts = sr_array(count, sizeof *opener->texts);
    opener->count = count;
    for (size_t i = 0; i < count; i++)
    {
        names[i] = columns[i].name;
        opener->columns[i].kind = kind_of(columns[i].type);
        opener->columns[i].header = sr_text_copy(columns[i].source_header);
        sr_buf_init(&opener->texts[i], CELL_TEXT_MAX + 1);
    }
    opener->table = output_table_new(names, count);
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
        return cell_to_text(out, column->kind, raw, err);
    }
    if (cell_opener_open(opener->opener, &opened, column->kind, column->header, &input, 1, err) !=
        SR_OK)
        return sr_fail_in(err, "column \"%s\" of the answer", column->header);
    *is_null = cell_batch_is_null(&opened, 0);
    return sr_buf_append(out, cell_batch_view(&opened, 0), err);
}

static sr_result on_row(void *context, const sr_slice *cells, const bool *nulls, sr_err *err)
{
    static const uint8_t empty[1] = {0};
    result_opener *opener = context;
    for (size_t i = 0; i < opener->count; i++)
    {
        bool is_null = nulls[i];
        sr_slice text = cells[i];
        if (!is_null && opener->columns[i].kind != CELL_CLEARTEXT)
        {
            if (cell_text(&opener->texts[i], opener, &opener->columns[i], cells[i], &is_null,
                          err) != SR_OK)
                return SR_FAIL;
            text = sr_buf_view(&opener->texts[i]);
        }
        /* For output_table_add a cell without data is NULL; an empty text is not. */
        opener->cells[i] = is_null ? sr_slice_of(NULL, 0)
                                   : sr_slice_of(text.len == 0 ? empty : text.data, text.len);
    }
    output_table_add(opener->table, opener->cells);
    return SR_OK;
}

link_row_receiver result_opener_receiver(result_opener *opener)
{
    return (link_row_receiver){.context = opener, .columns = on_columns, .row = on_row};
}
