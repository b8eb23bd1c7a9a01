/* Matching against plain sets, in memory and beyond it. */
#include "server/overlap/match.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "crypto/psi.h"
#include "server/overlap/numbers.h"

enum
{
    POINT = 32,
    MEMBERS = 5,
    UNIVERSE = 3000,
    LABELS = 3,
    PLENTY = 1 << 28, /* of memory */
    LITTLE = 1,       /* so that a sort holds as few records as it can */
};

static char folder[64];
static const digest_value hash = {{1, 2, 3}};

static const char *const names[MEMBERS] = {"a", "b", "c", "d", "e"};

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

static bool is_shared(world where, size_t members, unsigned item)
{
    size_t holders = 0;
    for (size_t i = 0; i < members; i++)
        holders += where[i][item] != 0 ? 1 : 0;
    return holders > 1;
}

/* Items that two members or more have. */
static uint64_t shared(world where, size_t members)
{
    uint64_t count = 0;
    for (unsigned item = 0; item < UNIVERSE; item++)
        count += is_shared(where, members, item) ? 1 : 0;
    return count;
}

/* Of each label, the items that another member has, too. */
static void check_shared(const overlap_counts *counts, world where, size_t labels)
{
    for (size_t i = 0; i < counts->member_count; i++)
        for (size_t k = 0; k < labels; k++)
        {
            uint64_t count = 0;
            for (unsigned item = 0; item < UNIVERSE; item++)
                count += where[i][item] == k + 1 && is_shared(where, counts->member_count, item);
            check_int(counts->members[i].shared[k], count);
        }
}

/* Where matching is done, with so much memory to sort in. */
typedef struct
{
    overlap_job job;
    match_config config;
} place;

static bool is_gone(const void *gone)
{
    return gone != NULL;
}

static void place_init(place *at, uint64_t memory)
{
    at->job = (overlap_job){.work = overlap_work_new(OVERLAP_WORK_AT_ONCE * memory, 1),
                            .is_gone = is_gone};
    at->config = (match_config){
        .manifest_hash = &hash, .point_size = POINT, .scratch = folder, .job = &at->job};
}

static void place_clear(place *at)
{
    overlap_work_free(at->job.work);
}

#define PLACE(name, memory)                                                                        \
    place name SR_CLEANUP(place_clear);                                                            \
    place_init(&name, memory)

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
            parts[count] =
                (match_part){paths[count], i, k, write_part(where, i, k, twice), names[i]};
        }
    PLACE(at, memory);
    counts->member_count = members;
    sr_result result = match_parts(counts, &at.config, parts, count, err);
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
    check_shared(&counts, where, LABELS);
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
        check_world(where, 2 + round % 4, round % 2 == 0 ? LITTLE : PLENTY);
    }
}

static void empty_equal_and_disjoint_sets_are_counted(void **state)
{
    (void)state;
    static world where;
    memset(where, 0, sizeof where);
    check_world(where, 2, PLENTY);
    memset(where, 1, sizeof where);
    check_world(where, 3, PLENTY);
    for (unsigned item = 0; item < UNIVERSE; item++)
    {
        where[0][item] = item % 2;
        where[1][item] = 1 - item % 2;
    }
    check_world(where, 2, PLENTY);
}

static void beyond_memory_they_are_counted_the_same(void **state)
{
    (void)state;
    static world where;
    unsigned seed = 7;
    fill(where, &seed, 60);
    check_world(where, MEMBERS, LITTLE);
}

