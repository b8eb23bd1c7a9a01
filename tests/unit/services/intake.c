/* What uploads bring, against the quotas of uploads and of the disk. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "server/engine/disk.h"
#include "server/rpc/intake.h"

typedef struct
{
    char folder[64];
    sr_uuid spring;
    sr_uuid summer;
    engine *engine;
    intake *intake;
} place;

static void place_init(place *at, quota_id id, uint64_t most)
{
    SR_TEXT(engines);
    SR_TEXT(file);
    SR_TEXT(temp);
    sr_err err = SR_ERR_INIT;
    quotas in_force = {.limit = {0}};
    *at = (place){.folder = "/tmp/intake-test-XXXXXX",
                  .spring = sr_uuid_random(),
                  .summer = sr_uuid_random()};
    check(mkdtemp(at->folder) != NULL);
    sr_uuid_text uuid = sr_uuid_print(&at->spring);
    engines = sr_path_join(at->folder, "engines");
    file = sr_text_printf("%s/%s.duckdb", engines, uuid.text);
    temp = sr_path_join(at->folder, "temp");
    check_ok(sr_folder_make(engines, 0700, &err), &err);
    engine_config config = {
        .file = file, .temp_folder = temp, .memory_limit = 256 << 20, .threads = 1};
    check_ok(engine_open(&at->engine, &config, &err), &err);
    in_force.limit[id] = most;
    at->intake = intake_new(&in_force, at->folder);
}

static void place_clear(place *at)
{
    sr_err err = SR_ERR_INIT;
    intake_free(at->intake);
    engine_free(at->engine);
    check_ok(sr_folder_remove(at->folder, &err), &err);
}

#define PLACE(name, id, most)                                                                      \
    place name SR_CLEANUP(place_clear);                                                            \
    place_init(&name, id, most)

static sr_result try_begin(intake_upload **out, place *at, const sr_uuid *collaboration,
                           const char *member, sr_err *err)
{
    return intake_begin(out, at->intake, at->engine, collaboration, member, err);
}

static intake_upload *begin(place *at, const sr_uuid *collaboration, const char *member)
{
    sr_err err = SR_ERR_INIT;
    intake_upload *made = NULL;
    check_ok(try_begin(&made, at, collaboration, member, &err), &err);
    return made;
}

static void add(intake_upload *to, size_t bytes, uint64_t rows)
{
    sr_err err = SR_ERR_INIT;
    check_ok(intake_add(to, bytes, rows, &err), &err);
}

static void check_too_much(intake_upload *to, uint64_t bytes, uint64_t rows, quota_id id)
{
    sr_err err = SR_ERR_INIT;
    check_fails(intake_add(to, bytes, rows, &err), &err, SR_E_LIMIT);
    check_text(err.detail.reason, QUOTA_REASON);
    check_text(err.detail.field, quota_name(id));
    check_error_says(&err, quota_name(id));
}

static void check_not_begun(place *at, const sr_uuid *collaboration, const char *member,
                            quota_id id)
{
    sr_err err = SR_ERR_INIT;
    intake_upload *made = NULL;
    check_fails(try_begin(&made, at, collaboration, member, &err), &err, SR_E_LIMIT);
    check(made == NULL);
    check_text(err.detail.field, quota_name(id));
    check_error_says(&err, "upload");
}

static void an_upload_has_so_many_rows(void **state)
{
    (void)state;
    PLACE(at, QUOTA_UPLOAD_ROWS, 100);
    intake_upload *first = begin(&at, &at.spring, "acme");
    add(first, 1, 60);
    intake_upload *second = begin(&at, &at.spring, "acme");
    add(second, 1, 100); /* each has its own */
    add(first, 1, 40);
    check_too_much(first, 1, 1, QUOTA_UPLOAD_ROWS);
    intake_end(first);
    intake_end(second);
}

static void an_upload_has_so_many_bytes(void **state)
{
    (void)state;
    PLACE(at, QUOTA_UPLOAD_BYTES, 1000);
    intake_upload *upload = begin(&at, &at.spring, "acme");
    add(upload, 1000, 1);
    check_too_much(upload, 1, 1, QUOTA_UPLOAD_BYTES);
    intake_end(upload);
    upload = begin(&at, &at.spring, "acme"); /* nothing is left of the one refused */
    add(upload, 1000, 1);
    intake_end(upload);
}

static void a_member_has_so_many_uploads_under_way(void **state)
{
    (void)state;
    PLACE(at, QUOTA_UPLOADS_AT_ONCE, 2);
    intake_upload *first = begin(&at, &at.spring, "acme");
    intake_upload *second = begin(&at, &at.summer, "acme");
    check_not_begun(&at, &at.spring, "acme", QUOTA_UPLOADS_AT_ONCE);
    intake_upload *other = begin(&at, &at.spring, "brand");
    intake_end(first);
    first = begin(&at, &at.spring, "acme");
    intake_end(second);
    intake_end(other);
    intake_end(first);
}

