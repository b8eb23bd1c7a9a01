#include "list_file.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"

#define MAGIC "SEALROOM-OVERLAP-LIST-V2"

enum
{
    MAGIC_SIZE = sizeof MAGIC - 1,
};

typedef struct
{
    char label[ROWS_LABEL_SIZE];
    uint64_t items;
    uint64_t count;
    digest_value digest;
} part_facts;

typedef struct
{
    uint64_t parts;
    uint64_t point_size;
    char magic[MAGIC_SIZE];
} ending;

/* They are written as they are in memory. */
static_assert(sizeof(part_facts) == ROWS_LABEL_SIZE + 16 + DIGEST_SIZE, "no padding");
static_assert(sizeof(ending) == 16 + MAGIC_SIZE, "no padding");

/* ---- writing --------------------------------------------------------------------------------- */

struct list_writer
{
    sr_out *out;
    size_t point_size;
    part_facts parts[MANIFEST_SEGMENTS_MOST];
    size_t part_count;
    digest running; /* of the last part */
};

sr_result list_writer_open(list_writer **out, const char *path, size_t point_size, sr_err *err)
{
    LIST_WRITER(made);
    *out = NULL;
    made = sr_alloc(sizeof *made);
    made->point_size = point_size;
    if (sr_out_open(&made->out, path, true, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = NULL;
    return SR_OK;
}

void list_writer_free(list_writer *self)
{
    if (self == NULL)
        return;
    sr_out_clear(&self->out);
    sr_free(self);
}

void list_writer_clear(list_writer **self)
{
    list_writer_free(*self);
    *self = NULL;
}

static void end_part(list_writer *self)
{
    if (self->part_count > 0)
        digest_finish(&self->parts[self->part_count - 1].digest, &self->running);
}

void list_writer_part(list_writer *self, const char *label, uint64_t items)
{
    assert(self->part_count < MANIFEST_SEGMENTS_MOST);
    end_part(self);
    part_facts *part = &self->parts[self->part_count++];
    bool fits = sr_text_put(part->label, sizeof part->label, label);
    assert(fits);
    (void)fits;
    part->items = items;
    digest_init(&self->running);
}

sr_result list_writer_add(list_writer *self, const uint8_t *points, uint64_t count, sr_err *err)
{
    assert(self->part_count > 0);
    sr_slice bytes = sr_slice_of(points, count * self->point_size);
    self->parts[self->part_count - 1].count += count;
    digest_add(&self->running, bytes);
    return sr_out_write(self->out, bytes, err);
}

sr_result list_writer_commit(list_writer *self, sr_err *err)
{
    ending last = {.parts = self->part_count, .point_size = self->point_size};
    sr_copy(last.magic, MAGIC, MAGIC_SIZE);
    end_part(self);
    if (sr_out_write(self->out, sr_slice_of(self->parts, self->part_count * sizeof *self->parts),
                     err) != SR_OK ||
        sr_out_write(self->out, sr_slice_of(&last, sizeof last), err) != SR_OK)
        return SR_FAIL;
    return sr_out_commit(self->out, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

static sr_result fail_damaged(sr_err *err)
{
    return sr_fail(err, SR_E_CORRUPT,
                   "the kept list of an overlap session is damaged, or of an older version of "
                   "this program: the session cannot go on; cancel it and open a new one");
}

/* Each fact is bounded before it is used; what lies before the facts must be exactly the points. */
static sr_result take_parts(list_file *out, const part_facts *facts, uint64_t count,
                            uint64_t points_size, size_t point_size, sr_err *err)
{
    uint64_t offset = 0;
    for (uint64_t i = 0; i < count; i++)
    {
        const part_facts *from = &facts[i];
        if (from->count == 0 || from->count > MANIFEST_POINTS_MOST || from->items > from->count ||
            from->label[ROWS_LABEL_SIZE - 1] != '\0')
            return fail_damaged(err);
        list_part *part = &out->parts[out->part_count++];
        *part = (list_part){
            .items = from->items, .count = from->count, .offset = offset, .digest = from->digest};
        sr_copy(part->label, from->label, sizeof part->label);
        offset += from->count * point_size;
    }
    return offset == points_size ? SR_OK : fail_damaged(err);
}

static sr_result read_facts(list_file *out, uint64_t left, size_t point_size, sr_err *err)
{
    ending last;
    part_facts facts[MANIFEST_SEGMENTS_MOST];
    if (left < sizeof last)
        return fail_damaged(err);
    left -= sizeof last;
    if (sr_fd_read_at(out->fd, left, &last, sizeof last, err) != SR_OK)
        return SR_FAIL;
    if (memcmp(last.magic, MAGIC, MAGIC_SIZE) != 0 || last.point_size != point_size ||
        last.parts == 0 || last.parts > MANIFEST_SEGMENTS_MOST || last.parts * sizeof *facts > left)
        return fail_damaged(err);
    left -= last.parts * sizeof *facts;
    if (sr_fd_read_at(out->fd, left, facts, last.parts * sizeof *facts, err) != SR_OK)
        return SR_FAIL;
    return take_parts(out, facts, last.parts, left, point_size, err);
}

sr_result list_file_open(list_file *out, const char *path, size_t point_size, sr_err *err)
{
    uint64_t size = 0;
    *out = (list_file){.fd = -1};
    if (sr_fd_open(&out->fd, &size, path, err) == SR_OK &&
        read_facts(out, size, point_size, err) == SR_OK)
        return SR_OK;
    list_file_clear(out);
    return SR_FAIL;
}

void list_file_clear(list_file *self)
{
    sr_fd_clear(&self->fd);
    *self = (list_file){.fd = -1};
}