static void a_point_that_one_member_brings_twice_ends_it(void **state)
{
    (void)state;
    static world where;
    sr_err err = SR_ERR_INIT;
    OVERLAP_COUNTS(counts);
    memset(where, 0, sizeof where);
    where[0][5] = 1;
    check_fails(match(&counts, where, 2, PLENTY, true, &err), &err, SR_E_INVALID);
    check_error_says(&err, "the list of \"a\", or another member's answer to it, has points");
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
    PLACE(at, 1 << 20);
    counts.member_count = 2;
    match_part part = {path, 0, 0, points + 1, names[0]};
    check_fails(match_parts(&counts, &at.config, &part, 1, &err), &err, SR_E_CORRUPT);
    sr_err_reset(&err);
    part.points = points;
    check_int(truncate(path, (off_t)points * POINT - 1), 0);
    check_fails(match_parts(&counts, &at.config, &part, 1, &err), &err, SR_E_CORRUPT);
}

/* ---- what members can make of it ------------------------------------------------------------- */

enum
{
    CROWD = 4,
    CROWD_LABELS = 64,
};

static bool is_region(world where, const number *one, unsigned item)
{
    bool same = true;
    for (size_t i = 0; i < CROWD; i++)
        same = same && (where[i][item] != 0) == number_has(one, i);
    return same;
}

/* What release makes of them: who has an item, whatever its label. */
static void check_numbers(overlap_counts *counts, world where)
{
    sr_err err = SR_ERR_INIT;
    NUMBERS(made);
    for (size_t i = 0; i < CROWD; i++)
    {
        counts->members[i].labels = sr_array(CROWD_LABELS, OVERLAP_LABEL_SIZE);
        counts->members[i].items = sr_array(CROWD_LABELS, sizeof(uint64_t));
        counts->members[i].label_count = CROWD_LABELS;
        for (unsigned item = 0; item < UNIVERSE; item++)
            if (where[i][item] != 0)
                counts->members[i].items[where[i][item] - 1]++;
    }
    check_ok(numbers_make(&made, counts, &err), &err);
    size_t regions = 0;
    for (size_t n = 0; n < made.count; n++)
        if (made.list[n].kind == NUMBER_REGION)
        {
            uint64_t count = 0;
            for (unsigned item = 0; item < UNIVERSE; item++)
                count += is_region(where, &made.list[n], item) ? 1 : 0;
            check_int(made.list[n].value, count);
            regions++;
        }
    check_int(regions, 15);
}

/* Every member has 64 labels: 17,850,624 combinations. */
static void so_many_labels_that_nobody_tells_them_apart_are_counted_without(void **state)
{
    (void)state;
    static world where;
    static match_part parts[CROWD * CROWD_LABELS];
    static char *paths[CROWD * CROWD_LABELS];
    sr_err err = SR_ERR_INIT;
    unsigned seed = 64;
    uint64_t all = 0;
    OVERLAP_COUNTS(counts);
    for (size_t i = 0; i < CROWD; i++)
        for (unsigned item = 0; item < UNIVERSE; item++)
            where[i][item] =
                (uint8_t)(rand_r(&seed) % 3 == 0 ? 0 : 1 + rand_r(&seed) % CROWD_LABELS);
    for (size_t i = 0; i < (size_t)CROWD * CROWD_LABELS; i++)
    {
        size_t member = i / CROWD_LABELS;
        size_t label = i % CROWD_LABELS;
        paths[i] = path_of(member, label);
        parts[i] = (match_part){paths[i], member, label, write_part(where, member, label, false),
                                names[member]};
    }
    PLACE(at, PLENTY);
    counts.member_count = CROWD;
    check_ok(match_parts(&counts, &at.config, parts, sizeof parts / sizeof *parts, &err), &err);
    check_shared(&counts, where, CROWD_LABELS);
    check_int(counts.region_count, 11); /* two, three or four of four */
    for (size_t i = 0; i < counts.region_count; i++)
    {
        for (size_t k = 0; k < CROWD; k++)
            check(counts.regions[i].places[k] < 2);
        all += counts.regions[i].items;
    }
    check_int(all, shared(where, CROWD));
    check_numbers(&counts, where);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        sr_free(paths[i]);
}

