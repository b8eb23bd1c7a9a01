#include "sorter_run.h"

#include <string.h>

#include "base/file.h"

/* ---- records --------------------------------------------------------------------------------- */

static size_t payload_len(const uint8_t *record)
{
    sr_cursor cursor = sr_cursor_of(sr_slice_of(record + SORTER_KEY_SIZE, 4));
    return sr_cursor_u32(&cursor);
}

size_t run_record_len(const uint8_t *record)
{
    return RUN_RECORD_HEAD + payload_len(record);
}

sorter_item run_record_item(const uint8_t *record)
{
    return (sorter_item){.key = record,
                         .payload = sr_slice_of(record + RUN_RECORD_HEAD, payload_len(record))};
}

int run_record_compare(const uint8_t *a, const uint8_t *b)
{
    int keys = memcmp(a, b, SORTER_KEY_SIZE);
    if (keys != 0)
        return keys;
    return sr_slice_compare_var(run_record_item(a).payload, run_record_item(b).payload);
}

/* ---- the scratch file ------------------------------------------------------------------------ */

sr_result run_store_init(run_store *store, const char *folder, size_t chunk_size, sr_err *err)
{
    *store = (run_store){.fd = -1, .chunk_size = chunk_size};
    sr_buf_init(&store->sealed, SPILL_CHUNK_MAX + SPILL_OVERHEAD);
    if (sr_scratch_open(&store->fd, folder, err) != SR_OK ||
        spill_cipher_new(&store->cipher, err) != SR_OK)
    {
        run_store_clear(store);
        return SR_FAIL;
    }
    return SR_OK;
}

void run_store_clear(run_store *store)
{
    sr_fd_clear(&store->fd);
    spill_cipher_clear(&store->cipher);
    sr_buf_clear(&store->sealed);
}

void run_clear(run *self)
{
    sr_free(self->chunks);
    *self = (run){0};
}

static void add_chunk(run *self, run_chunk chunk)
{
    if (self->count == self->room)
    {
        size_t room = self->room == 0 ? 16 : 2 * self->room;
        self->chunks = sr_array_grow(self->chunks, self->room, room, sizeof *self->chunks);
        self->room = room;
    }
    self->chunks[self->count++] = chunk;
}

/* ---- writing --------------------------------------------------------------------------------- */

void run_writer_init(run_writer *writer, run_store *store, run *target)
{
    *writer = (run_writer){.store = store, .target = target};
    sr_buf_init(&writer->plain, SPILL_CHUNK_MAX);
}

void run_writer_clear(run_writer *writer)
{
    sr_buf_wipe(&writer->plain);
}

static sr_result flush(run_writer *writer, sr_err *err)
{
    run_store *store = writer->store;
    run_chunk chunk = {.offset = store->end, .number = store->next_number};
    if (writer->plain.len == 0)
        return SR_OK;
    sr_buf_cut(&store->sealed, 0);
    if (spill_seal(store->cipher, &store->sealed, chunk.number, sr_buf_view(&writer->plain), err) !=
            SR_OK ||
        sr_fd_write_at(store->fd, chunk.offset, sr_buf_view(&store->sealed), err) != SR_OK)
        return sr_fail_in(err, "scratch file of the sort");
    chunk.sealed_len = store->sealed.len;
    store->end += chunk.sealed_len;
    store->next_number++;
    add_chunk(writer->target, chunk);
    sr_buf_cut(&writer->plain, 0);
    return SR_OK;
}

