#include "items.h"

#include <string.h>

#include "../csv_read.h"
#include "../pool.h"
#include "base/text.h"
#include "crypto/psi_list.h"

enum
{
    SLOT_IDS = 4096,
    SLOT_BYTES =
        1024 *
        1024, /* of identifiers; a single one may be longer than what is left, not than all */
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

/* Points of one part while they come in. */
typedef struct
{
    uint64_t room; /* points that fit */
} growth;

typedef struct
{
    const items_config *config;
    items_list *list;
    growth grown[MANIFEST_SEGMENTS_MOST];
    slot *slots;
    size_t slot_count;
    pool *pool;
    size_t point_size;
    size_t id_column;
    size_t segment_column;
    digest seen;
} reading;

void items_clear(items_list *list)
{
    for (size_t i = 0; i < list->part_count; i++)
        sr_free(list->parts[i].points);
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
    digest_clear(&self->seen);
}

/* ---- masking --------------------------------------------------------------------------------- */

static sr_result mask_slot(void *worker, void *work, sr_err *err)
{
    const items_config *config = worker;
    slot *ids = work;
    return group_hash_and_mask(ids->points, config->scalar, config->domain, ids->ids, ids->count,
                               err);
}

static void keep_point(reading *self, size_t part, const uint8_t *point)
{
    items_part *into = &self->list->parts[part];
    growth *grown = &self->grown[part];
    if (into->count == grown->room)
    {
        uint64_t room = grown->room == 0 ? SLOT_IDS : grown->room + grown->room / 2;
        into->points = sr_array_grow(into->points, grown->room, room, self->point_size);
        grown->room = room;
    }
    sr_copy(into->points + into->count++ * self->point_size, point, self->point_size);
}

/* Takes the oldest slot back and keeps its points. */
static sr_result drain(reading *self, sr_err *err)
{
    void *taken = NULL;
    if (pool_take(self->pool, &taken, err) != SR_OK)
        return SR_FAIL;
    slot *done = taken;
    for (size_t i = 0; i < done->count; i++)
        keep_point(self, done->labels[i], done->points + i * self->point_size);
    sr_wipe(done->text, done->used);
    done->count = 0;
    done->used = 0;
    pool_give_back(self->pool);
    return SR_OK;
}

/* A slot to fill that has room for `len` bytes more; full ones go to work. */
static sr_result room_for(slot **out, reading *self, size_t len, sr_err *err)
{
    if (len > SLOT_BYTES)
        return sr_fail(err, SR_E_LIMIT, "an identifier is longer than %d bytes", SLOT_BYTES);
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

/* ---- rows ------------------------------------------------------------------------------------ */

static sr_result find_part(size_t *out, reading *self, sr_slice label, sr_err *err)
{
    items_list *list = self->list;
    char text[ITEMS_LABEL_SIZE];
    if (label.len >= sizeof text || memchr(label.data, '\0', label.len) != NULL)
        return sr_fail(err, SR_E_LIMIT, "a segment's label is longer than %d bytes",
                       ITEMS_LABEL_SIZE - 1);
    if (sr_utf8_has_control(label))
        return sr_fail(err, SR_E_INVALID, "a segment's label has a control character");
    sr_copy(text, label.data, label.len);
    text[label.len] = '\0';
    for (*out = 0; *out < list->part_count; (*out)++)
        if (strcmp(list->parts[*out].label, text) == 0)
            return SR_OK;
    if (list->part_count == self->config->segments_most)
        return sr_fail(err, SR_E_LIMIT, "more than %zu segments, which the manifest allows",
                       self->config->segments_most);
    items_part *made = &list->parts[list->part_count++];
    *made = (items_part){.count = 0};
    sr_copy(made->label, text, sizeof text);
    return SR_OK;
}

/* The digest of the input sees lengths too, so that no two inputs are one. */
static void see(reading *self, sr_slice id, sr_slice label)
{
    uint64_t lengths[2] = {id.len, label.len};
    digest_add(&self->seen, sr_slice_of(lengths, sizeof lengths));
    digest_add(&self->seen, id);
    digest_add(&self->seen, label);
}

static sr_result take_row(reading *self, const csv_row *row, sr_err *err)
{
    const csv_field *id = &row->fields[self->id_column];
    bool segmented = self->config->segment_column != NULL;
    sr_slice label = segmented ? row->fields[self->segment_column].text : sr_slice_text("");
    slot *into = NULL;
    size_t part = 0;
    self->list->rows++;
    if (id->null || (segmented && label.len == 0))
    {
        self->list->left_out++;
        return SR_OK;
    }
    if (room_for(&into, self, id->text.len, err) != SR_OK)
        return SR_FAIL;
    uint8_t *at = into->text + into->used;
    size_t len = normalise(at, self->config->normaliser, id->text);
    if (len == 0)
    {
        self->list->left_out++;
        return SR_OK;
    }
    if (find_part(&part, self, label, err) != SR_OK)
        return SR_FAIL;
    into->ids[into->count] = sr_slice_of(at, len);
    into->labels[into->count++] = (uint8_t)part;
    into->used += len;
    see(self, sr_slice_of(at, len), label);
    return SR_OK;
}

static sr_result read_rows(reading *self, csv_reader *from, sr_err *err)
{
    for (;;)
    {
        csv_row row;
        bool end = false;
        if (csv_reader_next(from, &row, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return drain_all(self, err);
        if (take_row(self, &row, err) != SR_OK)
            return sr_fail_in(err, "%s: row %llu", self->config->input,
                              (unsigned long long)row.number);
        csv_counts counts = csv_reader_counts(from);
        if (row.number % SLOT_IDS == 0)
            progress_show(self->config->progress, "masking", row.number, counts.bytes, counts.size);
    }
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

static sr_result find_columns(reading *self, const csv_reader *from, sr_err *err)
{
    const items_config *config = self->config;
    if (find_column(&self->id_column, from, config->id_column, "--id", config->input, err) != SR_OK)
        return SR_FAIL;
    if (config->segment_column == NULL)
        return SR_OK;
    return find_column(&self->segment_column, from, config->segment_column, "--segment",
                       config->input, err);
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Equal points of two parts: an identifier under two labels. Both are sorted. */
static bool meet(const items_part *one, const items_part *other, size_t size)
{
    uint64_t i = 0;
    uint64_t k = 0;
    while (i < one->count && k < other->count)
    {
        int order = memcmp(one->points + i * size, other->points + k * size, size);
        if (order == 0)
            return true;
        if (order < 0)
            i++;
        else
            k++;
    }
    return false;
}

static sr_result check_labels(const reading *self, sr_err *err)
{
    const items_list *list = self->list;
    for (size_t i = 0; i < list->part_count; i++)
        for (size_t k = 0; k < i; k++)
            if (meet(&list->parts[i], &list->parts[k], self->point_size))
                return sr_fail(err, SR_E_INVALID,
                               "%s: an identifier stands under two labels; in a session each has "
                               "one",
                               self->config->input);
    return SR_OK;
}

static void pad(items_part *part, group_suite suite, size_t size)
{
    uint64_t wanted = manifest_bucket(part->count);
    part->points = sr_array_grow(part->points, part->count, wanted, size);
    group_random_points(part->points + part->count * size, suite, wanted - part->count);
    part->count = wanted;
    psi_list_sort(part->points, suite, wanted);
}

static sr_result finish_parts(reading *self, sr_err *err)
{
    group_suite suite = self->config->scalar->suite;
    for (size_t i = 0; i < self->list->part_count; i++)
    {
        items_part *part = &self->list->parts[i];
        progress_show(self->config->progress, "sorting", self->list->rows, i,
                      self->list->part_count);
        psi_list_sort(part->points, suite, part->count);
        part->items = psi_list_unique(part->points, suite, part->count);
        self->list->repeats += part->count - part->items;
        part->count = part->items;
    }
    if (check_labels(self, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; self->config->padded && i < self->list->part_count; i++)
        pad(&self->list->parts[i], suite, self->point_size);
    return SR_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

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

sr_result items_read(items_list *out, const items_config *config, sr_err *err)
{
    CSV_READER(from);
    const csv_read_options options = {.has_header = true};
    reading self SR_CLEANUP(reading_clear) = {
        .config = config, .list = out, .point_size = group_point_size(config->scalar->suite)};
    *out = (items_list){.part_count = 0};
    checkpoint_digest_start(&self.seen, config->key);
    if (csv_reader_open(&from, config->input, &options, err) != SR_OK ||
        find_columns(&self, from, err) != SR_OK || start_pool(&self, err) != SR_OK ||
        read_rows(&self, from, err) != SR_OK || finish_parts(&self, err) != SR_OK)
    {
        items_clear(out);
        return SR_FAIL;
    }
    checkpoint_digest_finish(&out->input, &self.seen, config->key);
    return SR_OK;
}
