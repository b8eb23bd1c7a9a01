#include "items.h"

#include <string.h>

#include "../pool.h"
#include "base/file.h"
#include "base/sort.h"
#include "list_file.h"

enum
{
    SLOT_IDS = 4096,
    SLOT_BYTES = ROWS_ID_MOST, /* of identifiers; a single one may be as long */
    PIECE_POINTS = 2048,       /* on their way through a file or a sorter */
    RECORD_MOST = GROUP_POINT_SIZE_MAX + 1,
};

/* Identifiers on their way to be masked. */
typedef struct
{
    uint8_t *text; /* SLOT_BYTES */
    size_t used;
    sr_slice ids[SLOT_IDS];
    uint8_t labels[SLOT_IDS]; /* index of each one's part */
    size_t count;
    uint8_t *points;
} slot;

typedef struct
{
    const items_config *config;
    slot *slots;
    size_t slot_count;
    pool *pool;
    size_t point_size;
    sr_sorter *sorter; /* of point || label */
} reading;

void items_clear(items_list *list)
{
    for (size_t i = 0; i < list->part_count; i++)
        sr_fd_clear(&list->parts[i].points);
    sr_free(list->folder);
    *list = (items_list){.part_count = 0};
}

static void reading_clear(reading *self)
{
    pool_free(self->pool);
    for (size_t i = 0; i < self->slot_count; i++)
    {
        if (self->slots[i].text != NULL)
            sr_wipe(self->slots[i].text, SLOT_BYTES);
        sr_free(self->slots[i].text);
        sr_free(self->slots[i].points);
    }
    sr_free(self->slots);
    sr_sorter_free(self->sorter);
}

/* ---- masking --------------------------------------------------------------------------------- */

static sr_result mask_slot(void *worker, void *work, sr_err *err)
{
    const items_config *config = worker;
    slot *ids = work;
    return group_hash_and_mask(ids->points, config->scalar, config->domain, ids->ids, ids->count,
                               err);
}

/* Takes the oldest slot back and keeps its points. */
static sr_result drain(reading *self, sr_err *err)
{
    void *taken = NULL;
    if (pool_take(self->pool, &taken, err) != SR_OK)
        return SR_FAIL;
    slot *done = taken;
    for (size_t i = 0; i < done->count; i++)
    {
        uint8_t record[RECORD_MOST];
        sr_copy(record, done->points + i * self->point_size, self->point_size);
        record[self->point_size] = done->labels[i];
        if (sr_sorter_add(self->sorter, record, 1, err) != SR_OK)
            return SR_FAIL;
    }
    sr_wipe(done->text, done->used);
    done->count = 0;
    done->used = 0;
    pool_give_back(self->pool);
    return SR_OK;
}

/* A slot to fill that has room for `len` bytes more; full ones go to work. */
static sr_result room_for(slot **out, reading *self, size_t len, sr_err *err)
{
    for (;;)
    {
        slot *free_slot = pool_free_slot(self->pool);
        if (free_slot == NULL)
        {
            if (drain(self, err) != SR_OK)
                return SR_FAIL;
            continue;
        }
        if (free_slot->count < SLOT_IDS && free_slot->used + len <= SLOT_BYTES)
        {
            *out = free_slot;
            return SR_OK;
        }
        pool_submit(self->pool);
    }
}

