#include "encrypt_job.h"

#include <inttypes.h>

#include "cell_maker.h"
#include "crypto/sealed.h"
#include "pool.h"

/* A batch on its way: plaintext rows in, cells out. */
typedef struct
{
    size_t rows;
    sr_buf bytes; /* the rows, one after another */
    size_t *ends; /* of each row in `bytes` */
    cell_nonce *nonces;
    cell_input *inputs; /* feed by feed: inputs[feed * rows_most + row] */
    bool *nulls;        /* the same places */
    cell_batch *cells;  /* one a column */
    const bool **source_nulls;
    sr_buf prepared;
    encrypt_rows view;
} slot;

/* One thread's tools. */
typedef struct
{
    const encrypt_job *job;
    const encrypt_sink *sink;
    size_t rows_most;
    cell_maker **makers;
    sealed_row_keys *row_keys; /* NULL unless several columns share it */
} worker;

typedef struct
{
    encrypt_job *job;
    const encrypt_sink *sink;
    worker *workers;
    size_t worker_count;
    slot *slots;
    size_t slot_count;
    size_t rows_most; /* in a batch */
    pool *pool;       /* freed first */
    uint64_t done;
} produce;

/* ---- memory ---------------------------------------------------------------------------------- */

static void slot_init(slot *s, const encrypt_job *job, size_t rows_most)
{
    size_t columns = job->schema.count;
    sr_buf_init(&s->bytes, (size_t)ROW_MAX + SLOT_BYTES);
    sr_buf_init(&s->prepared, 2 * (size_t)CELL_BATCH_MAX);
    s->ends = sr_array(rows_most, sizeof *s->ends);
    s->nonces = sr_array(rows_most, sizeof *s->nonces);
    s->inputs = sr_array(rows_most * job->feed_count, sizeof *s->inputs);
    s->nulls = sr_array(rows_most * job->feed_count, sizeof *s->nulls);
    s->cells = sr_array(columns, sizeof *s->cells);
    s->source_nulls = sr_array(columns, sizeof *s->source_nulls);
    for (size_t i = 0; i < columns; i++)
    {
        cell_batch_init(&s->cells[i]);
        s->source_nulls[i] = &s->nulls[job->feed_of[i] * rows_most];
    }
}

static void slot_clear(slot *s, size_t columns)
{
    for (size_t i = 0; i < columns && s->cells != NULL; i++)
        cell_batch_clear(&s->cells[i]);
    sr_buf_wipe(&s->bytes);
    sr_buf_wipe(&s->prepared);
    sr_free(s->ends);
    sr_free(s->nonces);
    sr_free(s->inputs);
    sr_free(s->nulls);
    sr_free(s->cells);
    sr_free(s->source_nulls);
}

static void worker_clear(worker *w, size_t columns)
{
    for (size_t i = 0; i < columns && w->makers != NULL; i++)
        cell_maker_free(w->makers[i]);
    sr_free(w->makers);
    sealed_row_keys_clear(&w->row_keys);
}

static void produce_clear(produce *p)
{
    pool_clear(&p->pool);
    for (size_t i = 0; i < p->worker_count; i++)
        worker_clear(&p->workers[i], p->job->schema.count);
    for (size_t i = 0; i < p->slot_count; i++)
        slot_clear(&p->slots[i], p->job->schema.count);
    sr_free(p->workers);
    sr_free(p->slots);
}

/* ---- in a worker's thread -------------------------------------------------------------------- */

static void read_row(const worker *w, slot *s, size_t row, sr_slice bytes)
{
    sr_cursor cursor = sr_cursor_of(bytes);
    (void)sr_cursor_u64(&cursor);
    for (size_t feed = 0; feed < w->job->feed_count; feed++)
    {
        size_t at = feed * w->rows_most + row;
        uint32_t len = sr_cursor_u32(&cursor);
        s->nulls[at] = len == ROW_NULL;
        s->inputs[at] = (cell_input){.null = s->nulls[at]};
        if (!s->nulls[at])
            s->inputs[at].value = sr_cursor_bytes(&cursor, len);
    }
}

static void read_rows(const worker *w, slot *s)
{
    size_t from = 0;
    for (size_t row = 0; row < s->rows; row++)
    {
        read_row(w, s, row, sr_slice_sub(sr_buf_view(&s->bytes), from, s->ends[row] - from));
        from = s->ends[row];
    }
}

static uint64_t row_number(const slot *s, size_t row)
{
    size_t from = row == 0 ? 0 : s->ends[row - 1];
    sr_cursor cursor = sr_cursor_of(sr_slice_sub(sr_buf_view(&s->bytes), from, 8));
    return sr_cursor_u64(&cursor);
}

static sr_result encrypt_column(worker *w, slot *s, size_t column, const cell_rows *rows,
                                sr_err *err)
{
    const encrypt_job *job = w->job;
    const cell_input *values = &s->inputs[job->feed_of[column] * w->rows_most];
    cell_batch *cells = &s->cells[column];
    if (cell_maker_encrypt(w->makers[column], cells, values, rows, err) == SR_OK)
        return SR_OK;
    sr_fail_in(err, "column \"%s\"", job->schema.columns[column].target);
    return sr_fail_in(err, "%s: row %" PRIu64, job->options->input,
                      row_number(s, cells->bad < s->rows ? cells->bad : 0));
}

