#include "sorter.h"

#include <assert.h>
#include <stdlib.h>

#include "sorter_run.h"

enum
{
    BLOCK_SIZE = 256 * 1024, /* records are kept in blocks, so that growing never copies them */
    CHUNK_MIN = 16 * 1024,
    CHUNK_MAX = 256 * 1024,
    AHEAD = 8,        /* records are asked of memory so many before they are wanted */
    FEW_ENTRIES = 32, /* are sorted by insertion */
};

typedef struct block
{
    struct block *next;
    size_t size;
    size_t used;
    uint8_t bytes[];
} block;

/* The key's first eight bytes spare most looks at the record. */
typedef struct
{
    uint64_t prefix;
    const uint8_t *record;
} entry;

struct sorter
{
    sorter_options options;
    block *blocks; /* newest first */
    size_t block_bytes;
    block
        *spare; /* empty, for the next run: memory given back in pieces is not used again as well */
    entry *entries;
    size_t entry_count;
    size_t entry_room;
    run_store store;
    bool has_store;
    run *runs;
    size_t run_count;
    size_t written; /* runs ever written */
    run_merge merge;
    bool sorted;
    size_t next; /* entry, when everything is in memory */
    uint64_t count;
};

sr_result sorter_new(sorter **out, const sorter_options *options, sr_err *err)
{
    (void)err;
    *out = sr_alloc(sizeof **out);
    (*out)->options = *options;
    if (options->memory < SORTER_MEMORY_MIN)
        (*out)->options.memory = SORTER_MEMORY_MIN;
    (*out)->store.fd = -1;
    return SR_OK;
}

/* ---- items in memory ------------------------------------------------------------------------- */

static block *take_first(block **list)
{
    block *first = *list;
    *list = first->next;
    return first;
}

static void drop_spare(sorter *self)
{
    while (self->spare != NULL)
        sr_free(take_first(&self->spare));
}

/* Those of the usual size are kept. */
static void empty_blocks(sorter *self)
{
    while (self->blocks != NULL)
    {
        block *top = take_first(&self->blocks);
        sr_wipe(top->bytes, top->used);
        if (top->size > BLOCK_SIZE)
        {
            sr_free(top);
            continue;
        }
        top->used = 0;
        top->next = self->spare;
        self->spare = top;
    }
    self->block_bytes = 0;
}

static void drop_blocks(sorter *self)
{
    empty_blocks(self);
    drop_spare(self);
}

static void drop_entries(sorter *self)
{
    sr_free(self->entries);
    self->entries = NULL;
    self->entry_count = 0;
    self->entry_room = 0;
}

/* Memory in use if a record of this length came. */
static size_t memory_with(const sorter *self, size_t len)
{
    size_t room = self->entry_room;
    if (self->entry_count == room)
        room = room + room / 2 + 1024;
    bool fits = self->blocks != NULL && self->blocks->size - self->blocks->used >= len;
    size_t more = len > BLOCK_SIZE ? len : BLOCK_SIZE;
    return self->block_bytes + (fits ? 0 : more) + room * sizeof(entry);
}

static block *new_block(sorter *self, size_t size)
{
    if (size == BLOCK_SIZE && self->spare != NULL)
        return take_first(&self->spare);
    drop_spare(self); /* a large one: the limit does not count them */
    block *made = sr_alloc(sizeof *made + size);
    made->size = size;
    return made;
}

static uint8_t *room_for(sorter *self, size_t len)
{
    block *top = self->blocks;
    if (top == NULL || top->size - top->used < len)
    {
        top = new_block(self, len > BLOCK_SIZE ? len : BLOCK_SIZE);
        top->next = self->blocks;
        self->blocks = top;
        self->block_bytes += top->size;
    }
    top->used += len;
    return top->bytes + top->used - len;
}

static void add_entry(sorter *self, const uint8_t *record)
{
    if (self->entry_count == self->entry_room)
    {
        size_t room = self->entry_room + self->entry_room / 2 + 1024;
        self->entries = sr_array_grow(self->entries, self->entry_room, room, sizeof *self->entries);
        self->entry_room = room;
    }
    sr_cursor key = sr_cursor_of(sr_slice_of(record, SORTER_KEY_SIZE));
    self->entries[self->entry_count++] = (entry){.prefix = sr_cursor_u64(&key), .record = record};
}

