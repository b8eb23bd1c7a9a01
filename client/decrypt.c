#include "decrypt.h"

#include <inttypes.h>
#include <string.h>

#include "cell_opener.h"
#include "csv_write.h"
#include "pool.h"

enum
{
    SLOT_CELLS = 64 * 1024,
    SLOT_ROWS = 4096,
    SLOT_BYTES = 512 * 1024, /* about */
    RECORD_ROOM = 2 * CSV_RECORD_MAX,
};

/* A field as it lies in a slot's bytes: positions, because the bytes still move while it is filled. */
typedef struct
{
    size_t from;
    size_t len;
} extent;

/* A batch on its way: rows of the file in, text out. */
typedef struct
{
    size_t rows;
    uint64_t first; /* number of the first row */
    sr_buf bytes;
    extent *extents;
    csv_field *fields; /* row by row */
    uint8_t *kinds; /* of each field, told before any is opened: opened text may look like a cell */
    cell_batch *texts; /* opened cells, texts[column * CELL_KIND_COUNT_ + kind] */
    sr_buf prepared;
    decrypt_report counts;
} slot;

typedef struct
{
    const decrypt_options *options;
    csv_reader *reader;
    size_t columns;
    size_t *source_of; /* column whose data a column shows: itself, but for c3r_compat */
    sr_out *out;
    size_t rows_most;
    slot *slots;
    size_t slot_count;
    struct worker *workers;
    size_t worker_count;
    pool *pool;
    decrypt_report *report;
} job;

typedef struct worker
{
    const job *job;
    cell_opener *opener;
    cell_batch trial;
    cell_input *inputs;
    size_t *rows; /* of the inputs */
} worker;

/* ---- memory ---------------------------------------------------------------------------------- */

static void slot_init(slot *s, const job *j)
{
    size_t cells = j->rows_most * j->columns;
    sr_buf_init(&s->bytes, (size_t)RECORD_ROOM);
    sr_buf_init(&s->prepared, 2 * (size_t)CELL_BATCH_MAX);
    s->extents = sr_array(cells, sizeof *s->extents);
    s->fields = sr_array(cells, sizeof *s->fields);
    s->kinds = sr_array(cells, sizeof *s->kinds);
    s->texts = sr_array(j->columns * CELL_KIND_COUNT_, sizeof *s->texts);
    for (size_t i = 0; i < j->columns * CELL_KIND_COUNT_; i++)
        cell_batch_init(&s->texts[i]);
}

static void slot_clear(slot *s, size_t columns)
{
    for (size_t i = 0; i < columns * CELL_KIND_COUNT_ && s->texts != NULL; i++)
        cell_batch_clear(&s->texts[i]);
    sr_buf_wipe(&s->bytes);
    sr_buf_wipe(&s->prepared);
    sr_free(s->extents);
    sr_free(s->fields);
    sr_free(s->kinds);
    sr_free(s->texts);
}

static void worker_clear(worker *w)
{
    cell_opener_free(w->opener);
    cell_batch_clear(&w->trial);
    sr_free(w->inputs);
    sr_free(w->rows);
}