static sr_result work(void *state, void *batch, sr_err *err)
{
    worker *w = state;
    slot *s = batch;
    cell_rows rows = {.count = s->rows, .nonces = s->nonces, .keys = w->row_keys};
    read_rows(w, s);
    if (w->row_keys != NULL)
        sealed_row_keys_fill(w->row_keys, s->nonces, s->rows);
    for (size_t i = 0; i < w->job->schema.count; i++)
    {
        if (encrypt_column(w, s, i, &rows, err) != SR_OK)
            return SR_FAIL;
    }
    s->view = (encrypt_rows){.rows = s->rows,
                             .schema = &w->job->schema,
                             .cells = s->cells,
                             .source_nulls = s->source_nulls};
    sr_buf_cut(&s->prepared, 0);
    if (w->sink->prepare == NULL)
        return SR_OK;
    if (w->sink->prepare(w->sink->self, &s->view, &s->prepared, err) != SR_OK)
        return SR_FAIL;
    s->view.prepared = sr_buf_view(&s->prepared);
    return SR_OK;
}

/* ---- in the owner's thread ------------------------------------------------------------------- */

/* Fills a batch from the sort; no rows means that there are no more. */
static sr_result fill(const produce *p, slot *s, sr_err *err)
{
    sorter_item item;
    bool end = false;
    s->rows = 0;
    sr_buf_cut(&s->bytes, 0);
    while (s->rows < p->rows_most && s->bytes.len < SLOT_BYTES)
    {
        if (sorter_next(p->job->rows, &item, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return SR_OK;
        if (sr_buf_append(&s->bytes, item.payload, err) != SR_OK)
            return SR_FAIL;
        sr_copy(s->nonces[s->rows].bytes, item.key, CELL_NONCE_SIZE);
        s->ends[s->rows++] = s->bytes.len;
    }
    return SR_OK;
}

static sr_result hand_over(produce *p, sr_err *err)
{
    void *batch = NULL;
    if (pool_take(p->pool, &batch, err) != SR_OK)
        return SR_FAIL;
    const slot *s = batch;
    if (p->sink->rows(p->sink->self, &s->view, err) != SR_OK)
        return SR_FAIL;
    p->done += s->rows;
    progress_show(p->job->options->progress, "encrypting", p->done, p->done, p->job->report.rows);
    pool_give_back(p->pool);
    return SR_OK;
}

static sr_result hand_over_all(produce *p, sr_err *err)
{
    for (;;)
    {
        slot *s = pool_free_slot(p->pool);
        if (s == NULL)
        {
            if (hand_over(p, err) != SR_OK)
                return SR_FAIL;
            continue;
        }
        if (fill(p, s, err) != SR_OK)
            return SR_FAIL;
        if (s->rows == 0)
            break;
        pool_submit(p->pool);
    }
    while (pool_is_busy(p->pool))
    {
        if (hand_over(p, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static size_t sealed_columns(const encrypt_job *job)
{
    size_t count = 0;
    for (size_t i = 0; i < job->schema.count; i++)
        count += job->schema.columns[i].type == COLUMN_SEALED ? 1 : 0;
    return count;
}

static sr_result make_worker(produce *p, worker *w, sr_err *err)
{
    const encrypt_job *job = p->job;
    *w = (worker){.job = job, .sink = p->sink, .rows_most = p->rows_most};
    w->makers = sr_array(job->schema.count, sizeof(cell_maker *));
    if (sealed_columns(job) > 1)
        w->row_keys = sealed_row_keys_new(job->options->keys);
    for (size_t i = 0; i < job->schema.count; i++)
    {
        sr_result result = w == p->workers
                               ? cell_maker_new(&w->makers[i], job->options->keys,
                                                &job->schema.columns[i], &job->options->flags, err)
                               : cell_maker_clone(&w->makers[i], p->workers[0].makers[i], err);
        if (result != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* Wide padding makes much of little: fewer rows then, so that a batch costs about SLOT_MEMORY. */
static size_t rows_in_batch(const encrypt_job *job)
{
    size_t row = 1;
    for (size_t i = 0; i < job->schema.count; i++)
    {
        const padding *pad = &job->schema.columns[i].pad;
        row += 128 + 3 * (pad->length + pad->longest);
    }
    size_t rows = SLOT_MEMORY / row;
    if (rows > SLOT_ROWS)
        return SLOT_ROWS;
    return rows < 16 ? 16 : rows;
}

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

static sr_result make_pool(produce *p, sr_err *err)
{
    void **workers SR_CLEANUP(clear_array) = sr_array(p->worker_count, sizeof(void *));
    void **slots SR_CLEANUP(clear_array) = sr_array(p->slot_count, sizeof(void *));
    for (size_t i = 0; i < p->worker_count; i++)
    {
        if (make_worker(p, &p->workers[i], err) != SR_OK)
            return SR_FAIL;
        workers[i] = &p->workers[i];
    }
    for (size_t i = 0; i < p->slot_count; i++)
    {
        slot_init(&p->slots[i], p->job, p->rows_most);
        slots[i] = &p->slots[i];
    }
    return pool_new(&p->pool, work, workers, p->worker_count, slots, p->slot_count, err);
}

sr_result encrypt_produce(encrypt_job *job, const encrypt_sink *sink, sr_err *err)
{
    produce p SR_CLEANUP(produce_clear) = {.job = job, .sink = sink};
    p.worker_count = encrypt_threads(job->options);
    p.workers = sr_array(p.worker_count, sizeof *p.workers);
    p.slot_count = p.worker_count + 2;
    p.slots = sr_array(p.slot_count, sizeof *p.slots);
    p.rows_most = rows_in_batch(job);
    if (make_pool(&p, err) != SR_OK || sink->begin(sink->self, &job->schema, err) != SR_OK ||
        hand_over_all(&p, err) != SR_OK)
        return SR_FAIL;
    return sink->end(sink->self, &job->report, err);
}