/* ---- sorting the index in place -------------------------------------------------------------- */

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return run_record_compare(x->record, y->record);
}

static void sort_few(entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++)
    {
        entry moved = entries[i];
        size_t at = i;
        for (; at > 0 && compare_entries(&moved, &entries[at - 1]) < 0; at--)
            entries[at] = entries[at - 1];
        entries[at] = moved;
    }
}

static size_t byte_of(const entry *one, unsigned shift)
{
    return one->prefix >> shift & 0xff;
}

/* Puts every entry into the part of its byte; part b ends up as entries[ends[b - 1]] to entries[ends[b]]. */
static void split_by_byte(entry *entries, size_t count, unsigned shift, size_t ends[256])
{
    size_t next[256] = {0};
    for (size_t i = 0; i < count; i++)
        next[byte_of(&entries[i], shift)]++;
    for (size_t byte = 0, at = 0; byte < 256; byte++)
    {
        size_t size = next[byte];
        next[byte] = at;
        at += size;
        ends[byte] = at;
    }
    for (size_t byte = 0; byte < 256; byte++)
        while (next[byte] < ends[byte])
        {
            entry *here = &entries[next[byte]];
            size_t home = byte_of(here, shift);
            entry moved = *here;
            *here = entries[next[home]];
            entries[next[home]++] = moved;
        }
}

/* Keys are nonces and digests: after a few bytes of the prefix hardly anything is left to sort. */
static void sort_from_byte(entry *entries, size_t count, unsigned shift)
{
    size_t ends[256];
    if (count <= FEW_ENTRIES)
    {
        sort_few(entries, count);
        return;
    }
    split_by_byte(entries, count, shift, ends);
    for (size_t byte = 0, from = 0; byte < 256; from = ends[byte++])
    {
        if (shift > 0)
            sort_from_byte(entries + from, ends[byte] - from, shift - 8);
        else if (ends[byte] > from) /* equal prefixes */
            qsort(entries + from, ends[byte] - from, sizeof *entries, compare_entries);
    }
}

static void sort_entries(sorter *self)
{
    sort_from_byte(self->entries, self->entry_count, 56);
}

/* Sorted records lie anywhere. */
static const uint8_t *record_at(const sorter *self, size_t index)
{
    if (index + AHEAD < self->entry_count)
    {
        const uint8_t *soon = self->entries[index + AHEAD].record;
        __builtin_prefetch(soon);
        __builtin_prefetch(soon + 64);
        __builtin_prefetch(soon + 128);
    }
    return self->entries[index].record;
}

/* ---- spilling -------------------------------------------------------------------------------- */

static size_t chunk_size(const sorter *self)
{
    size_t size = self->options.memory / 64;
    if (size > CHUNK_MAX)
        return CHUNK_MAX;
    return size < CHUNK_MIN ? CHUNK_MIN : size;
}

static sr_result open_store(sorter *self, sr_err *err)
{
    if (self->has_store)
        return SR_OK;
    if (run_store_init(&self->store, self->options.folder, chunk_size(self), err) != SR_OK)
        return SR_FAIL;
    self->has_store = true;
    return SR_OK;
}

static run *new_run(sorter *self)
{
    self->runs =
        sr_array_grow(self->runs, self->run_count, self->run_count + 1, sizeof *self->runs);
    self->written++;
    return &self->runs[self->run_count++];
}

static sr_result spill(sorter *self, sr_err *err)
{
    RUN_WRITER(writer);
    if (self->entry_count == 0)
        return SR_OK;
    if (open_store(self, err) != SR_OK)
        return SR_FAIL;
    sort_entries(self);
    run_writer_init(&writer, &self->store, new_run(self));
    for (size_t i = 0; i < self->entry_count; i++)
    {
        if (run_writer_add(&writer, record_at(self, i), err) != SR_OK)
            return SR_FAIL;
    }
    empty_blocks(self);
    self->entry_count = 0;
    return run_writer_finish(&writer, err);
}

static void put_u32(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)(value >> 24);
    out[1] = (uint8_t)(value >> 16);
    out[2] = (uint8_t)(value >> 8);
    out[3] = (uint8_t)value;
}

