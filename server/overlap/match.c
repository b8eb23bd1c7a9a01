#include "match.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"
#include "base/sort.h"
#include "crypto/psi.h"
#include "release.h"

enum
{
    PIECE = 4096,              /* points or records at once */
    COMBINATIONS_MOST = 65536, /* of places */
};

/* What release tells apart by segment, and members of the largest session, is counted apart. */
static_assert((int)RELEASE_CELLS_PROVEN < (int)COMBINATIONS_MOST,
              "segments that release tells apart");
static_assert(1 << (int)MANIFEST_MEMBERS_MOST <= (int)COMBINATIONS_MOST, "members of a session");

/* A tag and whose it is; sorted by the tag, which comes first. */
typedef struct
{
    uint8_t tag[PSI_TAG_SIZE];
    uint16_t member;
    uint16_t label;
} record;

static_assert(sizeof(record) == MATCH_POINT_SIZE, "as it says");

typedef struct
{
    overlap_counts *counts;
    const match_config *config;
    const char *owners[MANIFEST_MEMBERS_MOST];
    digest start; /* has seen what stands before the point */
    sr_sorter *records;
    bool by_label;
    size_t places
        [MANIFEST_MEMBERS_MOST]; /* that each member has: nowhere, and each label, or just somewhere */
    uint64_t *items;             /* of each combination of places */
    size_t combinations;
    uint64_t *shared[MANIFEST_MEMBERS_MOST]; /* items of each label that another member has */
    /* The tag whose records are coming, and where it stands: 0: nowhere, else 1 + label. */
    uint8_t tag[PSI_TAG_SIZE];
    uint16_t stands[MANIFEST_MEMBERS_MOST];
    size_t holders; /* members that have it */
} matching;

static void matching_clear(matching *self)
{
    sr_sorter_free(self->records);
    sr_free(self->items);
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
        sr_free(self->shared[i]);
}

/* ---- counts ---------------------------------------------------------------------------------- */