enum
{
    STEERED = 200000, /* points: 4 MB of records */
    ALIKE = 7,        /* bits that their tags have in common */
    STEERED_MEMORY = 1024 * 1024,
    STEERED_MOST = 3 * 1024 * 1024, /* bytes that matching them may take */
    STEERED_FAILED = 2,
};

/* A sanitizer maps memory of its own, beyond any such bound. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool memory_has_a_bound = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
static const bool memory_has_a_bound = false;
#else
static const bool memory_has_a_bound = true;
#endif
#else
static const bool memory_has_a_bound = true;
#endif

/* Points that a re-blinder chose by their tags. */
static void write_steered(const char *path)
{
    sr_err err = SR_ERR_INIT;
    digest start;
    SR_OUT(out);
    check_ok(sr_out_open(&out, path, true, &err), &err);
    psi_tag_start(&start, &hash);
    for (uint64_t tried = 0, found = 0; found < STEERED; tried++)
    {
        uint8_t point[POINT] = {0};
        digest_value tag;
        sr_copy(point, &tried, sizeof tried);
        digest_from(&tag, &start, sr_slice_of(point, POINT));
        if ((tag.bytes[1] & ALIKE) != 0)
            continue;
        check_ok(sr_out_write(out, sr_slice_of(point, POINT), &err), &err);
        found++;
    }
    check_ok(sr_out_commit(out, &err), &err);
}

/* Of this process, in bytes: what is mapped for data, used or not, so it is the same however busy the machine is. */
static rlim_t data_now(void)
{
    unsigned long pages = 0;
    FILE *sizes = fopen("/proc/self/statm", "r");
    check(sizes != NULL);
    check_int(fscanf(sizes, "%*u %*u %*u %*u %*u %lu", &pages), 1);
    fclose(sizes);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* In the child: exit status 0. With more than STEERED_MOST besides what is there it would be out of memory, and aborted. */
static int match_steered(const char *path)
{
    sr_err err = SR_ERR_INIT;
    OVERLAP_COUNTS(counts);
    match_part part = {path, 0, 0, STEERED, names[0]};
    PLACE(at, STEERED_MEMORY);
    counts.member_count = 2;
    rlim_t most = data_now() + STEERED_MOST;
    const struct rlimit limit = {.rlim_cur = most, .rlim_max = most};
    if (memory_has_a_bound && setrlimit(RLIMIT_DATA, &limit) != 0)
        return STEERED_FAILED;
    return match_parts(&counts, &at.config, &part, 1, &err) == SR_OK ? 0 : STEERED_FAILED;
}

static void tags_that_were_chosen_take_no_more_memory(void **state)
{
    (void)state;
    int status = 0;
    SR_TEXT(path);
    path = path_of(0, 0);
    write_steered(path);
    pid_t child = fork();
    if (child == 0)
        _exit(match_steered(path));
    check_int(waitpid(child, &status, 0), child);
    check(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
}

static void what_nobody_waits_for_is_not_counted(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(path);
    OVERLAP_COUNTS(counts);
    world where = {{1, 1}};
    PLACE(at, PLENTY);
    path = path_of(0, 0);
    const match_part part = {path, 0, 0, write_part(where, 0, 0, false), names[0]};
    counts.member_count = 2;
    at.job.context = &at;
    check_fails(match_parts(&counts, &at.config, &part, 1, &err), &err, SR_E_CANCELLED);
    check_int(counts.region_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* first, while there is no freed memory to take from */
        cmocka_unit_test(tags_that_were_chosen_take_no_more_memory),
        cmocka_unit_test(so_many_labels_that_nobody_tells_them_apart_are_counted_without),
        cmocka_unit_test(random_sets_are_counted_as_plain_ones),
        cmocka_unit_test(empty_equal_and_disjoint_sets_are_counted),
        cmocka_unit_test(beyond_memory_they_are_counted_the_same),
        cmocka_unit_test(what_nobody_waits_for_is_not_counted),
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
