/* Plaintext file → pipeline → upload: the upload is the pipeline's sink. */
#include "upload_plan.h"

typedef struct
{
    const upload_table_options *options;
    upload_plan plan;
    link_upload *upload;
    link_committed *committed;
    sr_slice *cells; /* of one row */
    bool *nulls;
} upload_sink;

static void upload_sink_clear(upload_sink *sink)
{
    link_upload_free(sink->upload);
    upload_plan_clear(&sink->plan);
    sr_free(sink->cells);
    sr_free(sink->nulls);
}

static sr_result sink_begin(void *self, const table_schema *schema, sr_err *err)
{
    upload_sink *sink = self;
    sink->cells = sr_array(schema->count, sizeof *sink->cells);
    sink->nulls = sr_array(schema->count, sizeof *sink->nulls);
    return link_upload_new(&sink->upload, sink->options->link, &sink->plan.plan, err);
}

/* A NULL that may be a subject is sent as NULL even where the cell hides it: NULLs are never subjects. */
static bool is_null(const encrypt_rows *rows, size_t column, size_t row)
{
    bool can_be_subject = column_type_of(rows->schema->columns[column].type)->can_be_subject;
    return cell_batch_is_null(&rows->cells[column], row) ||
           (can_be_subject && rows->source_nulls[column][row]);
}

static sr_result sink_rows(void *self, const encrypt_rows *rows, sr_err *err)
{
    upload_sink *sink = self;
    size_t columns = rows->schema->count;
    for (size_t row = 0; row < rows->rows; row++)
    {
        for (size_t i = 0; i < columns; i++)
        {
            sink->nulls[i] = is_null(rows, i, row);
            sink->cells[i] = cell_batch_view(&rows->cells[i], row);
        }
        if (link_upload_row(sink->upload, sink->cells, sink->nulls, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result sink_end(void *self, const encrypt_report *report, sr_err *err)
{
    upload_sink *sink = self;
    (void)report;
    return link_upload_commit(sink->committed, sink->upload, err);
}

sr_result upload_table_plain(link_committed *out, const upload_table_options *options, sr_err *err)
{
    encrypt_report report;
    upload_sink sink SR_CLEANUP(upload_sink_clear) = {.options = options, .committed = out};
    *out = (link_committed){0};
    encrypt_sink rows_go_to = {
        .self = &sink,
        .begin = sink_begin,
        .rows = sink_rows,
        .end = sink_end,
    };
    if (upload_plan_init(&sink.plan, options, err) != SR_OK)
        return SR_FAIL;
    return encrypt_table(&report, &options->encrypt, &rows_go_to, err);
}
