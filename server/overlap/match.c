#include "match.h"

#include <string.h>

#include "base/file.h"
#include "base/sort.h"
#include "crypto/psi.h"

enum
{
    READ_POINTS = 4096,
    BUCKETS_MOST = 256,
    BUFFER_RECORDS = 1024, /* of each bucket, before they go to disk */
};

/* A tag and whose it is. */
typedef struct
{
    uint8_t tag[PSI_TAG_SIZE];
    uint16_t member;
    uint16_t label;
} record;

typedef struct
{
    int fd;
    record *waiting;
    size_t waiting_count;
    uint64_t count; /* on disk */
} bucket;

typedef struct
{
    overlap_counts *counts;
    const match_config *config;
    digest start; /* has seen what stands before the point */
    bucket *buckets;
    size_t bucket_count; /* a power of two */
} matching;

static void matching_clear(matching *self)
{
    for (size_t i = 0; i < self->bucket_count; i++)
    {
        sr_fd_clear(&self->buckets[i].fd);
        sr_free(self->buckets[i].waiting);
    }
    sr_free(self->buckets);
}

/* ---- counts ---------------------------------------------------------------------------------- */

void overlap_counts_clear(overlap_counts *counts)
{
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
    {
        sr_free(counts->members[i].labels);
        sr_free(counts->members[i].items);
    }
    sr_free(counts->regions);
    *counts = (overlap_counts){.region_count = 0};
}

uint64_t overlap_size(const overlap_counts *counts, size_t member)
{
    const overlap_sizes *sizes = &counts->members[member];
    uint64_t all = 0;
    for (size_t i = 0; i < sizes->label_count; i++)
        all += sizes->items[i];
    return all;
}

/* ---- into buckets ---------------------------------------------------------------------------- */

static sr_result flush(bucket *self, sr_err *err)
{
    size_t size = self->waiting_count * sizeof(record);
    if (size == 0)
        return SR_OK;
    if (sr_fd_write_at(self->fd, self->count * sizeof(record), sr_slice_of(self->waiting, size),
                       err) != SR_OK)
        return sr_fail_in(err, "scratch file of an overlap session");
    self->count += self->waiting_count;
    self->waiting_count = 0;
    return SR_OK;
}

static size_t bucket_of(const matching *self, const uint8_t *tag)
{
    return ((size_t)tag[0] << 8 | tag[1]) & (self->bucket_count - 1);
}

static sr_result put_point(matching *self, const match_part *part, const uint8_t *point,
                           sr_err *err)
{
    digest_value sum;
    digest_from(&sum, &self->start, sr_slice_of(point, self->config->point_size));
    bucket *into = &self->buckets[bucket_of(self, sum.bytes)];
    record *next = &into->waiting[into->waiting_count++];
    sr_copy(next->tag, sum.bytes, sizeof next->tag);
    next->member = (uint16_t)part->member;
    next->label = (uint16_t)part->label;
    return into->waiting_count == BUFFER_RECORDS ? flush(into, err) : SR_OK;
}

static sr_result fail_length(sr_err *err)
{
    return sr_fail(err, SR_E_CORRUPT, "a stored list of an overlap session is damaged");
}

