/* The server's own multiplications, and which lists stay. */
#include "server/overlap/lists.h"

#include <stdlib.h>

#include "base/sort.h"
#include "check.h"
#include "server/overlap/keeper.h"

enum
{
    POINTS = 10000, /* more than the least memory of a sort holds */
    SIZE = 32,
    PLENTY = 64 * 1024 * 1024,
    HOUR_MS = 60 * 60 * 1000,
};

typedef struct
{
    char folder[64];
    overlap_lists *lists;
    char *from;
    char *to;
} place;

static void place_init(place *at)
{
    sr_err err = SR_ERR_INIT;
    *at = (place){.folder = "/tmp/lists-test-XXXXXX"};
    check(mkdtemp(at->folder) != NULL);
    check_ok(overlap_lists_new(&at->lists, at->folder, &err), &err);
    at->from = sr_path_join(at->folder, "from");
    at->to = sr_path_join(at->folder, "to");
}

static void place_clear(place *at)
{
    sr_err err = SR_ERR_INIT;
    overlap_lists_free(at->lists);
    check_ok(sr_folder_remove(at->folder, &err), &err);
    sr_free(at->from);
    sr_free(at->to);
}

#define PLACE(name)                                                                                \
    place name SR_CLEANUP(place_clear);                                                            \
    place_init(&name)

static void write_points(const char *path, const uint8_t *points, uint64_t count)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(path, sr_slice_of(points, count * SIZE), 0600, true, &err), &err);
}

static uint8_t *make_points(uint64_t count)
{
    uint8_t *points = sr_array(count, SIZE);
    group_random_points(points, GROUP_CURVE25519, count);
    sr_sort(points, SIZE, count);
    return points;
}

static bool is_gone(const void *gone)
{
    return gone != NULL;
}

/* `gone`: not NULL: nobody waits for it. */
static sr_result multiply_for(const void *gone, uint8_t sum[OVERLAP_DIGEST_SIZE], const place *at,
                              const group_scalar *scalar, uint64_t count, uint64_t memory,
                              sr_err *err)
{
    overlap_work *work = overlap_work_new(OVERLAP_WORK_AT_ONCE * memory, 2);
    const overlap_job job = {.work = work, .is_gone = is_gone, .context = gone};
    const overlap_factor by = {scalar, &job};
    sr_result result = overlap_list_multiply(at->lists, at->from, at->to, &by, count, sum, err);
    overlap_work_free(work);
    return result;
}

static sr_result multiply(uint8_t sum[OVERLAP_DIGEST_SIZE], const place *at,
                          const group_scalar *scalar, uint64_t count, uint64_t memory, sr_err *err)
{
    return multiply_for(NULL, sum, at, scalar, count, memory, err);
}

/* What one multiplication and one sort in memory make of the points. */
static void check_products(const place *at, uint8_t *points, const group_scalar *scalar,
                           const uint8_t sum[OVERLAP_DIGEST_SIZE])
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(written, 2 * POINTS * SIZE);
    check_ok(group_mask(points, scalar, points, POINTS, &err), &err);
    sr_sort(points, SIZE, POINTS);
    check_ok(sr_file_read(&written, at->to, &err), &err);
    check_int(sr_buf_view(&written).len, POINTS * SIZE);
    assert_memory_equal(sr_buf_view(&written).data, points, POINTS * SIZE);
    digest_value expected = digest_of(sr_buf_view(&written));
    assert_memory_equal(sum, expected.bytes, OVERLAP_DIGEST_SIZE);
}

static void a_list_is_multiplied_and_sorted_with_much_memory_and_with_little(void **state)
{
    (void)state;
    static const uint64_t memories[] = {PLENTY, 0};
    for (size_t i = 0; i < 2; i++)
    {
        PLACE(at);
        GROUP_SCALAR(scalar);
        sr_err err = SR_ERR_INIT;
        uint8_t sum[OVERLAP_DIGEST_SIZE];
        uint8_t *points = make_points(POINTS);
        group_scalar_random(&scalar, GROUP_CURVE25519);
        write_points(at.from, points, POINTS);
        check_ok(multiply(sum, &at, &scalar, POINTS, memories[i], &err), &err);
        check_products(&at, points, &scalar, sum);
        sr_free(points);
    }
}

