/* Encrypted file → raw cells → upload, row by row in the order of the file. */
#include "cell_opener.h"
#include "upload_plan.h"

#include <inttypes.h>
#include <string.h>

/* Column types and the cells of a file name the same things; one row for each (column_type.h, cell.h). */
static const cell_kind kind_of[COLUMN_TYPE_COUNT_] = {
    [COLUMN_CLEARTEXT] = CELL_CLEARTEXT,
    [COLUMN_FINGERPRINT] = CELL_FINGERPRINT,
    [COLUMN_SEALED] = CELL_SEALED,
    [COLUMN_DETERMINISTIC] = CELL_DETERMINISTIC,
};

typedef struct
{
    const upload_table_options *options;
    upload_plan plan;
    csv_reader *reader;
    cell_opener *opener;
    link_upload *upload;
    size_t *sources; /* field of each schema column */
    sr_buf *raw;     /* cells of one row */
    sr_slice *cells;
    bool *nulls;
    bool *opened; /* a cell of this column has been opened once */
    size_t count;
} file_upload;

static void file_upload_clear(file_upload *file)
{
    link_upload_free(file->upload);
    cell_opener_free(file->opener);
    csv_reader_free(file->reader);
    upload_plan_clear(&file->plan);
    for (size_t i = 0; i < file->count && file->raw != NULL; i++)
        sr_buf_clear(&file->raw[i]);
    sr_free(file->raw);
    sr_free(file->sources);
    sr_free(file->cells);
    sr_free(file->nulls);
    sr_free(file->opened);
}

/* ---- opening --------------------------------------------------------------------------------- */

static sr_result find_source(size_t *out, const csv_reader *reader, const char *target, sr_err *err)
{
    size_t columns = csv_reader_columns(reader);
    for (size_t i = 0; i < columns; i++)
        if (strcmp(csv_reader_header(reader, i), target) == 0)
        {
            *out = i;
            return SR_OK;
        }
    return sr_fail(err, SR_E_NOT_FOUND,
                   "no column \"%s\": an encrypted file has the target headers of its schema",
                   target);
}

static sr_result open_file(file_upload *file, sr_err *err)
{
    const encrypt_options *from = &file->options->encrypt;
    csv_read_options how = {.has_header = true, .null_text = from->null_text};
    file->count = from->schema->count;
    file->sources = sr_array(file->count, sizeof *file->sources);
    file->raw = sr_array(file->count, sizeof *file->raw);
    file->cells = sr_array(file->count, sizeof *file->cells);
    file->nulls = sr_array(file->count, sizeof *file->nulls);
    file->opened = sr_array(file->count, sizeof *file->opened);
    if (csv_reader_open(&file->reader, from->input, &how, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < file->count; i++)
    {
        sr_buf_init(&file->raw[i], CELL_TEXT_MAX);
        if (find_source(&file->sources[i], file->reader, from->schema->columns[i].target, err) !=
            SR_OK)
            return sr_fail_in(err, "%s", from->input);
    }
    return from->keys == NULL ? SR_OK : cell_opener_new(&file->opener, from->keys, err);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The first cell of a column that can be opened is: a wrong secret shows here, not in an empty answer. */
static sr_result try_opening(file_upload *file, size_t column, cell_kind kind, sr_err *err)
{
    CELL_BATCH(text);
    cell_input raw = {.value = file->cells[column], .null = false};
    if (file->opened[column] || !cell_opener_can(kind) || file->opener == NULL)
        return SR_OK;
    file->opened[column] = true;
    return cell_opener_open(file->opener, &text, kind,
                            file->options->encrypt.schema->columns[column].target, &raw, 1, err);
}

static sr_result check_cleartext(const schema_column *column, sr_slice text, sr_err *err)
{
    data_value value;
    if (cell_kind_of_var(text) != CELL_CLEARTEXT)
        return sr_fail(err, SR_E_FORMAT, "an encrypted cell in a cleartext column");
    return data_value_parse(&value, column->data, text, err);
}

static sr_result take_cell(file_upload *file, size_t column, csv_field field, sr_err *err)
{
    const schema_column *from = &file->options->encrypt.schema->columns[column];
    cell_kind kind = kind_of[from->type];
    file->nulls[column] = field.null;
    file->cells[column] = field.text;
    if (field.null)
        return SR_OK;
    if (kind == CELL_CLEARTEXT)
        return check_cleartext(from, field.text, err);
    if (cell_kind_of_var(field.text) != kind)
        return sr_fail(err, SR_E_FORMAT, "not a %s cell; is this file encrypted?",
                       cell_kind_name(kind));
    sr_buf_cut(&file->raw[column], 0);
    if (cell_from_text(&file->raw[column], kind, field.text, err) != SR_OK)
        return SR_FAIL;
    file->cells[column] = sr_buf_view(&file->raw[column]);
    return try_opening(file, column, kind, err);
}

static sr_result send_row(file_upload *file, const csv_row *row, sr_err *err)
{
    const encrypt_options *from = &file->options->encrypt;
    for (size_t i = 0; i < file->count; i++)
        if (take_cell(file, i, row->fields[file->sources[i]], err) != SR_OK)
            return sr_fail_in(err, "%s: row %" PRIu64 ": column \"%s\"", from->input, row->number,
                              from->schema->columns[i].target);
    /* The first row has been looked at before anything is sent. */
    if (file->upload == NULL &&
        link_upload_new(&file->upload, file->options->link, &file->plan.plan, err) != SR_OK)
        return SR_FAIL;
    csv_counts counts = csv_reader_counts(file->reader);
    progress_show(from->progress, "uploading", counts.rows, counts.bytes, counts.size);
    return link_upload_row(file->upload, file->cells, file->nulls, err);
}

static sr_result send_rows(file_upload *file, sr_err *err)
{
    for (;;)
    {
        csv_row row;
        bool end = false;
        if (csv_reader_next(file->reader, &row, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return SR_OK;
        if (send_row(file, &row, err) != SR_OK)
            return SR_FAIL;
    }
}

/* With preserveNulls=false a file shows no NULL in its fingerprints: nobody can count subjects exactly. */
static bool hides_nulls(const encrypt_options *from)
{
    for (size_t i = 0; i < from->schema->count; i++)
    {
        const column_type_row *row = column_type_of(from->schema->columns[i].type);
        if (row->is_encrypted && row->can_be_subject && !from->flags.preserve_nulls)
            return true;
    }
    return false;
}

sr_result upload_table_encrypted(link_committed *out, const upload_table_options *options,
                                 sr_err *err)
{
    file_upload file SR_CLEANUP(file_upload_clear) = {.options = options};
    *out = (link_committed){0};
    if (upload_plan_init(&file.plan, options, err) != SR_OK || open_file(&file, err) != SR_OK)
        return SR_FAIL;
    file.plan.plan.null_bits_unknown = hides_nulls(&options->encrypt);
    if (send_rows(&file, err) != SR_OK)
        return SR_FAIL;
    if (file.upload == NULL &&
        link_upload_new(&file.upload, options->link, &file.plan.plan, err) != SR_OK)
        return SR_FAIL;
    return link_upload_commit(out, file.upload, err);
}