static sr_result put_part(matching *self, const match_part *part, sr_err *err)
{
    size_t size = self->config->point_size;
    uint8_t buffer[READ_POINTS * 64];
    uint64_t points = 0;
    SR_IN(in);
    if (sr_in_open(&in, part->path, err) != SR_OK)
        return SR_FAIL;
    for (;;)
    {
        size_t got = 0;
        if (sr_in_read(in, buffer, READ_POINTS * size, &got, err) != SR_OK)
            return SR_FAIL;
        if (got % size != 0)
            return fail_length(err);
        for (size_t i = 0; i < got; i += size)
            if (put_point(self, part, buffer + i, err) != SR_OK)
                return SR_FAIL;
        points += got / size;
        if (got == 0)
            break;
    }
    return points == part->points ? SR_OK : fail_length(err);
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Regions are few: labels of one member times those of another. Found by halving, put in by moving. */
static void count_region(overlap_counts *counts, const overlap_region *found)
{
    size_t low = 0;
    size_t high = counts->region_count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(counts->regions[middle].places, found->places, sizeof found->places);
        if (order == 0)
        {
            counts->regions[middle].items++;
            return;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t count = counts->region_count;
    counts->regions = sr_array_grow(counts->regions, count, count + 1, sizeof *counts->regions);
    for (size_t i = count; i > low; i--)
        counts->regions[i] = counts->regions[i - 1];
    counts->regions[low] = *found;
    counts->regions[low].items = 1;
    counts->region_count++;
}

/* The records of one tag. */
static sr_result count_tag(matching *self, const record *records, size_t count, sr_err *err)
{
    overlap_region region = {.items = 0};
    for (size_t i = 0; i < count; i++)
    {
        uint8_t *place = &region.places[records[i].member];
        if (*place != 0)
            return sr_fail(err, SR_E_INVALID,
                           "points of one list that were different came out equal: the list was "
                           "not made as the protocol says, and the session ends");
        *place = (uint8_t)(records[i].label + 1);
    }
    if (count > 1)
        count_region(self->counts, &region);
    return SR_OK;
}

static sr_result count_sorted(matching *self, const record *records, size_t count, sr_err *err)
{
    for (size_t from = 0; from < count;)
    {
        size_t end = from + 1;
        while (end < count && memcmp(records[from].tag, records[end].tag, PSI_TAG_SIZE) == 0)
            end++;
        if (count_tag(self, records + from, end - from, err) != SR_OK)
            return SR_FAIL;
        from = end;
    }
    return SR_OK;
}

static sr_result count_bucket(matching *self, bucket *from, sr_err *err)
{
    if (flush(from, err) != SR_OK)
        return SR_FAIL;
    record *records = sr_array(from->count, sizeof *records);
    sr_result result = sr_fd_read_at(from->fd, 0, records, from->count * sizeof *records, err);
    if (result == SR_OK)
    {
        sr_sort(records, sizeof *records, from->count); /* by tag, which comes first */
        result = count_sorted(self, records, from->count, err);
    }
    sr_free(records);
    return result;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* As few as let one bucket's records fit into half of the memory. */
static size_t buckets_for(uint64_t points, uint64_t memory)
{
    size_t count = 1;
    while (count < BUCKETS_MOST && points / count * sizeof(record) > memory / 2)
        count *= 2;
    return count;
}

static sr_result matching_init(matching *self, const match_part *parts, size_t count, sr_err *err)
{
    uint64_t points = 0;
    for (size_t i = 0; i < count; i++)
        points += parts[i].points;
    self->bucket_count = buckets_for(points, self->config->memory);
    self->buckets = sr_array(self->bucket_count, sizeof *self->buckets);
    for (size_t i = 0; i < self->bucket_count; i++)
        self->buckets[i].fd = -1;
    for (size_t i = 0; i < self->bucket_count; i++)
    {
        self->buckets[i].waiting = sr_array(BUFFER_RECORDS, sizeof(record));
        if (sr_scratch_open(&self->buckets[i].fd, self->config->scratch, err) != SR_OK)
            return SR_FAIL;
    }
    psi_tag_start(&self->start, self->config->manifest_hash);
    return SR_OK;
}

sr_result match_parts(overlap_counts *counts, const match_config *config, const match_part *parts,
                      size_t count, sr_err *err)
{
    matching self SR_CLEANUP(matching_clear) = {.counts = counts, .config = config};
    if (matching_init(&self, parts, count, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
        if (put_part(&self, &parts[i], err) != SR_OK)
            return SR_FAIL;
    for (size_t i = 0; i < self.bucket_count; i++)
    {
        if (count_bucket(&self, &self.buckets[i], err) != SR_OK)
            return SR_FAIL;
        sr_fd_clear(&self.buckets[i].fd);
    }
    return SR_OK;
}
