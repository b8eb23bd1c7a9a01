#include "client/overlap/reblind.h"

#include "base/sort.h"
#include "crypto/psi_list.h"
#include "overlap_place.h"

enum
{
    SIZE = 32,
    POINTS = 10000, /* beyond two runs of a sort with the least memory */
    LEAST_MEMORY = 1,
};

typedef struct
{
    place place;
    uint8_t *points;
    int fd;
    sr_out *out;
    char *answer;
} work;

static void put_points(work *at, uint64_t count)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_fd_write_at(at->fd, 0, sr_slice_of(at->points, count * SIZE), &err), &err);
}

static void work_init(work *at)
{
    sr_err err = SR_ERR_INIT;
    *at = (work){.fd = -1};
    place_init(&at->place);
    at->points = sr_array(POINTS, SIZE);
    at->answer = sr_path_join(at->place.folder, "answer");
    group_random_points(at->points, GROUP_CURVE25519, POINTS);
    sr_sort(at->points, SIZE, POINTS);
    check_ok(sr_scratch_open(&at->fd, at->place.folder, &err), &err);
    put_points(at, POINTS);
    check_ok(sr_out_open(&at->out, at->answer, true, &err), &err);
}

static void work_clear(work *at)
{
    sr_out_clear(&at->out);
    sr_fd_clear(&at->fd);
    sr_free(at->points);
    sr_free(at->answer);
    place_clear(&at->place);
}

#define WORK(name)                                                                                 \
    work name SR_CLEANUP(work_clear);                                                              \
    work_init(&name)

static void a_list_is_judged_whole(void **state)
{
    (void)state;
    WORK(at);
    sr_err err = SR_ERR_INIT;
    digest_value sum;
    check_ok(reblind_judge(&sum, at.fd, POINTS, GROUP_CURVE25519, &err), &err);
    digest_value wanted = digest_of(sr_slice_of(at.points, POINTS * (size_t)SIZE));
    assert_memory_equal(sum.bytes, wanted.bytes, DIGEST_SIZE);
    sr_copy(at.points + 9999 * SIZE, at.points + 9998 * SIZE, SIZE);
    put_points(&at, POINTS);
    check_fails(reblind_judge(&sum, at.fd, POINTS, GROUP_CURVE25519, &err), &err, SR_E_FORMAT);
    check_error_says(&err, "point 10000: a repeat");
    sr_err_reset(&err);
    sr_copy(at.points + 9999 * SIZE, at.points + 5 * SIZE, SIZE);
    put_points(&at, POINTS);
    check_fails(reblind_judge(&sum, at.fd, POINTS, GROUP_CURVE25519, &err), &err, SR_E_FORMAT);
    check_error_says(&err, "point 10000: out of order");
    sr_err_reset(&err);
    check_fails(reblind_judge(&sum, at.fd, POINTS + 1, GROUP_CURVE25519, &err), &err, SR_E_IO);
}

/* More points than a piece; they need not be points to be judged. */
static void order_is_judged_across_pieces(void **state)
{
    (void)state;
    WORK(at);
    sr_err err = SR_ERR_INIT;
    digest_value sum;
    const uint64_t count = 128 * 1024 + 1;
    uint8_t *numbers = sr_array(count, SIZE);
    for (uint64_t i = 0; i < count; i++)
        for (size_t byte = 0; byte < 4; byte++)
            numbers[i * SIZE + byte] = (uint8_t)(i >> (8 * (3 - byte)));
    check_ok(sr_fd_write_at(at.fd, 0, sr_slice_of(numbers, count * SIZE), &err), &err);
    check_ok(reblind_judge(&sum, at.fd, count, GROUP_CURVE25519, &err), &err);
    sr_slice before = sr_slice_of(numbers + (count - 2) * SIZE, SIZE);
    check_ok(sr_fd_write_at(at.fd, (count - 1) * SIZE, before, &err), &err);
    check_fails(reblind_judge(&sum, at.fd, count, GROUP_CURVE25519, &err), &err, SR_E_FORMAT);
    check_error_says(&err, "point 131073: a repeat");
    sr_free(numbers);
}

static reblind_config config_of(const work *at)
{
    return (reblind_config){.scalar = &at->place.scalar,
                            .threads = 2,
                            .memory = LEAST_MEMORY,
                            .folder = at->place.folder};
}

static void products_come_ascending(void **state)
{
    (void)state;
    WORK(at);
    SR_BUF(got, 1024 * 1024);
    sr_err err = SR_ERR_INIT;
    bool met = true;
    reblind_config config = config_of(&at);
    check_ok(reblind_multiply(at.out, &met, &config, at.fd, POINTS, &err), &err);
    check(!met);
    check_ok(sr_out_commit(at.out, &err), &err);
    check_ok(sr_file_read(&got, at.answer, &err), &err);
    check_ok(psi_list_mask(at.points, &at.place.scalar, POINTS, 1, &err), &err);
    sr_sort(at.points, SIZE, POINTS);
    check(sr_slice_equal_var(sr_buf_view(&got), sr_slice_of(at.points, POINTS * (size_t)SIZE)));
}

static void points_that_come_out_equal_are_told(void **state)
{
    (void)state;
    WORK(at);
    sr_err err = SR_ERR_INIT;
    bool met = false;
    reblind_config config = config_of(&at);
    sr_copy(at.points + 77 * SIZE, at.points + 9000 * SIZE, SIZE);
    put_points(&at, POINTS);
    check_fails(reblind_multiply(at.out, &met, &config, at.fd, POINTS, &err), &err, SR_E_INVALID);
    check(met);
}

static void what_is_no_point_is_refused(void **state)
{
    (void)state;
    WORK(at);
    sr_err err = SR_ERR_INIT;
    bool met = false;
    reblind_config config = config_of(&at);
    sr_wipe(at.points, SIZE); /* u = 0, of small order */
    put_points(&at, POINTS);
    check_fails(reblind_multiply(at.out, &met, &config, at.fd, POINTS, &err), &err, SR_E_FORMAT);
    check(!met);
    check_error_says(&err, "the server's list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_judged_whole),
        cmocka_unit_test(order_is_judged_across_pieces),
        cmocka_unit_test(products_come_ascending),
        cmocka_unit_test(points_that_come_out_equal_are_told),
        cmocka_unit_test(what_is_no_point_is_refused),
    };
    check_main(tests);
}
