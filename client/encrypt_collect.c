#include "encrypt_job.h"

#include <inttypes.h>

#include "crypto/deterministic.h"
#include "crypto/digest.h"
#include "crypto/random.h"

enum
{
    PROGRESS_EVERY = 4096, /* rows */
    VALUE_PLACE_SIZE = 10, /* uint16 column, uint64 row */
};

/* Tools of one run over the table. */
typedef struct
{
    encrypt_job *job;
    random_source *random;
    sr_buf row;     /* the row being made */
    size_t *starts; /* of each feed's payload in it */
    size_t *lens;
    bool *nulls;
} collect;

static void collect_clear(collect *c)
{
    random_source_clear(&c->random);
    sr_buf_wipe(&c->row);
    sr_free(c->starts);
    sr_free(c->lens);
    sr_free(c->nulls);
}

/* ---- one row --------------------------------------------------------------------------------- */

static sr_result add_value(collect *c, size_t feed, sr_slice text, sr_err *err)
{
    uint8_t *head = NULL;
    size_t at = c->row.len;
    if (sr_buf_extend(&c->row, &head, 4, err) != SR_OK ||
        encrypt_payload(&c->row, &c->job->feeds[feed], text, err) != SR_OK)
        return SR_FAIL;
    c->starts[feed] = at + 4;
    c->lens[feed] = c->row.len - at - 4;
    for (unsigned i = 0; i < 4; i++) /* the length is known only now */
        c->row.data[at + i] = (uint8_t)(c->lens[feed] >> (24 - 8 * i));
    return SR_OK;
}

static sr_result fail_at(const encrypt_job *job, uint64_t row, const char *column, sr_err *err)
{
    sr_fail_in(err, "column \"%s\"", column);
    return sr_fail_in(err, "%s: row %" PRIu64, job->options->input, row);
}

