/* Matching against plain sets, in one bucket and in many. */
#include "server/overlap/match.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

enum
{
    POINT = 32,
    MEMBERS = 5,
    UNIVERSE = 3000,
    LABELS = 3,
};

static char folder[64];
static const digest_value hash = {{1, 2, 3}};

/* Where each item of the universe stands: 0 nowhere, else 1 + label. */
typedef uint8_t world[MEMBERS][UNIVERSE];

/* A point that stands for an item. */
static void point_of(uint8_t out[POINT], unsigned item)
{
    digest_value sum = digest_of(sr_slice_of(&item, sizeof item));
    sr_copy(out, sum.bytes, POINT);
}

static char *path_of(size_t member, size_t label)
{
    return sr_text_printf("%s/%zu.%zu", folder, member, label);
}

/* Writes the items of one label of a member; gives how many. */
static uint64_t write_part(world where, size_t member, size_t label, bool twice)
{
    sr_err err = SR_ERR_INIT;
    uint64_t points = 0;
    SR_TEXT(path);
    SR_OUT(out);
    path = path_of(member, label);
    check_ok(sr_out_open(&out, path, true, &err), &err);
    for (unsigned item = 0; item < UNIVERSE; item++)
    {
        uint8_t point[POINT];
        point_of(point, item);
        for (int i = 0; where[member][item] == label + 1 && i < (twice ? 2 : 1); i++, points++)
            check_ok(sr_out_write(out, sr_slice_of(point, POINT), &err), &err);
    }
    check_ok(sr_out_commit(out, &err), &err);
    return points;
}

static uint64_t count_plainly(world where, size_t members, const uint8_t *places)
{
    uint64_t count = 0;
    for (unsigned item = 0; item < UNIVERSE; item++)
    {
        bool same = true;
        for (size_t i = 0; i < members; i++)
            same = same && where[i][item] == places[i];
        count += same ? 1 : 0;
    }
    return count;
}

/* Items that two members or more have. */
static uint64_t shared(world where, size_t members)
{
    uint64_t count = 0;
    for (unsigned item = 0; item < UNIVERSE; item++)
    {
        size_t holders = 0;
        for (size_t i = 0; i < members; i++)
            holders += where[i][item] != 0 ? 1 : 0;
        count += holders > 1 ? 1 : 0;
    }
    return count;
}

static sr_result match(overlap_counts *counts, world where, size_t members, uint64_t memory,
                       bool twice, sr_err *err)
{
    match_part parts[MEMBERS * LABELS] = {{.path = NULL}};
    char *paths[MEMBERS * LABELS];
    size_t count = 0;
    for (size_t i = 0; i < members; i++)
        for (size_t k = 0; k < LABELS; k++, count++)
        {
            paths[count] = path_of(i, k);
            parts[count] = (match_part){paths[count], i, k, write_part(where, i, k, twice)};
        }
    match_config config = {
        .manifest_hash = &hash, .point_size = POINT, .scratch = folder, .memory = memory};
    counts->member_count = members;
    sr_result result = match_parts(counts, &config, parts, count, err);
    for (size_t i = 0; i < count; i++)
        sr_free(paths[i]);
    return result;
}

static void check_world(world where, size_t members, uint64_t memory)
{
    sr_err err = SR_ERR_INIT;
    uint64_t all = 0;
    OVERLAP_COUNTS(counts);
    check_ok(match(&counts, where, members, memory, false, &err), &err);
    for (size_t i = 0; i < counts.region_count; i++)
    {
        const overlap_region *region = &counts.regions[i];
        check_int(region->items, count_plainly(where, members, region->places));
        check(region->items > 0);
        all += region->items;
        if (i > 0)
            check(memcmp(counts.regions[i - 1].places, region->places, sizeof region->places) < 0);
    }
    check_int(all, shared(where, members));
}

static void fill(world where, unsigned *seed, unsigned percent)
{
    for (size_t i = 0; i < MEMBERS; i++)
        for (unsigned item = 0; item < UNIVERSE; item++)
            where[i][item] = (uint8_t)((unsigned)rand_r(seed) % 100 < percent
                                           ? 1 + (unsigned)rand_r(seed) % LABELS
                                           : 0);
}

static void random_sets_are_counted_as_plain_ones(void **state)
{
    (void)state;
    static world where;
    unsigned seed = 20261124;
    for (unsigned round = 0; round < 12; round++)
    {
        fill(where, &seed, 10 * round % 101);
        check_world(where, 2 + round % 4, round % 2 == 0 ? MATCH_MEMORY_LEAST : 1 << 28);
    }
}

static void empty_equal_and_disjoint_sets_are_counted(void **state)
{
    (void)state;
    static world where;
    memset(where, 0, sizeof where);
    check_world(where, 2, MATCH_MEMORY_LEAST);
    memset(where, 1, sizeof where);
    check_world(where, 3, MATCH_MEMORY_LEAST);
    for (unsigned item = 0; item < UNIVERSE; item++)
    {
        where[0][item] = item % 2;
        where[1][item] = 1 - item % 2;
    }
    check_world(where, 2, MATCH_MEMORY_LEAST);
}

static void many_buckets_count_the_same(void **state)
{
    (void)state;
    static world where;
    unsigned seed = 7;
    fill(where, &seed, 60);
    check_world(where, MEMBERS, 1000);
}

static void a_point_that_one_member_brings_twice_ends_it(void **state)
{
    (void)state;
    static world where;
    sr_err err = SR_ERR_INIT;
    OVERLAP_COUNTS(counts);
    memset(where, 0, sizeof where);
    where[0][5] = 1;
    check_fails(match(&counts, where, 2, MATCH_MEMORY_LEAST, true, &err), &err, SR_E_INVALID);
}

static void a_file_of_another_length_is_damaged(void **state)
{
    (void)state;
    static world where;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(path);
    OVERLAP_COUNTS(counts);
    memset(where, 1, sizeof where);
    uint64_t points = write_part(where, 0, 0, false);
    path = path_of(0, 0);
    match_config config = {
        .manifest_hash = &hash, .point_size = POINT, .scratch = folder, .memory = 1 << 20};
    counts.member_count = 2;
    match_part part = {path, 0, 0, points + 1};
    check_fails(match_parts(&counts, &config, &part, 1, &err), &err, SR_E_CORRUPT);
    sr_err_reset(&err);
    part.points = points;
    check_int(truncate(path, (off_t)points * POINT - 1), 0);
    check_fails(match_parts(&counts, &config, &part, 1, &err), &err, SR_E_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets_are_counted_as_plain_ones),
        cmocka_unit_test(empty_equal_and_disjoint_sets_are_counted),
        cmocka_unit_test(many_buckets_count_the_same),
        cmocka_unit_test(a_point_that_one_member_brings_twice_ends_it),
        cmocka_unit_test(a_file_of_another_length_is_damaged),
    };
    sr_err err = SR_ERR_INIT;
    strcpy(folder, "/tmp/match-test-XXXXXX");
    check(mkdtemp(folder) != NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    check_ok(sr_folder_remove(folder, &err), &err);
    return failed;
}
