#include "client/overlap/list_file.h"

#include "overlap_place.h"

enum
{
    SIZE = 32,
};

static void write_list(const place *at)
{
    LIST_WRITER(to);
    sr_err err = SR_ERR_INIT;
    uint8_t points[5 * SIZE] = {0};
    for (size_t i = 0; i < 5; i++)
        points[i * SIZE] = (uint8_t)(i + 1);
    check_ok(list_writer_open(&to, at->list, SIZE, &err), &err);
    list_writer_part(to, "gold", 2);
    check_ok(list_writer_add(to, points, 1, &err), &err);
    check_ok(list_writer_add(to, points + SIZE, 2, &err), &err);
    list_writer_part(to, "silver", 2);
    check_ok(list_writer_add(to, points + 3 * SIZE, 2, &err), &err);
    check(!sr_file_exists(at->list));
    check_ok(list_writer_commit(to, &err), &err);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    PLACE(at);
    LIST_FILE(list);
    sr_err err = SR_ERR_INIT;
    uint8_t points[2 * SIZE];
    write_list(&at);
    check_ok(list_file_open(&list, at.list, SIZE, &err), &err);
    check_int(list.part_count, 2);
    check_text(list.parts[0].label, "gold");
    check_int(list.parts[0].items, 2);
    check_int(list.parts[0].count, 3);
    check_text(list.parts[1].label, "silver");
    check_int(list.parts[1].count, 2);
    check_int(list.parts[1].offset, 3 * SIZE);
    check_ok(sr_fd_read_at(list.fd, list.parts[1].offset, points, sizeof points, &err), &err);
    check_int(points[0], 4);
    digest_value sum = digest_of(sr_slice_of(points, sizeof points));
    assert_memory_equal(sum.bytes, list.parts[1].digest.bytes, DIGEST_SIZE);
}

static void check_refused(const place *at, sr_slice bytes, size_t size)
{
    LIST_FILE(list);
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(at->list, bytes, 0600, true, &err), &err);
    check_fails(list_file_open(&list, at->list, size, &err), &err, SR_E_CORRUPT);
    check_error_says(&err, "older version");
    check_int(list.fd, -1);
    check_int(list.part_count, 0);
}

static void a_file_of_another_shape_is_refused(void **state)
{
    (void)state;
    PLACE(at);
    SR_BUF(bytes, 4096);
    SR_BUF(old, 4096);
    sr_err err = SR_ERR_INIT;
    write_list(&at);
    check_ok(sr_file_read(&bytes, at.list, &err), &err);
    sr_slice all = sr_buf_view(&bytes);
    for (size_t len = 0; len < all.len; len += 19)
        check_refused(&at, sr_slice_of(all.data, len), SIZE);
    check_refused(&at, sr_slice_of(all.data + 1, all.len - 1), SIZE);
    check_refused(&at, all, SIZE + 1);
    /* Version 1: of each part label, items and points, and the points right behind. */
    uint8_t head[ROWS_LABEL_SIZE + 16] = {0};
    head[ROWS_LABEL_SIZE] = head[ROWS_LABEL_SIZE + 8] = 5;
    check_ok(sr_buf_append(&old, sr_slice_of(head, sizeof head), &err), &err);
    check_ok(sr_buf_append(&old, sr_slice_of(all.data, 5 * SIZE), &err), &err);
    check_refused(&at, sr_buf_view(&old), SIZE);
}

static void facts_beyond_every_limit_are_refused(void **state)
{
    (void)state;
    PLACE(at);
    SR_BUF(bytes, 4096);
    sr_err err = SR_ERR_INIT;
    write_list(&at);
    check_ok(sr_file_read(&bytes, at.list, &err), &err);
    sr_slice all = sr_buf_view(&bytes);
    uint8_t *changed = sr_alloc(all.len);
    const size_t facts = 5 * SIZE;
    const size_t places[] = {
        facts + ROWS_LABEL_SIZE - 1,                           /* the NUL of a label */
        facts + ROWS_LABEL_SIZE + 7,                           /* items */
        facts + ROWS_LABEL_SIZE + 8 + 7,                       /* points */
        facts + 2 * (ROWS_LABEL_SIZE + 16 + DIGEST_SIZE) + 7,  /* parts */
        facts + 2 * (ROWS_LABEL_SIZE + 16 + DIGEST_SIZE) + 15, /* bytes of a point */
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    {
        sr_copy(changed, all.data, all.len);
        changed[places[i]] = 0xff;
        check_refused(&at, sr_slice_of(changed, all.len), SIZE);
    }
    sr_free(changed);
}

static void a_list_of_nothing_is_refused(void **state)
{
    (void)state;
    PLACE(at);
    SR_BUF(bytes, 4096);
    sr_err err = SR_ERR_INIT;
    for (int parts = 0; parts < 2; parts++)
    {
        LIST_WRITER(to);
        check_ok(list_writer_open(&to, at.list, SIZE, &err), &err);
        if (parts == 1)
            list_writer_part(to, "", 0);
        check_ok(list_writer_commit(to, &err), &err);
        sr_buf_clear(&bytes);
        check_ok(sr_file_read(&bytes, at.list, &err), &err);
        check_refused(&at, sr_buf_view(&bytes), SIZE);
    }
}

static void a_list_that_is_not_finished_leaves_nothing(void **state)
{
    (void)state;
    PLACE(at);
    LIST_FILE(list);
    sr_err err = SR_ERR_INIT;
    const uint8_t point[SIZE] = {1};
    list_writer *to = NULL;
    write_list(&at);
    check_ok(list_writer_open(&to, at.list, SIZE, &err), &err);
    list_writer_part(to, "", 1);
    check_ok(list_writer_add(to, point, 1, &err), &err);
    list_writer_free(to);
    check_ok(list_file_open(&list, at.list, SIZE, &err), &err);
    check_int(list.part_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_file_of_another_shape_is_refused),
        cmocka_unit_test(facts_beyond_every_limit_are_refused),
        cmocka_unit_test(a_list_of_nothing_is_refused),
        cmocka_unit_test(a_list_that_is_not_finished_leaves_nothing),
    };
    check_main(tests);
}