static sr_result make_row(collect *c, const csv_row *row, sr_err *err)
{
    encrypt_job *job = c->job;
    sr_buf_cut(&c->row, 0);
    if (sr_buf_append_u64(&c->row, row->number, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < job->feed_count; i++)
    {
        size_t source = job->feeds[i].source;
        c->nulls[i] = row->fields[source].null;
        c->lens[i] = 0;
        sr_result result = c->nulls[i] ? sr_buf_append_u32(&c->row, ROW_NULL, err)
                                       : add_value(c, i, row->fields[source].text, err);
        if (result != SR_OK)
            return fail_at(job, row->number, csv_reader_header(job->reader, source), err);
    }
    return SR_OK;
}

/* ---- checks of one column -------------------------------------------------------------------- */

/* With duplicates forbidden, values are sorted by a digest of column and value. */
static sr_result note_value(collect *c, size_t column, sr_slice value, uint64_t row, sr_err *err)
{
    const uint8_t column_bytes[2] = {(uint8_t)(column >> 8), (uint8_t)column};
    uint8_t place[VALUE_PLACE_SIZE] = {column_bytes[0], column_bytes[1]};
    digest state;
    digest_value key;
    for (unsigned i = 0; i < 8; i++)
        place[2 + i] = (uint8_t)(row >> (56 - 8 * i));
    digest_init(&state);
    digest_add(&state, sr_slice_of(column_bytes, sizeof column_bytes));
    digest_add(&state, value);
    digest_finish(&key, &state);
    return sorter_add(c->job->values, key.bytes, sr_slice_of(place, sizeof place), err);
}

static sr_result check_null(encrypt_job *job, size_t column, uint64_t row, sr_err *err)
{
    const column_type_row *type = column_type_of(job->schema.columns[column].type);
    uint64_t first = job->null_row[column];
    job->null_row[column] = first == 0 ? row : first;
    bool unique = type->raw_width == 32 && !job->options->flags.allow_duplicates;
    if (first == 0 || !unique || job->options->flags.preserve_nulls)
        return SR_OK;
    return sr_fail(err, SR_E_INVALID,
                   "rows %" PRIu64 " and %" PRIu64 " are both NULL, and allowDuplicates and "
                   "preserveNulls are false",
                   first, row);
}

static sr_result check_padding(encrypt_job *job, size_t column, size_t len, uint64_t row,
                               sr_err *err)
{
    schema_column *target = &job->schema.columns[column];
    size_t encoded = len + 1; /* the type byte */
    size_t ignored = 0;
    if (!column_type_of(target->type)->may_have_padding &&
        !column_type_of(target->type)->has_padding)
        return SR_OK;
    if (target->pad.kind != PADDING_MAX)
        return padding_target(&ignored, &target->pad, encoded, err);
    if (encoded > target->pad.longest)
    {
        target->pad.longest = encoded;
        job->longest_row[column] = row;
    }
    return SR_OK;
}

static sr_result check_value(collect *c, size_t column, uint64_t row, sr_err *err)
{
    encrypt_job *job = c->job;
    const schema_column *target = &job->schema.columns[column];
    size_t feed = job->feed_of[column];
    size_t len = c->lens[feed];
    if (c->nulls[feed])
        return check_null(job, column, row, err);
    if (job->options->c3r_compat && target->type == COLUMN_CLEARTEXT && len > ENCRYPT_CLEARTEXT_MAX)
        return sr_fail(err, SR_E_LIMIT, "longer than %d bytes", ENCRYPT_CLEARTEXT_MAX);
    if (target->type == COLUMN_FINGERPRINT && job->values != NULL)
        return note_value(c, column, sr_slice_of(c->row.data + c->starts[feed], len), row, err);
    return check_padding(job, column, len, row, err);
}

static sr_result check_row(collect *c, uint64_t row, sr_err *err)
{
    for (size_t i = 0; i < c->job->schema.count; i++)
    {
        if (check_value(c, i, row, err) != SR_OK)
            return fail_at(c->job, row, c->job->schema.columns[i].target, err);
    }
    return SR_OK;
}

/* ---- all rows -------------------------------------------------------------------------------- */

static sr_result collect_row(collect *c, const csv_row *row, sr_err *err)
{
    cell_nonce nonce;
    if (make_row(c, row, err) != SR_OK || check_row(c, row->number, err) != SR_OK)
        return SR_FAIL;
    random_source_nonces(c->random, &nonce, 1);
    return sorter_add(c->job->rows, nonce.bytes, sr_buf_view(&c->row), err);
}

static void show_progress(const encrypt_job *job)
{
    csv_counts counts = csv_reader_counts(job->reader);
    progress_show(job->options->progress, "reading", counts.rows, counts.bytes, counts.size);
}

static sr_result collect_rows(collect *c, sr_err *err)
{
    csv_row row;
    bool end = false;
    for (;;)
    {
        if (csv_reader_next(c->job->reader, &row, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            break;
        if (collect_row(c, &row, err) != SR_OK)
            return SR_FAIL;
        if (row.number % PROGRESS_EVERY == 0)
            show_progress(c->job);
    }
    c->job->report.input = csv_reader_counts(c->job->reader);
    c->job->report.rows = c->job->report.input.rows;
    return SR_OK;
}

/* ---- checks of the whole --------------------------------------------------------------------- */

typedef struct
{
    size_t column;
    uint64_t row;
} value_place;

static value_place place_of(sr_slice payload)
{
    sr_cursor cursor = sr_cursor_of(payload);
    size_t column = sr_cursor_u16(&cursor);
    return (value_place){.column = column, .row = sr_cursor_u64(&cursor)};
}

static sr_result fail_twice(const encrypt_job *job, value_place first, value_place second,
                            sr_err *err)
{
    return sr_fail(err, SR_E_INVALID,
                   "%s: column \"%s\": rows %" PRIu64 " and %" PRIu64
                   " hold the same value, and the collaboration's allowDuplicates is false",
                   job->options->input, job->schema.columns[first.column].target, first.row,
                   second.row);
}

static sr_result check_duplicates(encrypt_job *job, sr_err *err)
{
    uint8_t last[SORTER_KEY_SIZE] = {0};
    value_place before = {0};
    bool end = false;
    if (job->values == NULL)
        return SR_OK;
    if (sorter_sort(job->values, err) != SR_OK)
        return SR_FAIL;
    for (bool first = true;; first = false)
    {
        sorter_item item;
        if (sorter_next(job->values, &item, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            break;
        value_place here = place_of(item.payload);
        if (!first &&
            sr_slice_equal_var(sr_slice_of(last, sizeof last), sr_slice_of(item.key, sizeof last)))
            return fail_twice(job, before, here, err);
        sr_copy(last, item.key, sizeof last);
        before = here;
    }
    sorter_clear(&job->values); /* its memory is wanted for encrypting */
    return SR_OK;
}

/* What can be said of a padded column only at the end: whether its longest value fits, and whether a
 * NULL that must be hidden does. */
static sr_result check_column_padding(const encrypt_job *job, size_t column, sr_err *err)
{
    const schema_column *target = &job->schema.columns[column];
    size_t hidden = target->type == COLUMN_DETERMINISTIC ? DETERMINISTIC_NULL_SIZE : 1;
    size_t ignored = 0;
    if (!column_type_of(target->type)->may_have_padding &&
        !column_type_of(target->type)->has_padding)
        return SR_OK;
    if (target->pad.kind == PADDING_MAX && target->pad.longest > 0 &&
        padding_check(&target->pad, err) != SR_OK)
        return fail_at(job, job->longest_row[column], target->target, err);
    if (job->null_row[column] > 0 && !job->options->flags.preserve_nulls &&
        padding_target(&ignored, &target->pad, hidden, err) != SR_OK)
        return fail_at(job, job->null_row[column], target->target, err);
    return SR_OK;
}

static sr_result check_whole(encrypt_job *job, sr_err *err)
{
    if (check_duplicates(job, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < job->schema.count; i++)
    {
        if (check_column_padding(job, i, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- the stage ------------------------------------------------------------------------------- */

static bool looks_for_duplicates(const encrypt_job *job)
{
    bool any = false;
    for (size_t i = 0; i < job->schema.count; i++)
        any = any || job->schema.columns[i].type == COLUMN_FINGERPRINT;
    return any && !job->options->flags.allow_duplicates;
}

/* The sorts get what batches and the reader do not need; looking for duplicates a third of it. */
static sr_result open_sorters(encrypt_job *job, sr_err *err)
{
    const encrypt_options *options = job->options;
    size_t memory = options->memory == 0 ? ENCRYPT_MEMORY_DEFAULT : options->memory;
    if (memory < ENCRYPT_MEMORY_MIN)
        memory = ENCRYPT_MEMORY_MIN;
    size_t other = (encrypt_threads(options) + 3) * SLOT_MEMORY;
    memory = other < memory / 2 ? memory - other : memory / 2;
    bool both = looks_for_duplicates(job);
    sorter_options rows = {.memory = both ? memory / 3 * 2 : memory, .folder = options->scratch};
    sorter_options values = {.memory = memory / 3, .folder = options->scratch};
    if (sorter_new(&job->rows, &rows, err) != SR_OK)
        return SR_FAIL;
    return both ? sorter_new(&job->values, &values, err) : SR_OK;
}

sr_result encrypt_collect(encrypt_job *job, sr_err *err)
{
    collect c SR_CLEANUP(collect_clear) = {.job = job};
    sr_buf_init(&c.row, ROW_MAX);
    c.starts = sr_array(job->feed_count, sizeof *c.starts);
    c.lens = sr_array(job->feed_count, sizeof *c.lens);
    c.nulls = sr_array(job->feed_count, sizeof *c.nulls);
    if (open_sorters(job, err) != SR_OK || random_source_new(&c.random, err) != SR_OK ||
        collect_rows(&c, err) != SR_OK || check_whole(job, err) != SR_OK ||
        sorter_sort(job->rows, err) != SR_OK)
        return SR_FAIL;
    job->report.spilled_runs = sorter_runs(job->rows);
    return SR_OK;
}