static sr_result drain_all(reading *self, sr_err *err)
{
    slot *last = pool_free_slot(self->pool);
    if (last != NULL && last->count > 0)
        pool_submit(self->pool);
    while (pool_is_busy(self->pool))
        if (drain(self, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

static sr_result mask_rows(reading *self, rows *from, sr_err *err)
{
    for (;;)
    {
        sr_slice id;
        size_t label = 0;
        bool end = false;
        slot *into = NULL;
        if (rows_next(from, &id, &label, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return drain_all(self, err);
        if (room_for(&into, self, id.len, err) != SR_OK)
            return SR_FAIL;
        uint8_t *at = into->text + into->used;
        sr_copy(at, id.data, id.len);
        into->ids[into->count] = sr_slice_of(at, id.len);
        into->labels[into->count++] = (uint8_t)label;
        into->used += id.len;
    }
}

static sr_result start_pool(reading *self, sr_err *err)
{
    void *workers[POOL_THREADS_MAX];
    void *slots[2 * POOL_THREADS_MAX];
    size_t threads =
        self->config->threads == 0 ? pool_default_threads() : (size_t)self->config->threads;
    threads = threads > POOL_THREADS_MAX ? POOL_THREADS_MAX : threads;
    self->slot_count = 2 * threads;
    self->slots = sr_array(self->slot_count, sizeof *self->slots);
    for (size_t i = 0; i < threads; i++)
        workers[i] = (void *)(uintptr_t)self->config; /* read only */
    for (size_t i = 0; i < self->slot_count; i++)
    {
        self->slots[i].text = sr_alloc(SLOT_BYTES);
        self->slots[i].points = sr_array(SLOT_IDS, self->point_size);
        slots[i] = &self->slots[i];
    }
    return pool_new(&self->pool, mask_slot, workers, threads, slots, self->slot_count, err);
}

/* ---- telling parts apart --------------------------------------------------------------------- */

/* Points of one part on their way to its scratch file. */
typedef struct
{
    uint8_t *points; /* PIECE_POINTS */
    uint64_t held;
} outlet;

typedef struct
{
    items_list *list;
    size_t point_size;
    outlet outlets[MANIFEST_SEGMENTS_MOST];
    uint8_t last[RECORD_MOST]; /* the record before, if there was one */
    bool begun;
} splitting;

static void splitting_clear(splitting *self)
{
    for (size_t i = 0; i < MANIFEST_SEGMENTS_MOST; i++)
        sr_free(self->outlets[i].points);
}

static sr_result flush(splitting *self, size_t label, sr_err *err)
{
    items_part *part = &self->list->parts[label];
    outlet *from = &self->outlets[label];
    sr_slice bytes = sr_slice_of(from->points, from->held * self->point_size);
    if (part->points < 0 && sr_scratch_open(&part->points, self->list->folder, err) != SR_OK)
        return SR_FAIL;
    if (sr_fd_write_at(part->points, part->items * self->point_size, bytes, err) != SR_OK)
        return sr_fail_in(err, "scratch file of a list");
    part->items += from->held;
    from->held = 0;
    return SR_OK;
}

/* Equal points stand side by side: a repeat in one part, an identifier under two labels in two. */
static sr_result split_record(splitting *self, const uint8_t *record, sr_err *err)
{
    size_t size = self->point_size;
    size_t label = record[size];
    outlet *to = &self->outlets[label];
    if (self->begun && memcmp(self->last, record, size) == 0)
    {
        if (self->last[size] != record[size])
            return sr_fail(err, SR_E_INVALID,
                           "an identifier stands under two labels; in a session each has one");
        self->list->repeats++;
        return SR_OK;
    }
    self->begun = true;
    sr_copy(self->last, record, size + 1);
    if (to->points == NULL)
        to->points = sr_array(PIECE_POINTS, size);
    sr_copy(to->points + to->held++ * size, record, size);
    return to->held == PIECE_POINTS ? flush(self, label, err) : SR_OK;
}

static sr_result split_records(splitting *self, sr_sorter *from, uint64_t total, progress *line,
                               sr_err *err)
{
    uint8_t records[PIECE_POINTS * RECORD_MOST];
    uint64_t done = 0;
    for (uint64_t got = 1; got > 0; done += got)
    {
        progress_show(line, "sorting", done, done, total);
        if (sr_sorter_next(from, records, PIECE_POINTS, &got, err) != SR_OK)
            return SR_FAIL;
        for (uint64_t i = 0; i < got; i++)
            if (split_record(self, records + i * (self->point_size + 1), err) != SR_OK)
                return SR_FAIL;
    }
    for (size_t i = 0; i < self->list->part_count; i++)
        if (self->outlets[i].held > 0 && flush(self, i, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void take_facts(items_list *out, const reading *self, rows *from)
{
    const rows_found *found = rows_have(from);
    out->rows = found->rows;
    out->left_out = found->left_out;
    out->part_count = found->label_count;
    out->suite = self->config->scalar->suite;
    out->memory = self->config->memory == 0 ? (uint64_t)ITEMS_MEMORY : self->config->memory;
    out->folder = sr_text_copy(self->config->folder);
    for (size_t i = 0; i < found->label_count; i++)
    {
        out->parts[i] = (items_part){.points = -1};
        sr_copy(out->parts[i].label, found->labels[i], ROWS_LABEL_SIZE);
    }
    rows_digest(from, &out->input);
}

static sr_result read_parts(items_list *out, reading *self, sr_err *err)
{
    ROWS(from);
    splitting parts SR_CLEANUP(splitting_clear) = {.list = out, .point_size = self->point_size};
    rows_config config = self->config->rows;
    config.stage = "masking";
    if (rows_open(&from, &config, err) != SR_OK)
        return SR_FAIL;
    if (start_pool(self, err) != SR_OK || mask_rows(self, from, err) != SR_OK)
        return SR_FAIL;
    take_facts(out, self, from);
    if (split_records(&parts, self->sorter, out->rows - out->left_out, config.progress, err) !=
        SR_OK)
        return sr_fail_in(err, "%s", config.input);
    for (size_t i = 0; i < out->part_count; i++)
        out->parts[i].count =
            self->config->padded ? manifest_bucket(out->parts[i].items) : out->parts[i].items;
    return SR_OK;
}

sr_result items_read(items_list *out, const items_config *config, sr_err *err)
{
    reading self SR_CLEANUP(reading_clear) = {
        .config = config, .point_size = group_point_size(config->scalar->suite)};
    *out = (items_list){.part_count = 0};
    self.sorter = sr_sorter_new(self.point_size + 1,
                                config->memory == 0 ? (uint64_t)ITEMS_MEMORY : config->memory,
                                config->folder);
    if (read_parts(out, &self, err) == SR_OK)
        return SR_OK;
    items_clear(out);
    return SR_FAIL;
}

/* ---- the list's file ------------------------------------------------------------------------- */

/* Where a part's points go: into the file, or among its dummies first. */
static sr_result put(list_writer *to, sr_sorter *among, const uint8_t *points, uint64_t count,
                     sr_err *err)
{
    return among != NULL ? sr_sorter_add(among, points, count, err)
                         : list_writer_add(to, points, count, err);
}

static sr_result copy_points(list_writer *to, sr_sorter *among, const items_part *part, size_t size,
                             sr_err *err)
{
    uint8_t piece[PIECE_POINTS * GROUP_POINT_SIZE_MAX];
    uint64_t some = 0;
    for (uint64_t from = 0; from < part->items; from += some)
    {
        some = part->items - from < PIECE_POINTS ? part->items - from : PIECE_POINTS;
        if (sr_fd_read_at(part->points, from * size, piece, some * size, err) != SR_OK)
            return sr_fail_in(err, "scratch file of a list");
        if (put(to, among, piece, some, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result write_padded(list_writer *to, const items_list *list, const items_part *part,
                              size_t size, sr_err *err)
{
    SR_SORTER(all);
    uint8_t piece[PIECE_POINTS * GROUP_POINT_SIZE_MAX];
    uint64_t some = 0;
    all = sr_sorter_new(size, list->memory, list->folder);
    if (copy_points(NULL, all, part, size, err) != SR_OK)
        return SR_FAIL;
    for (uint64_t left = part->count - part->items; left > 0; left -= some)
    {
        some = left < PIECE_POINTS ? left : PIECE_POINTS;
        group_random_points(piece, list->suite, some);
        if (sr_sorter_add(all, piece, some, err) != SR_OK)
            return SR_FAIL;
    }
    for (;;)
    {
        if (sr_sorter_next(all, piece, PIECE_POINTS, &some, err) != SR_OK)
            return SR_FAIL;
        if (some == 0)
            return SR_OK;
        if (list_writer_add(to, piece, some, err) != SR_OK)
            return SR_FAIL;
    }
}

sr_result items_keep(const items_list *list, const char *path, sr_err *err)
{
    LIST_WRITER(to);
    size_t size = group_point_size(list->suite);
    if (list_writer_open(&to, path, size, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < list->part_count; i++)
    {
        const items_part *part = &list->parts[i];
        list_writer_part(to, part->label, part->items);
        if (part->count > part->items ? write_padded(to, list, part, size, err) != SR_OK
                                      : copy_points(to, NULL, part, size, err) != SR_OK)
            return SR_FAIL;
    }
    return list_writer_commit(to, err);
}