sr_result sorter_add(sorter *self, const uint8_t *key, sr_slice payload, sr_err *err)
{
    size_t len = RUN_RECORD_HEAD + payload.len;
    assert(!self->sorted);
    if (payload.len > SORTER_PAYLOAD_MAX)
        return sr_fail(err, SR_E_LIMIT, "a row is larger than %d MiB",
                       SORTER_PAYLOAD_MAX / (1024 * 1024));
    if (memory_with(self, len) > self->options.memory && spill(self, err) != SR_OK)
        return SR_FAIL;
    uint8_t *record = room_for(self, len);
    sr_copy(record, key, SORTER_KEY_SIZE);
    put_u32(record + SORTER_KEY_SIZE, (uint32_t)payload.len);
    sr_copy(record + RUN_RECORD_HEAD, payload.data, payload.len);
    add_entry(self, record);
    self->count++;
    return SR_OK;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Runs that can be merged at once: a chunk of each fits in half of the memory. */
static size_t fan_in(const sorter *self)
{
    return self->options.memory / (2 * chunk_size(self));
}

static void drop_first_runs(sorter *self, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run_clear(&self->runs[i]);
    for (size_t i = count; i < self->run_count; i++)
        self->runs[i - count] = self->runs[i];
    self->run_count -= count;
}

static sr_result copy_merged(run_merge *merge, run_writer *writer, sr_err *err)
{
    const uint8_t *record = NULL;
    for (;;)
    {
        if (run_merge_next(merge, &record, err) != SR_OK)
            return SR_FAIL;
        if (record == NULL)
            return run_writer_finish(writer, err);
        if (run_writer_add(writer, record, err) != SR_OK)
            return SR_FAIL;
    }
}

/* The oldest runs become one new run at the end of the list. */
static sr_result merge_oldest(sorter *self, size_t count, sr_err *err)
{
    RUN_MERGE(merge);
    RUN_WRITER(writer);
    run merged = {0};
    if (run_merge_init(&merge, &self->store, self->runs, count, err) != SR_OK)
        return SR_FAIL;
    run_writer_init(&writer, &self->store, &merged);
    if (copy_merged(&merge, &writer, err) != SR_OK)
    {
        run_clear(&merged);
        return SR_FAIL;
    }
    drop_first_runs(self, count);
    *new_run(self) = merged;
    return SR_OK;
}

sr_result sorter_sort(sorter *self, sr_err *err)
{
    assert(!self->sorted);
    self->sorted = true;
    if (self->run_count == 0)
    {
        sort_entries(self);
        return SR_OK;
    }
    if (spill(self, err) != SR_OK)
        return SR_FAIL;
    drop_blocks(self); /* merging wants the memory */
    drop_entries(self);
    while (self->run_count > fan_in(self))
    {
        if (merge_oldest(self, fan_in(self), err) != SR_OK)
            return SR_FAIL;
    }
    return run_merge_init(&self->merge, &self->store, self->runs, self->run_count, err);
}

sr_result sorter_next(sorter *self, sorter_item *out, bool *end, sr_err *err)
{
    const uint8_t *record = NULL;
    *out = (sorter_item){.key = NULL};
    assert(self->sorted);
    if (self->run_count > 0)
    {
        if (run_merge_next(&self->merge, &record, err) != SR_OK)
            return SR_FAIL;
    }
    else if (self->next < self->entry_count)
        record = record_at(self, self->next++);
    *end = record == NULL;
    if (record != NULL)
        *out = run_record_item(record);
    return SR_OK;
}

uint64_t sorter_count(const sorter *self)
{
    return self->count;
}

size_t sorter_runs(const sorter *self)
{
    return self->written;
}

void sorter_free(sorter *self)
{
    if (self == NULL)
        return;
    run_merge_clear(&self->merge);
    drop_blocks(self);
    drop_entries(self);
    for (size_t i = 0; i < self->run_count; i++)
        run_clear(&self->runs[i]);
    sr_free(self->runs);
    run_store_clear(&self->store);
    sr_free(self);
}

void sorter_clear(sorter **self)
{
    sorter_free(*self);
    *self = NULL;
}