sr_result run_writer_add(run_writer *writer, const uint8_t *record, sr_err *err)
{
    size_t len = run_record_len(record);
    if (writer->plain.len > 0 && writer->plain.len + len > writer->store->chunk_size &&
        flush(writer, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_append(&writer->plain, sr_slice_of(record, len), err);
}

sr_result run_writer_finish(run_writer *writer, sr_err *err)
{
    return flush(writer, err);
}

/* ---- reading one run ------------------------------------------------------------------------- */

static sr_result load_chunk(run_reader *reader, run_store *store, sr_err *err)
{
    const run_chunk *chunk = &reader->source->chunks[reader->next++];
    uint8_t *room = NULL;
    sr_buf_cut(&store->sealed, 0);
    sr_buf_cut(&reader->plain, 0);
    reader->at = 0;
    if (sr_buf_extend(&store->sealed, &room, chunk->sealed_len, err) != SR_OK ||
        sr_fd_read_at(store->fd, chunk->offset, room, chunk->sealed_len, err) != SR_OK ||
        spill_open(store->cipher, &reader->plain, chunk->number, sr_buf_view(&store->sealed),
                   err) != SR_OK)
        return sr_fail_in(err, "scratch file of the sort");
    return SR_OK;
}

static sr_result advance(run_reader *reader, run_store *store, sr_err *err)
{
    if (reader->record != NULL)
        reader->at += run_record_len(reader->record);
    reader->record = NULL;
    if (reader->at == reader->plain.len)
    {
        if (reader->next == reader->source->count)
            return SR_OK;
        if (load_chunk(reader, store, err) != SR_OK)
            return SR_FAIL;
    }
    reader->record = reader->plain.data + reader->at;
    return SR_OK;
}

/* ---- merging: a binary heap of readers ------------------------------------------------------- */

static bool before(const run_merge *merge, size_t a, size_t b)
{
    return run_record_compare(merge->heap[a]->record, merge->heap[b]->record) < 0;
}

static void swap(run_merge *merge, size_t a, size_t b)
{
    run_reader *kept = merge->heap[a];
    merge->heap[a] = merge->heap[b];
    merge->heap[b] = kept;
}

static void sink_down(run_merge *merge, size_t at)
{
    for (;;)
    {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < merge->heap_count; child++)
            least = before(merge, child, least) ? child : least;
        if (least == at)
            return;
        swap(merge, at, least);
        at = least;
    }
}

static sr_result open_readers(run_merge *merge, const run *runs, sr_err *err)
{
    for (size_t i = 0; i < merge->reader_count; i++)
    {
        run_reader *reader = &merge->readers[i];
        reader->source = &runs[i];
        sr_buf_init(&reader->plain, SPILL_CHUNK_MAX);
        if (advance(reader, merge->store, err) != SR_OK)
            return SR_FAIL;
        if (reader->record != NULL)
            merge->heap[merge->heap_count++] = reader;
    }
    return SR_OK;
}

sr_result run_merge_init(run_merge *merge, run_store *store, const run *runs, size_t count,
                         sr_err *err)
{
    *merge = (run_merge){.store = store,
                         .readers = sr_array(count, sizeof *merge->readers),
                         .reader_count = count,
                         .heap = sr_array(count, sizeof(run_reader *))};
    if (open_readers(merge, runs, err) != SR_OK)
    {
        run_merge_clear(merge);
        return SR_FAIL;
    }
    for (size_t i = merge->heap_count / 2; i-- > 0;)
        sink_down(merge, i);
    return SR_OK;
}

/* The record given last is still at the top: only now it may be left behind. */
static sr_result leave_top(run_merge *merge, sr_err *err)
{
    run_reader *top = merge->heap[0];
    if (advance(top, merge->store, err) != SR_OK)
        return SR_FAIL;
    if (top->record == NULL)
        merge->heap[0] = merge->heap[--merge->heap_count];
    sink_down(merge, 0);
    return SR_OK;
}

sr_result run_merge_next(run_merge *merge, const uint8_t **record, sr_err *err)
{
    *record = NULL;
    if (merge->started && merge->heap_count > 0 && leave_top(merge, err) != SR_OK)
        return SR_FAIL;
    merge->started = true;
    if (merge->heap_count > 0)
        *record = merge->heap[0]->record;
    return SR_OK;
}

void run_merge_clear(run_merge *merge)
{
    for (size_t i = 0; i < merge->reader_count; i++)
        sr_buf_wipe(&merge->readers[i].plain);
    sr_free(merge->readers);
    sr_free(merge->heap);
    *merge = (run_merge){.store = NULL};
}
