#include "client/overlap/items.h"

#include "client/overlap/list_file.h"
#include "crypto/psi_list.h"
#include "overlap_place.h"

enum
{
    SIZE = 32,
    ROWS = 11000,
    DISTINCT = 10000, /* beyond two runs of a sort with the least memory */
    LEAST_MEMORY = 1,
};

/* Identifier i%DISTINCT, so some are repeats, in segment i%3 of it. */
static void write_input(const place *at, bool segmented)
{
    SR_BUF(text, 1024 * 1024);
    sr_err err = SR_ERR_INIT;
    check_ok(sr_buf_append_text(&text, segmented ? "id,segment\n" : "id\n", &err), &err);
    for (int i = 0; i < ROWS; i++)
    {
        int id = i % DISTINCT;
        if (segmented)
            check_ok(sr_buf_printf(&text, &err, "user%d@x.org,s%d\n", id, id % 3), &err);
        else
            check_ok(sr_buf_printf(&text, &err, "user%d@x.org\n", id), &err);
    }
    check_ok(sr_file_write(at->input, sr_buf_view(&text), 0600, true, &err), &err);
}

static items_config config_of(const place *at, bool segmented)
{
    return (items_config){.rows = rows_of(at, segmented),
                          .domain = &at->domain,
                          .scalar = &at->scalar,
                          .folder = at->folder};
}

static void read_and_keep(items_list *list, sr_buf *file, const place *at,
                          const items_config *config)
{
    sr_err err = SR_ERR_INIT;
    check_ok(items_read(list, config, &err), &err);
    check(!sr_file_exists(at->list));
    check_ok(items_keep(list, at->list, &err), &err);
    check_ok(sr_file_read(file, at->list, &err), &err);
    check_ok(sr_folder_remove(at->list, &err), &err);
}

static void check_same_list(bool segmented)
{
    PLACE(at);
    ITEMS(one);
    ITEMS(other);
    SR_BUF(large, 1024 * 1024);
    SR_BUF(small, 1024 * 1024);
    items_config config = config_of(&at, segmented);
    write_input(&at, segmented);
    read_and_keep(&one, &large, &at, &config);
    config.memory = LEAST_MEMORY;
    read_and_keep(&other, &small, &at, &config);
    check_int(one.rows, ROWS);
    check_int(one.repeats, ROWS - DISTINCT);
    check_int(other.repeats, ROWS - DISTINCT);
    check_int(other.part_count, segmented ? 3 : 1);
    check_int(other.parts[0].items, segmented ? 3334 : DISTINCT);
    assert_memory_equal(one.input.bytes, other.input.bytes, DIGEST_SIZE);
    check(sr_slice_equal_var(sr_buf_view(&large), sr_buf_view(&small)));
}

static void little_memory_gives_the_same_list(void **state)
{
    (void)state;
    check_same_list(false);
}

static void little_memory_gives_the_same_segments(void **state)
{
    (void)state;
    check_same_list(true);
}

static int compare_points(const void *a, const void *b)
{
    return memcmp(a, b, SIZE);
}

/* By the plain way: hash and mask, then qsort. */
static void a_list_is_the_masked_identifiers_ascending(void **state)
{
    (void)state;
    PLACE(at);
    ITEMS(list);
    LIST_FILE(file);
    sr_err err = SR_ERR_INIT;
    uint8_t wanted[3 * SIZE];
    uint8_t found[3 * SIZE];
    const sr_slice ids[] = {sr_slice_text("ann"), sr_slice_text("bob"), sr_slice_text("carl")};
    items_config config = config_of(&at, false);
    write_text(at.input, "id\nBob\nann\nbob\n\"\"\ncarl\n");
    check_ok(items_read(&list, &config, &err), &err);
    check_ok(items_keep(&list, at.list, &err), &err);
    check_ok(list_file_open(&file, at.list, SIZE, &err), &err);
    check_int(file.part_count, 1);
    check_int(file.parts[0].count, 3);
    check_int(list.left_out, 1);
    check_ok(group_hash_and_mask(wanted, &at.scalar, &at.domain, ids, 3, &err), &err);
    qsort(wanted, 3, SIZE, compare_points);
    check_ok(sr_fd_read_at(file.fd, 0, found, sizeof found, &err), &err);
    assert_memory_equal(found, wanted, sizeof wanted);
    digest_value sum = digest_of(sr_slice_of(wanted, sizeof wanted));
    assert_memory_equal(sum.bytes, file.parts[0].digest.bytes, DIGEST_SIZE);
}

/* Whether `point` is in the part. */
static bool has(const uint8_t *points, uint64_t count, const uint8_t *point)
{
    return bsearch(point, points, count, SIZE, compare_points) != NULL;
}

static void padding_fills_each_part_to_its_bucket(void **state)
{
    (void)state;
    PLACE(at);
    ITEMS(list);
    LIST_FILE(file);
    sr_err err = SR_ERR_INIT;
    items_config config = config_of(&at, true);
    config.padded = true;
    config.memory = LEAST_MEMORY;
    write_input(&at, true);
    check_ok(items_read(&list, &config, &err), &err);
    check_ok(items_keep(&list, at.list, &err), &err);
    check_ok(list_file_open(&file, at.list, SIZE, &err), &err);
    for (size_t i = 0; i < 3; i++)
    {
        const list_part *part = &file.parts[i];
        uint8_t *points = sr_array(part->count, SIZE);
        uint8_t *own = sr_array(part->items, SIZE);
        check_int(list.parts[i].count, 5000);
        check_int(part->count, 5000);
        check_int(part->items, i == 0 ? 3334 : 3333);
        check_ok(sr_fd_read_at(file.fd, part->offset, points, part->count * SIZE, &err), &err);
        check_ok(psi_list_check(points, GROUP_CURVE25519, part->count, NULL, 0, &err), &err);
        check_ok(group_check(GROUP_CURVE25519, points, part->count, &err), &err);
        check_ok(sr_fd_read_at(list.parts[i].points, 0, own, part->items * SIZE, &err), &err);
        for (uint64_t k = 0; k < part->items; k++)
            check(has(points, part->count, own + k * SIZE));
        sr_free(points);
        sr_free(own);
    }
}

static void an_identifier_under_two_labels_is_refused(void **state)
{
    (void)state;
    PLACE(at);
    sr_err err = SR_ERR_INIT;
    items_list list;
    items_config config = config_of(&at, true);
    write_text(at.input, "id,segment\nann,x\nbob,y\ncarl,y\nANN,y\n");
    check_fails(items_read(&list, &config, &err), &err, SR_E_INVALID);
    check_error_says(&err, "ids.csv: an identifier stands under two labels");
    check_int(list.part_count, 0);
    check(list.folder == NULL);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    PLACE(at);
    sr_err err = SR_ERR_INIT;
    items_list list;
    items_config config = config_of(&at, false);
    check_fails(items_read(&list, &config, &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "ids.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_the_masked_identifiers_ascending),
        cmocka_unit_test(little_memory_gives_the_same_list),
        cmocka_unit_test(little_memory_gives_the_same_segments),
        cmocka_unit_test(padding_fills_each_part_to_its_bucket),
        cmocka_unit_test(an_identifier_under_two_labels_is_refused),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };
    check_main(tests);
}