void overlap_counts_clear(overlap_counts *counts)
{
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
    {
        sr_free(counts->members[i].labels);
        sr_free(counts->members[i].items);
        sr_free(counts->members[i].shared);
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

/* ---- tags ------------------------------------------------------------------------------------ */

static sr_result fail_length(sr_err *err)
{
    return sr_fail(err, SR_E_CORRUPT, "a stored list of an overlap session is damaged");
}

static sr_result put_points(matching *self, const match_part *part, const uint8_t *points,
                            size_t count, sr_err *err)
{
    record made[PIECE];
    size_t size = self->config->point_size;
    for (size_t i = 0; i < count; i++)
    {
        digest_value sum;
        digest_from(&sum, &self->start, sr_slice_of(points + i * size, size));
        sr_copy(made[i].tag, sum.bytes, sizeof made[i].tag);
        made[i].member = (uint16_t)part->member;
        made[i].label = (uint16_t)part->label;
    }
    return sr_sorter_add(self->records, made, count, err);
}

static sr_result put_part(matching *self, const match_part *part, sr_err *err)
{
    size_t size = self->config->point_size;
    uint8_t buffer[PIECE * 64];
    uint64_t points = 0;
    SR_IN(in);
    if (sr_in_open(&in, part->path, err) != SR_OK)
        return SR_FAIL;
    for (;;)
    {
        size_t got = 0;
        if (sr_in_read(in, buffer, PIECE * size, &got, err) != SR_OK)
            return SR_FAIL;
        if (got % size != 0)
            return fail_length(err);
        if (got == 0)
            break;
        if (overlap_job_check(self->config->job, err) != SR_OK ||
            put_points(self, part, buffer, got / size, err) != SR_OK)
            return SR_FAIL;
        points += got / size;
    }
    return points == part->points ? SR_OK : fail_length(err);
}

/* ---- counting -------------------------------------------------------------------------------- */

/* All records of the tag have come. Items of one member alone are of no region. */
static void end_tag(matching *self)
{
    size_t combination = 0;
    for (size_t i = 0; self->holders > 1 && i < self->counts->member_count; i++)
    {
        size_t stands = self->stands[i];
        if (stands > 0)
            self->shared[i][stands - 1]++;
        combination = combination * self->places[i] + (self->by_label ? stands : stands > 0);
    }
    self->items[combination] += self->holders > 1 ? 1 : 0;
    memset(self->stands, 0, sizeof self->stands);
    self->holders = 0;
}

static sr_result count_record(matching *self, const record *next, sr_err *err)
{
    if (memcmp(self->tag, next->tag, PSI_TAG_SIZE) != 0)
    {
        end_tag(self);
        sr_copy(self->tag, next->tag, PSI_TAG_SIZE);
    }
    uint16_t *stands = &self->stands[next->member];
    if (*stands != 0)
        return sr_fail(err, SR_E_INVALID,
                       "the list of \"%s\", or another member's answer to it, has points that were "
                       "different and came out equal: the session ends",
                       self->owners[next->member]);
    *stands = (uint16_t)(next->label + 1);
    self->holders++;
    return SR_OK;
}

static sr_result count_all(matching *self, sr_err *err)
{
    record some[PIECE];
    for (;;)
    {
        uint64_t got = 0;
        if (overlap_job_check(self->config->job, err) != SR_OK ||
            sr_sorter_next(self->records, some, PIECE, &got, err) != SR_OK)
            return SR_FAIL;
        for (uint64_t i = 0; i < got; i++)
            if (count_record(self, &some[i], err) != SR_OK)
                return SR_FAIL;
        if (got == 0)
            break;
    }
    end_tag(self);
    sr_sorter_clear(&self->records);
    return SR_OK;
}

/* Combinations are numbered in the order of their places. */
static void read_places(overlap_region *out, const matching *self, size_t combination)
{
    for (size_t i = self->counts->member_count; i-- > 0;)
    {
        out->places[i] = (uint8_t)(combination % self->places[i]);
        combination /= self->places[i];
    }
}

static void give_counts(matching *self)
{
    overlap_counts *counts = self->counts;
    size_t found = 0;
    for (size_t i = 0; i < counts->member_count; i++)
    {
        counts->members[i].shared = self->shared[i];
        self->shared[i] = NULL;
    }
    for (size_t i = 0; i < self->combinations; i++)
        found += self->items[i] > 0 ? 1 : 0;
    counts->regions = sr_array(found, sizeof *counts->regions);
    for (size_t i = 0; i < self->combinations; i++)
        if (self->items[i] > 0)
        {
            overlap_region *region = &counts->regions[counts->region_count++];
            read_places(region, self, i);
            region->items = self->items[i];
        }
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* How many places each member has with labels, and how many combinations that makes: COMBINATIONS_MOST + 1 for more. */
static void count_places(matching *self, const match_part *parts, size_t count)
{
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
        self->places[i] = 1;
    for (size_t i = 0; i < count; i++)
        if (self->places[parts[i].member] < parts[i].label + 2)
            self->places[parts[i].member] = parts[i].label + 2;
    self->combinations = 1;
    for (size_t i = 0; i < self->counts->member_count; i++)
        if (self->combinations <= COMBINATIONS_MOST)
            self->combinations *= self->places[i];
    self->by_label = self->combinations <= COMBINATIONS_MOST;
}

static void matching_init(matching *self, const match_part *parts, size_t count)
{
    uint64_t points = 0;
    count_places(self, parts, count);
    for (size_t i = 0; i < self->counts->member_count; i++)
    {
        self->shared[i] = sr_array(self->places[i], sizeof(uint64_t));
        self->places[i] = self->by_label ? self->places[i] : 2;
    }
    if (!self->by_label)
        self->combinations = (size_t)1 << self->counts->member_count;
    for (size_t i = 0; i < count; i++)
    {
        points += parts[i].points;
        self->owners[parts[i].member] = parts[i].owner;
    }
    uint64_t all = (points + 1) * sizeof(record);
    uint64_t memory = overlap_job_memory(self->config->job);
    self->items = sr_array(self->combinations, sizeof *self->items);
    self->records =
        sr_sorter_new(sizeof(record), all < memory ? all : memory, self->config->scratch);
    psi_tag_start(&self->start, self->config->manifest_hash);
}

sr_result match_parts(overlap_counts *counts, const match_config *config, const match_part *parts,
                      size_t count, sr_err *err)
{
    matching self SR_CLEANUP(matching_clear) = {.counts = counts, .config = config};
    matching_init(&self, parts, count);
    for (size_t i = 0; i < count; i++)
        if (put_part(&self, &parts[i], err) != SR_OK)
            return SR_FAIL;
    if (count_all(&self, err) != SR_OK)
        return SR_FAIL;
    give_counts(&self);
    return SR_OK;
}