static void points_that_come_out_equal_end_it(void **state)
{
    (void)state;
    PLACE(at);
    GROUP_SCALAR(scalar);
    sr_err err = SR_ERR_INIT;
    uint8_t sum[OVERLAP_DIGEST_SIZE];
    uint8_t *points = make_points(2);
    group_scalar_random(&scalar, GROUP_CURVE25519);
    sr_copy(points + SIZE, points, SIZE);
    write_points(at.from, points, 2);
    check_fails(multiply(sum, &at, &scalar, 2, PLENTY, &err), &err, SR_E_INVALID);
    check_error_says(&err, "came out equal");
    check(!sr_file_exists(at.to));
    sr_free(points);
}

static void a_damaged_list_is_not_multiplied(void **state)
{
    (void)state;
    PLACE(at);
    GROUP_SCALAR(scalar);
    uint8_t sum[OVERLAP_DIGEST_SIZE];
    uint8_t *points = make_points(10);
    sr_err short_list = SR_ERR_INIT;
    sr_err long_list = SR_ERR_INIT;
    sr_err no_point = SR_ERR_INIT;
    sr_err gone = SR_ERR_INIT;
    group_scalar_random(&scalar, GROUP_CURVE25519);
    write_points(at.from, points, 10);
    check_fails(multiply(sum, &at, &scalar, 11, 0, &short_list), &short_list, SR_E_CORRUPT);
    check_fails(multiply(sum, &at, &scalar, 9, 0, &long_list), &long_list, SR_E_CORRUPT);
    memset(points + 3 * SIZE, 0xff, SIZE);
    write_points(at.from, points, 10);
    check_fails(multiply(sum, &at, &scalar, 10, 0, &no_point), &no_point, SR_E_CORRUPT);
    check(!sr_file_exists(at.to));
    at.from[0] = '!';
    check_fails(multiply(sum, &at, &scalar, 10, 0, &gone), &gone, SR_E_STATE);
    sr_free(points);
}

static void nothing_failed(const sr_err *why)
{
    fail_msg("the keeper failed: %s", why->text);
}

static void lists_of_no_session_are_gone_when_the_keeper_has_started(void **state)
{
    (void)state;
    PLACE(at);
    CATALOG(rooms);
    SR_TEXT(path);
    SR_TEXT(file);
    SR_TEXT(left);
    overlap_keeper *keeper = NULL;
    sr_err err = SR_ERR_INIT;
    sr_uuid session = sr_uuid_random();
    sr_uuid_text id = sr_uuid_print(&session);
    path = sr_path_join(at.folder, "catalog.sqlite");
    check_ok(catalog_open(&rooms, path, &err), &err);
    check_ok(overlap_lists_path(&left, at.lists, id.text, "part", true, &err), &err);
    check_ok(sr_file_write(left, sr_slice_text("points"), 0600, true, &err), &err);
    file = sr_path_join(overlap_lists_folder(at.lists), "no-session");
    check_ok(sr_file_write(file, sr_slice_text(""), 0600, true, &err), &err);
    check_ok(overlap_keeper_start(&keeper, at.lists, rooms, HOUR_MS, nothing_failed, &err), &err);
    check(!sr_file_exists(left));
    check(sr_file_exists(file));
    overlap_keeper_stop(keeper);
}

static void what_nobody_waits_for_is_not_done(void **state)
{
    (void)state;
    PLACE(at);
    GROUP_SCALAR(scalar);
    sr_err err = SR_ERR_INIT;
    uint8_t sum[OVERLAP_DIGEST_SIZE];
    uint8_t *points = make_points(10);
    group_scalar_random(&scalar, GROUP_CURVE25519);
    write_points(at.from, points, 10);
    check_fails(multiply_for(&at, sum, &at, &scalar, 10, 0, &err), &err, SR_E_CANCELLED);
    check(!sr_file_exists(at.to));
    sr_free(points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_multiplied_and_sorted_with_much_memory_and_with_little),
        cmocka_unit_test(what_nobody_waits_for_is_not_done),
        cmocka_unit_test(points_that_come_out_equal_end_it),
        cmocka_unit_test(a_damaged_list_is_not_multiplied),
        cmocka_unit_test(lists_of_no_session_are_gone_when_the_keeper_has_started),
    };
    check_main(tests);
}