static void a_collaborations_disk_counts_what_arrives(void **state)
{
    (void)state;
    PLACE(at, QUOTA_COLLABORATION_DISK, 1000000);
    intake_upload *upload = begin(&at, &at.spring, "acme");
    add(upload, 900000, 1);
    check_too_much(upload, 200000, 1, QUOTA_COLLABORATION_DISK);
    intake_end(upload);
    upload = begin(&at, &at.spring, "acme");
    add(upload, 900000, 1);
    intake_end(upload);
}

static void uploads_of_one_collaboration_count_together(void **state)
{
    (void)state;
    PLACE(at, QUOTA_COLLABORATION_DISK, 1000000);
    intake_upload *first = begin(&at, &at.spring, "acme");
    intake_upload *elsewhere = begin(&at, &at.summer, "acme");
    add(first, 600000, 1);
    intake_upload *second = begin(&at, &at.spring, "brand"); /* finds 600000 taken */
    add(elsewhere, 900000, 1);
    check_too_much(second, 500000, 1, QUOTA_COLLABORATION_DISK);
    intake_end(second);
    intake_end(first);
    intake_end(elsewhere);
}

enum
{
    STEP = 2048,
    ROWS = 200 * STEP, /* several row groups of the engine, so that it writes before the commit */
    CELL = 48,
};

/* Rows of bytes that do not pack, about 20 MB. */
static engine_stage *stage_rows(engine *rows, uint32_t version)
{
    sr_err err = SR_ERR_INIT;
    engine_column column = {.storage = STORED_AS_BYTES};
    engine_stage *stage = NULL;
    uint8_t *bytes = sr_alloc((size_t)STEP * CELL);
    sr_slice *views = sr_array(STEP, sizeof *views);
    bool *nulls = sr_array(STEP, sizeof *nulls);
    engine_cells cells = {.cells = views, .nulls = nulls};
    check_ok(engine_stage_new(&stage, rows, (engine_table){1, version}, &column, 1, &err), &err);
    for (size_t at = 0; at < ROWS; at += STEP)
    {
        for (size_t i = 0; i < (size_t)STEP * CELL; i++)
            bytes[i] = (uint8_t)(random() >> 7);
        for (size_t i = 0; i < STEP; i++)
            views[i] = sr_slice_of(bytes + i * CELL, CELL);
        check_ok(engine_stage_append(stage, &cells, STEP, &err), &err);
    }
    sr_free(bytes);
    sr_free(views);
    sr_free(nulls);
    return stage;
}

static uint64_t used(const place *at)
{
    sr_err err = SR_ERR_INIT;
    uint64_t bytes = 0;
    check_ok(engine_disk_used(&bytes, at->engine, at->folder, &at->spring, &err), &err);
    return bytes;
}

static void what_is_stored_counts_and_what_was_undone_does_not(void **state)
{
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    (void)state;
    PLACE(at, QUOTA_COLLABORATION_DISK, 4 << 20);
    engine_stage_free(stage_rows(at.engine, 1));
    check(used(&at) < 2 << 20);
    intake_end(begin(&at, &at.spring, "acme"));
    engine_stage *stage = stage_rows(at.engine, 2);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    engine_stage_free(stage);
    check(used(&at) >= (uint64_t)ROWS * CELL && used(&at) < (uint64_t)ROWS * CELL * 2);
    check_not_begun(&at, &at.spring, "acme", QUOTA_COLLABORATION_DISK);
}

static void a_copy_of_a_stored_table_counts(void **state)
{
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    uint64_t bytes = 1;
    (void)state;
    PLACE(at, QUOTA_COLLABORATION_DISK, (uint64_t)ROWS * CELL * 5 / 2);
    engine_stage *stage = stage_rows(at.engine, 1);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    engine_stage_free(stage);
    intake_upload *upload = begin(&at, &at.spring, "acme");
    check_ok(intake_add_copy(upload, at.engine, (engine_table){1, 7}, &err), &err); /* not there */
    check_ok(intake_add_copy(upload, at.engine, (engine_table){1, 1}, &err), &err);
    check_fails(intake_add_copy(upload, at.engine, (engine_table){1, 1}, &err), &err, SR_E_LIMIT);
    check_text(err.detail.field, "maxCollaborationDisk");
    intake_end(upload);
    stage = stage_rows(at.engine, 2);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    engine_stage_free(stage);
    check_ok(
        engine_disk_table(&bytes, at.engine, at.folder, &at.spring, (engine_table){1, 2}, &err),
        &err);
    check(bytes > (uint64_t)ROWS * CELL * 9 / 10 && bytes < (uint64_t)ROWS * CELL * 3 / 2);
}

