#include "rows.h"

#include <string.h>

#include "../csv_read.h"
#include "base/text.h"

enum
{
    SHOW_ROWS = 4096, /* between two looks at the progress line */
};

struct rows
{
    rows_config config;
    csv_reader *from;
    size_t id_column;
    size_t segment_column;
    uint8_t *text; /* ROWS_ID_MOST: the identifier that was read last */
    size_t used;
    rows_found found;
    digest seen;
};

void rows_free(rows *self)
{
    if (self == NULL)
        return;
    csv_reader_clear(&self->from);
    sr_wipe(self->text, ROWS_ID_MOST);
    sr_free(self->text);
    digest_clear(&self->seen);
    sr_free(self);
}

void rows_clear(rows **self)
{
    rows_free(*self);
    *self = NULL;
}

/* ---- columns --------------------------------------------------------------------------------- */

static sr_result find_column(size_t *out, const csv_reader *from, const char *header,
                             const char *option, const char *file, sr_err *err)
{
    size_t count = csv_reader_columns(from);
    if (header == NULL && count == 1)
        return SR_OK;
    if (header == NULL)
        return sr_fail(err, SR_E_USAGE, "%s has %zu columns: say with %s which one", file, count,
                       option);
    for (*out = 0; *out < count; (*out)++)
        if (strcmp(csv_reader_header(from, *out), header) == 0)
            return SR_OK;
    return sr_fail(err, SR_E_NOT_FOUND, "%s: no column \"%s\"", file, header);
}

static sr_result find_columns(rows *self, sr_err *err)
{
    const rows_config *config = &self->config;
    if (find_column(&self->id_column, self->from, config->id_column, "--id", config->input, err) !=
        SR_OK)
        return SR_FAIL;
    if (config->segment_column == NULL)
        return SR_OK;
    return find_column(&self->segment_column, self->from, config->segment_column, "--segment",
                       config->input, err);
}

sr_result rows_open(rows **out, const rows_config *config, sr_err *err)
{
    ROWS(made);
    const csv_read_options options = {.has_header = true};
    *out = NULL;
    made = sr_alloc(sizeof *made);
    made->config = *config;
    made->text = sr_alloc(ROWS_ID_MOST);
    checkpoint_digest_start(&made->seen, config->key);
    if (csv_reader_open(&made->from, config->input, &options, err) != SR_OK ||
        find_columns(made, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = NULL;
    return SR_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static sr_result find_label(size_t *out, rows *self, sr_slice label, sr_err *err)
{
    rows_found *found = &self->found;
    char text[ROWS_LABEL_SIZE];
    if (label.len >= sizeof text || memchr(label.data, '\0', label.len) != NULL)
        return sr_fail(err, SR_E_LIMIT, "a segment's label is longer than %d bytes",
                       ROWS_LABEL_SIZE - 1);
    if (sr_utf8_has_control(label))
        return sr_fail(err, SR_E_INVALID, "a segment's label has a control character");
    sr_copy(text, label.data, label.len);
    text[label.len] = '\0';
    for (*out = 0; *out < found->label_count; (*out)++)
        if (strcmp(found->labels[*out], text) == 0)
            return SR_OK;
    if (found->label_count == self->config.segments_most)
        return sr_fail(err, SR_E_LIMIT, "more than %zu segments, which the manifest allows",
                       self->config.segments_most);
    sr_copy(found->labels[found->label_count++], text, sizeof text);
    return SR_OK;
}

/* The digest sees lengths too, so that no two inputs are one. */
static void see(rows *self, sr_slice id, sr_slice label)
{
    uint64_t lengths[2] = {id.len, label.len};
    digest_add(&self->seen, sr_slice_of(lengths, sizeof lengths));
    digest_add(&self->seen, id);
    digest_add(&self->seen, label);
}

/* `id` stays empty when the row is left out. */
static sr_result take_row(rows *self, sr_slice *id, size_t *label, const csv_row *row, sr_err *err)
{
    const csv_field *field = &row->fields[self->id_column];
    bool segmented = self->config.segment_column != NULL;
    sr_slice segment = segmented ? row->fields[self->segment_column].text : sr_slice_text("");
    *id = sr_slice_of(NULL, 0);
    if (field->null || (segmented && segment.len == 0))
        return SR_OK;
    if (field->text.len > ROWS_ID_MOST)
        return sr_fail(err, SR_E_LIMIT, "an identifier is longer than %d bytes", ROWS_ID_MOST);
    sr_wipe(self->text, self->used);
    self->used = field->text.len;
    size_t len = normalise(self->text, self->config.normaliser, field->text);
    if (len == 0)
        return SR_OK;
    if (find_label(label, self, segment, err) != SR_OK)
        return SR_FAIL;
    *id = sr_slice_of(self->text, len);
    see(self, *id, segment);
    return SR_OK;
}

static void show(const rows *self, uint64_t row)
{
    csv_counts counts = csv_reader_counts(self->from);
    progress_show(self->config.progress, self->config.stage, row, counts.bytes, counts.size);
}

sr_result rows_next(rows *self, sr_slice *id, size_t *label, bool *end, sr_err *err)
{
    for (;;)
    {
        csv_row row;
        *id = sr_slice_of(NULL, 0);
        if (csv_reader_next(self->from, &row, end, err) != SR_OK)
            return SR_FAIL;
        if (*end)
            return SR_OK;
        self->found.rows++;
        if (take_row(self, id, label, &row, err) != SR_OK)
            return sr_fail_in(err, "%s: row %llu", self->config.input,
                              (unsigned long long)row.number);
        if (row.number % SHOW_ROWS == 0)
            show(self, row.number);
        if (id->len > 0)
            return SR_OK;
        self->found.left_out++;
    }
}

const rows_found *rows_have(const rows *self)
{
    return &self->found;
}

void rows_digest(rows *self, digest_value *out)
{
    checkpoint_digest_finish(out, &self->seen, self->config.key);
}

sr_result rows_digest_file(digest_value *out, const rows_config *config, sr_err *err)
{
    ROWS(from);
    if (rows_open(&from, config, err) != SR_OK)
        return SR_FAIL;
    for (bool end = false; !end;)
    {
        sr_slice id;
        size_t label = 0;
        if (rows_next(from, &id, &label, &end, err) != SR_OK)
            return SR_FAIL;
    }
    rows_digest(from, out);
    return SR_OK;
}
