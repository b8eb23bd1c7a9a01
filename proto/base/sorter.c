#include <string.h>

#include "bytes.h"
#include "file.h"
#include "sort.h"

enum
{
    PAGE = 4096,
};

/* Sorted records on disk, and those of them that are in memory. */
typedef struct
{
    uint64_t offset; /* of the next byte on disk */
    uint64_t left;   /* records on disk from there on */
    uint8_t *room;   /* borrowed from the sorter */
    uint64_t at;     /* record in `room` that is next */
    uint64_t held;
} run;

struct sr_sorter
{
    size_t size;
    uint8_t *memory;
    uint64_t most; /* records that fit there */
    uint64_t count;
    char *folder;
    int fd;
    uint64_t end; /* bytes on disk */
    run *runs;
    size_t run_count;
    size_t *heap; /* runs that have records, the one with the least first */
    size_t heap_count;
    uint64_t room; /* records of each run's room */
    bool taking;   /* the first record was asked for */
    uint64_t at;   /* without runs: record in memory that is next */
};

sr_sorter *sr_sorter_new(size_t size, uint64_t memory, const char *folder)
{
    sr_sorter *made = sr_alloc(sizeof *made);
    made->size = size;
    made->most = memory / size < PAGE ? PAGE : memory / size;
    made->memory = sr_array(made->most, size);
    made->folder = sr_text_copy(folder);
    made->fd = -1;
    return made;
}

void sr_sorter_free(sr_sorter *self)
{
    if (self == NULL)
        return;
    sr_fd_clear(&self->fd);
    sr_free(self->memory);
    sr_free(self->folder);
    sr_free(self->runs);
    sr_free(self->heap);
    sr_free(self);
}

void sr_sorter_clear(sr_sorter **self)
{
    sr_sorter_free(*self);
    *self = NULL;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static sr_result write_run(sr_sorter *self, sr_err *err)
{
    uint64_t bytes = self->count * self->size;
    sr_sort(self->memory, self->size, self->count);
    if ((self->fd < 0 && sr_scratch_open(&self->fd, self->folder, err) != SR_OK) ||
        sr_fd_write_at(self->fd, self->end, sr_slice_of(self->memory, bytes), err) != SR_OK)
        return sr_fail_in(err, "scratch file of a sort");
    self->runs =
        sr_array_grow(self->runs, self->run_count, self->run_count + 1, sizeof *self->runs);
    self->runs[self->run_count++] = (run){.offset = self->end, .left = self->count};
    self->end += bytes;
    self->count = 0;
    return SR_OK;
}

sr_result sr_sorter_add(sr_sorter *self, const void *records, uint64_t count, sr_err *err)
{
    const uint8_t *from = records;
    while (count > 0)
    {
        uint64_t free_records = self->most - self->count;
        uint64_t some = count < free_records ? count : free_records;
        sr_copy(self->memory + self->count * self->size, from, some * self->size);
        self->count += some;
        from += some * self->size;
        count -= some;
        if (self->count == self->most && write_run(self, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- merging: a binary heap of runs ---------------------------------------------------------- */

static const uint8_t *top(const sr_sorter *self, size_t place)
{
    const run *one = &self->runs[self->heap[place]];
    return one->room + one->at * self->size;
}

static void sink_down(sr_sorter *self, size_t place)
{
    for (;;)
    {
        size_t least = place;
        for (size_t child = 2 * place + 1; child <= 2 * place + 2 && child < self->heap_count;
             child++)
            if (memcmp(top(self, child), top(self, least), self->size) < 0)
                least = child;
        if (least == place)
            return;
        size_t kept = self->heap[place];
        self->heap[place] = self->heap[least];
        self->heap[least] = kept;
        place = least;
    }
}

/* Fills a run's room; held 0 afterwards means that it is at its end. */
static sr_result refill(sr_sorter *self, run *one, sr_err *err)
{
    uint64_t some = one->left < self->room ? one->left : self->room;
    one->at = 0;
    one->held = some;
    if (some > 0 &&
        sr_fd_read_at(self->fd, one->offset, one->room, some * self->size, err) != SR_OK)
        return sr_fail_in(err, "scratch file of a sort");
    one->offset += some * self->size;
    one->left -= some;
    return SR_OK;
}

/* The memory becomes the rooms of the runs. */
static sr_result begin_merge(sr_sorter *self, sr_err *err)
{
    if (self->count > 0 && write_run(self, err) != SR_OK)
        return SR_FAIL;
    self->room = self->most / self->run_count;
    if (self->room * self->size < PAGE)
    {
        self->room = PAGE / self->size;
        sr_free(self->memory);
        self->memory = sr_array(self->room * self->run_count, self->size);
    }
    self->heap = sr_array(self->run_count, sizeof *self->heap);
    for (size_t i = 0; i < self->run_count; i++)
    {
        self->runs[i].room = self->memory + i * self->room * self->size;
        if (refill(self, &self->runs[i], err) != SR_OK)
            return SR_FAIL;
        self->heap[self->heap_count++] = i;
    }
    for (size_t i = self->heap_count / 2; i-- > 0;)
        sink_down(self, i);
    return SR_OK;
}

static sr_result begin_taking(sr_sorter *self, sr_err *err)
{
    self->taking = true;
    if (self->run_count > 0)
        return begin_merge(self, err);
    sr_sort(self->memory, self->size, self->count);
    return SR_OK;
}

static sr_result take_least(sr_sorter *self, uint8_t *record, sr_err *err)
{
    run *one = &self->runs[self->heap[0]];
    sr_copy(record, top(self, 0), self->size);
    if (++one->at == one->held && refill(self, one, err) != SR_OK)
        return SR_FAIL;
    if (one->held == 0)
        self->heap[0] = self->heap[--self->heap_count];
    sink_down(self, 0);
    return SR_OK;
}

sr_result sr_sorter_next(sr_sorter *self, void *records, uint64_t most, uint64_t *got, sr_err *err)
{
    uint8_t *to = records;
    *got = 0;
    if (!self->taking && begin_taking(self, err) != SR_OK)
        return SR_FAIL;
    if (self->run_count == 0)
    {
        uint64_t left = self->count - self->at;
        *got = most < left ? most : left;
        sr_copy(to, self->memory + self->at * self->size, *got * self->size);
        self->at += *got;
        return SR_OK;
    }
    for (; *got < most && self->heap_count > 0; (*got)++)
        if (take_least(self, to + *got * self->size, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}