/* As it is right now: others write to this disk meanwhile. Quotas under test are far from it. */
static uint64_t left_now(void)
{
    sr_err err = SR_ERR_INIT;
    uint64_t left = 0;
    check_ok(engine_disk_free(&left, "/tmp", &err), &err);
    check(left > 0);
    return left;
}

static void so_much_of_the_disk_stays_free(void **state)
{
    (void)state;
    {
        PLACE(at, QUOTA_FREE_DISK, left_now() / 2);
        intake_upload *upload = begin(&at, &at.spring, "acme");
        add(upload, 1000, 1);
        check_too_much(upload, left_now(), 1, QUOTA_FREE_DISK);
        intake_end(upload);
        intake_end(begin(&at, &at.spring, "acme"));
    }
    PLACE(at, QUOTA_FREE_DISK, left_now() * 2);
    check_not_begun(&at, &at.spring, "acme", QUOTA_FREE_DISK);
}

static intake_upload *begin_lists(place *at, uint64_t held, const sr_uuid *collaboration)
{
    sr_err err = SR_ERR_INIT;
    intake_upload *made = NULL;
    check_ok(intake_begin_lists(&made, at->intake, held, collaboration, "acme", &err), &err);
    return made;
}

static void announce(intake_upload *to, uint64_t bytes)
{
    sr_err err = SR_ERR_INIT;
    check_ok(intake_announce(to, bytes, &err), &err);
}

static void check_list_too_long(intake_upload *to, uint64_t bytes, const char *quota)
{
    sr_err err = SR_ERR_INIT;
    check_fails(intake_announce(to, bytes, &err), &err, SR_E_LIMIT);
    check_text(err.detail.reason, QUOTA_REASON);
    check_text(err.detail.field, quota);
}

static void lists_of_one_collaboration_count_together_and_not_with_its_uploads(void **state)
{
    (void)state;
    PLACE(at, QUOTA_OVERLAP_DISK, 1000);
    intake_upload *upload = begin(&at, &at.spring, "acme");
    add(upload, 5000, 1);
    intake_upload *first = begin_lists(&at, 300, &at.spring);
    announce(first, 700);
    add(first, 400, 0);
    intake_upload *second = begin_lists(&at, 300, &at.spring);
    check_list_too_long(second, 301, "maxOverlapDisk");
    announce(second, 300);
    announce(first, 300); /* what is announced takes nothing from others */
    add(second, 300, 0);
    check_list_too_long(first, 1, "maxOverlapDisk");
    check_too_much(first, 1, 0, QUOTA_OVERLAP_DISK);
    intake_upload *elsewhere = begin_lists(&at, 0, &at.summer);
    add(elsewhere, 1000, 0);
    intake_end(first);
    intake_end(second);
    intake_end(elsewhere);
    intake_end(upload);
    first = begin_lists(&at, 300, &at.spring);
    add(first, 700, 0);
    intake_end(first);
}

static void a_list_leaves_so_much_of_the_disk_free(void **state)
{
    sr_err err = SR_ERR_INIT;
    intake_upload *lists = NULL;
    (void)state;
    {
        PLACE(at, QUOTA_FREE_DISK, left_now() / 2);
        lists = begin_lists(&at, 0, &at.spring);
        check_list_too_long(lists, left_now(), "minFreeDisk");
        add(lists, 1000, 0);
        intake_end(lists);
    }
    PLACE(at, QUOTA_FREE_DISK, left_now() * 2);
    check_fails(intake_begin_lists(&lists, at.intake, 0, &at.spring, "acme", &err), &err,
                SR_E_LIMIT);
    check(lists == NULL);
    check_text(err.detail.field, "minFreeDisk");
    check_error_says(&err, "no room for this list;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_has_so_many_rows),
        cmocka_unit_test(an_upload_has_so_many_bytes),
        cmocka_unit_test(a_member_has_so_many_uploads_under_way),
        cmocka_unit_test(a_collaborations_disk_counts_what_arrives),
        cmocka_unit_test(uploads_of_one_collaboration_count_together),
        cmocka_unit_test(what_is_stored_counts_and_what_was_undone_does_not),
        cmocka_unit_test(a_copy_of_a_stored_table_counts),
        cmocka_unit_test(so_much_of_the_disk_stays_free),
        cmocka_unit_test(lists_of_one_collaboration_count_together_and_not_with_its_uploads),
        cmocka_unit_test(a_list_leaves_so_much_of_the_disk_free),
    };
    check_main(tests);
}