static void job_clear(job *j)
{
    pool_clear(&j->pool);
    for (size_t i = 0; i < j->worker_count && j->workers != NULL; i++)
        worker_clear(&j->workers[i]);
    for (size_t i = 0; i < j->slot_count && j->slots != NULL; i++)
        slot_clear(&j->slots[i], j->columns);
    sr_free(j->workers);
    sr_free(j->slots);
    sr_free(j->source_of);
    csv_reader_clear(&j->reader);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

/* The Java client looks at the bytes behind the third only. */
static cell_kind kind_like_java(sr_slice text)
{
    if (text.len < 7)
        return CELL_CLEARTEXT;
    sr_slice behind = sr_slice_sub(text, 3, text.len - 3);
    if (sr_slice_starts_with_var(behind, "enc:"))
        return CELL_SEALED;
    return sr_slice_starts_with_var(behind, "hmac:") ? CELL_FINGERPRINT : CELL_CLEARTEXT;
}

static cell_kind kind_of(const job *j, const csv_field *field)
{
    if (field->null)
        return CELL_CLEARTEXT;
    return j->options->c3r_compat ? kind_like_java(field->text) : cell_kind_of_var(field->text);
}

/* ---- in a worker's thread -------------------------------------------------------------------- */

static csv_field *field_at(const slot *s, const job *j, size_t row, size_t column)
{
    return &s->fields[row * j->columns + column];
}

static sr_result fail_at(const worker *w, const slot *s, size_t row, size_t column, sr_err *err)
{
    const job *j = w->job;
    sr_fail_in(err, "column \"%s\"", csv_reader_header(j->reader, column));
    return sr_fail_in(err, "%s: row %" PRIu64, j->options->input, s->first + row);
}

/* Collects a column's cells of one kind, and where they stand. */
static size_t gather(worker *w, const slot *s, size_t column, cell_kind kind)
{
    size_t count = 0;
    for (size_t row = 0; row < s->rows; row++)
    {
        if (s->kinds[row * w->job->columns + column] != kind)
            continue;
        w->inputs[count] = (cell_input){.value = field_at(s, w->job, row, column)->text};
        w->rows[count++] = row;
    }
    return count;
}

/* After a failure with keep_going: tries each cell alone and keeps those that open. */
static size_t drop_bad(worker *w, slot *s, size_t column, cell_kind kind, size_t count)
{
    const char *header = csv_reader_header(w->job->reader, column);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
    {
        sr_err ignored = SR_ERR_INIT;
        if (cell_opener_open_text(w->opener, &w->trial, kind, header, &w->inputs[i], 1, &ignored) !=
            SR_OK)
        {
            s->counts.bad++;
            continue;
        }
        w->inputs[kept] = w->inputs[i];
        w->rows[kept++] = w->rows[i];
    }
    return kept;
}

static sr_result open_cells(worker *w, slot *s, size_t column, cell_kind kind, sr_err *err)
{
    const job *j = w->job;
    cell_batch *texts = &s->texts[column * CELL_KIND_COUNT_ + kind];
    const char *header = csv_reader_header(j->reader, column);
    size_t count = gather(w, s, column, kind);
    sr_result result = cell_opener_open_text(w->opener, texts, kind, header, w->inputs, count, err);
    if (result != SR_OK && !j->options->keep_going)
        return fail_at(w, s, w->rows[texts->bad < count ? texts->bad : 0], column, err);
    if (result != SR_OK)
    {
        count = drop_bad(w, s, column, kind, count);
        if (cell_opener_open_text(w->opener, texts, kind, header, w->inputs, count, err) != SR_OK)
            return fail_at(w, s, 0, column, err);
    }
    for (size_t i = 0; i < count; i++)
        *field_at(s, j, w->rows[i], column) =
            (csv_field){.text = cell_batch_view(texts, i), .null = cell_batch_is_null(texts, i)};
    s->counts.opened += count;
    return SR_OK;
}

static sr_result count_fingerprints(worker *w, slot *s, size_t column, sr_err *err)
{
    size_t count = gather(w, s, column, CELL_FINGERPRINT);
    s->counts.fingerprints += count;
    if (count == 0 || !w->job->options->fail_on_fingerprints)
        return SR_OK;
    (void)sr_fail(err, SR_E_INVALID, "a fingerprint, which cannot be decrypted");
    return fail_at(w, s, w->rows[0], column, err);
}

/* Which kinds a column holds in this batch: bits. */
static unsigned kinds_in(const worker *w, const slot *s, size_t column)
{
    unsigned kinds = 0;
    for (size_t row = 0; row < s->rows; row++)
        kinds |= 1u << s->kinds[row * w->job->columns + column];
    return kinds;
}

static sr_result open_column(worker *w, slot *s, size_t column, sr_err *err)
{
    unsigned kinds = kinds_in(w, s, column);
    if ((kinds & 1u << CELL_FINGERPRINT) != 0 && count_fingerprints(w, s, column, err) != SR_OK)
        return SR_FAIL;
    for (cell_kind kind = CELL_CLEARTEXT; kind < CELL_KIND_COUNT_; kind++)
    {
        bool wanted = (kinds & 1u << kind) != 0 && cell_opener_can(kind);
        if (wanted && open_cells(w, s, column, kind, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static void view_fields(const job *j, slot *s)
{
    for (size_t i = 0; i < s->rows * j->columns; i++)
    {
        const extent *at = &s->extents[i];
        csv_field *field = &s->fields[i];
        field->text =
            field->null ? (sr_slice){NULL, 0} : sr_slice_of(s->bytes.data + at->from, at->len);
        s->kinds[i] = (uint8_t)kind_of(j, field);
    }
}

static sr_result work(void *state, void *batch, sr_err *err)
{
    worker *w = state;
    slot *s = batch;
    const job *j = w->job;
    csv_write_options options = {.null_text = j->options->null_out};
    s->counts = (decrypt_report){.opened = 0};
    view_fields(j, s);
    for (size_t column = 0; column < j->columns; column++)
    {
        if (open_column(w, s, column, err) != SR_OK)
            return SR_FAIL;
    }
    sr_buf_cut(&s->prepared, 0);
    for (size_t row = 0; row < s->rows; row++)
    {
        if (csv_write_row(&s->prepared, &options, field_at(s, j, row, 0), j->columns, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- in the owner's thread ------------------------------------------------------------------- */

static sr_result add_row(const job *j, slot *s, const csv_row *row, sr_err *err)
{
    if (s->rows == 0)
        s->first = row->number;
    for (size_t i = 0; i < j->columns; i++)
    {
        const csv_field *field = &row->fields[j->source_of[i]];
        size_t at = s->rows * j->columns + i;
        s->extents[at] = (extent){.from = s->bytes.len, .len = field->text.len};
        s->fields[at] = (csv_field){.null = field->null};
        if (sr_buf_append(&s->bytes, field->text, err) != SR_OK)
            return SR_FAIL;
    }
    s->rows++;
    return SR_OK;
}

static sr_result fill(const job *j, slot *s, sr_err *err)
{
    csv_row row;
    bool end = false;
    s->rows = 0;
    sr_buf_cut(&s->bytes, 0);
    while (s->rows < j->rows_most && s->bytes.len < SLOT_BYTES)
    {
        if (csv_reader_next(j->reader, &row, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return SR_OK;
        if (add_row(j, s, &row, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result hand_over(job *j, sr_err *err)
{
    void *batch = NULL;
    if (pool_take(j->pool, &batch, err) != SR_OK)
        return SR_FAIL;
    const slot *s = batch;
    if (j->out != NULL && sr_out_write(j->out, sr_buf_view(&s->prepared), err) != SR_OK)
        return SR_FAIL;
    j->report->opened += s->counts.opened;
    j->report->fingerprints += s->counts.fingerprints;
    j->report->bad += s->counts.bad;
    csv_counts counts = csv_reader_counts(j->reader);
    progress_show(j->options->progress, "decrypting", counts.rows, counts.bytes, counts.size);
    pool_give_back(j->pool);
    return SR_OK;
}

static sr_result hand_over_all(job *j, sr_err *err)
{
    for (;;)
    {
        slot *s = pool_free_slot(j->pool);
        if (s == NULL)
        {
            if (hand_over(j, err) != SR_OK)
                return SR_FAIL;
            continue;
        }
        if (fill(j, s, err) != SR_OK)
            return SR_FAIL;
        if (s->rows == 0)
            break;
        pool_submit(j->pool);
    }
    while (pool_is_busy(j->pool))
    {
        if (hand_over(j, err) != SR_OK)
            return SR_FAIL;
    }
    j->report->input = csv_reader_counts(j->reader);
    return SR_OK;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

static bool is_blank(const char *text)
{
    while (*text != '\0' && (unsigned char)*text <= ' ')
        text++;
    return *text == '\0';
}

static sr_result write_header(const job *j, sr_err *err)
{
    SR_BUF(line, (size_t)CSV_RECORD_MAX * 2);
    csv_write_options options = {.null_text = NULL};
    csv_field *fields SR_CLEANUP(clear_array) = sr_array(j->columns, sizeof *fields);
    for (size_t i = 0; i < j->columns; i++)
    {
        const char *header = csv_reader_header(j->reader, i);
        if (is_blank(header))
            return sr_fail(err, SR_E_FORMAT, "%s: column %zu has no header", j->options->input,
                           i + 1);
        fields[i] = (csv_field){.text = sr_slice_text(header)};
    }
    if (csv_write_row(&line, &options, fields, j->columns, err) != SR_OK)
        return SR_FAIL;
    return j->out == NULL ? SR_OK : sr_out_write(j->out, sr_buf_view(&line), err);
}

/* The Java client keys columns by header: of two with one header both show the last one's data. */
static void map_sources(job *j)
{
    j->source_of = sr_array(j->columns, sizeof *j->source_of);
    for (size_t i = 0; i < j->columns; i++)
    {
        j->source_of[i] = i;
        for (size_t k = i + 1; k < j->columns && j->options->c3r_compat; k++)
        {
            if (strcmp(csv_reader_header(j->reader, i), csv_reader_header(j->reader, k)) == 0)
                j->source_of[i] = k;
        }
    }
}

static sr_result make_worker(const job *j, worker *w, sr_err *err)
{
    w->job = j;
    cell_batch_init(&w->trial);
    w->inputs = sr_array(j->rows_most, sizeof *w->inputs);
    w->rows = sr_array(j->rows_most, sizeof *w->rows);
    return cell_opener_new(&w->opener, j->options->keys, err);
}

static sr_result make_pool(job *j, sr_err *err)
{
    void **workers SR_CLEANUP(clear_array) = sr_array(j->worker_count, sizeof(void *));
    void **slots SR_CLEANUP(clear_array) = sr_array(j->slot_count, sizeof(void *));
    for (size_t i = 0; i < j->worker_count; i++)
    {
        if (make_worker(j, &j->workers[i], err) != SR_OK)
            return SR_FAIL;
        workers[i] = &j->workers[i];
    }
    for (size_t i = 0; i < j->slot_count; i++)
    {
        slot_init(&j->slots[i], j);
        slots[i] = &j->slots[i];
    }
    return pool_new(&j->pool, work, workers, j->worker_count, slots, j->slot_count, err);
}

static sr_result open_input(job *j, sr_err *err)
{
    const decrypt_options *options = j->options;
    csv_read_options csv = {
        .has_header = true, .c3r_compat = options->c3r_compat, .null_text = options->null_in};
    if (csv_reader_open(&j->reader, options->input, &csv, err) != SR_OK)
        return SR_FAIL;
    j->columns = csv_reader_columns(j->reader);
    size_t rows = SLOT_CELLS / j->columns;
    j->rows_most = rows > SLOT_ROWS ? SLOT_ROWS : rows;
    return SR_OK;
}

sr_result decrypt_table(decrypt_report *report, const decrypt_options *options, sr_out *out,
                        sr_err *err)
{
    job j SR_CLEANUP(job_clear) = {.options = options, .out = out, .report = report};
    *report = (decrypt_report){.opened = 0};
    if (open_input(&j, err) != SR_OK)
        return SR_FAIL;
    map_sources(&j);
    j.worker_count = options->threads == 0 ? pool_default_threads() : options->threads;
    j.workers = sr_array(j.worker_count, sizeof *j.workers);
    j.slot_count = j.worker_count + 2;
    j.slots = sr_array(j.slot_count, sizeof *j.slots);
    if (make_pool(&j, err) != SR_OK || write_header(&j, err) != SR_OK ||
        hand_over_all(&j, err) != SR_OK)
    {
        *report = (decrypt_report){.opened = 0};
        return SR_FAIL;
    }
    return SR_OK;
}
