/* Rows that a stage begins with, and files without what was deleted. */
#include "fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define T1V2 ((engine_table){.table = 1, .version = 2})
#define T2V1 ((engine_table){.table = 2, .version = 1})

static const char lost[] = "qzvjkwxbyfpqhgmdtunscearilopqzvjkwxbyf";
static const char kept[] = "m4t8c1n7w2k9x5b3h6d0f4s8p1r7v2j9l5z3g6";

static void store_text(engine *to, engine_table table, const char *text)
{
    const char *const cells[] = {text, NULL, "x"};
    engine_column column = cleartext("STRING");
    store(to, table, &column, 1, cells, 3);
}

static bool file_holds(const char *path, const char *text)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 64 * 1024 * 1024);
    check_ok(sr_file_read(&bytes, path, &err), &err);
    sr_slice all = sr_buf_view(&bytes);
    return memmem(all.data, all.len, text, strlen(text)) != NULL;
}

static sr_result rewrite(fixture *room, const engine_table *keep, size_t count, sr_err *err)
{
    engine_config config = {
        .file = room->file, .temp_folder = room->temp, .memory_limit = 128 << 20, .threads = 1};
    fixture_close(room);
    sr_result result = engine_rewrite(&config, keep, count, err);
    SR_TEXT(made);
    made = sr_text_printf("%s.new", room->file);
    check(!sr_file_exists(made));
    return result;
}

/* ---- appending ------------------------------------------------------------------------------- */

static void a_stage_begins_with_the_rows_of_another_table(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    FIXTURE(room);
    engine_column column = cleartext("STRING");
    store_text(room.engine, T1V1, "a");
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V2, &column, 1);
    check_ok(engine_stage_copy(stage, T1V1, &err), &err);
    check_ok(append_one(stage, sr_slice_text("b"), false, &err), &err);
    check_int(table_count(room.engine), 1);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    check_int(rows, 4);
    check_answer(room.engine, "SELECT c0 FROM t1_v2 ORDER BY c0 NULLS FIRST", "-\na\nb\nx\n");
    check_answer(room.engine, "SELECT count(*) FROM t1_v1", "3\n");
}

static void a_stage_that_began_with_rows_and_ends_without_commit_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    engine_column column = cleartext("STRING");
    store_text(room.engine, T1V1, "a");
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V2, &column, 1);
    check_ok(engine_stage_copy(stage, T1V1, &err), &err);
    engine_stage_clear(&stage);
    check_int(table_count(room.engine), 1);
}

static void copying_from_no_table_ends_the_stage(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    FIXTURE(room);
    engine_column column = cleartext("STRING");
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V2, &column, 1);
    check_fails(engine_stage_copy(stage, T2V1, &err), &err, SR_E_INTERNAL);
    sr_err_reset(&err);
    check_fails(engine_stage_commit(stage, &rows, &err), &err, SR_E_STATE);
}

/* ---- erasing --------------------------------------------------------------------------------- */

static void dropping_leaves_the_bytes_and_rewriting_does_not(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    store_text(room.engine, T1V1, lost);
    store_text(room.engine, T2V1, kept);
    fixture_close(&room);
    check(file_holds(room.file, lost) && file_holds(room.file, kept));
    fixture_open(&room);
    check_ok(engine_drop(room.engine, T1V1, &err), &err);
    fixture_close(&room);
    check(file_holds(room.file, lost));
    check_ok(rewrite(&room, &T2V1, 1, &err), &err);
    check(!file_holds(room.file, lost) && file_holds(room.file, kept));
    fixture_open(&room);
    check_int(table_count(room.engine), 1);
    check_answer(room.engine, "SELECT count(*) FROM t2_v1 WHERE c0 IS NULL", "1\n");
}

static void every_type_survives_a_rewrite(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    static const char *const types[] = {"STRING", "SMALLINT", "INTEGER",       "BIGINT",
                                        "REAL",   "DOUBLE",   "DECIMAL(38,2)", "BOOLEAN",
                                        "DATE",   "TIMESTAMP"};
    static const char *const cells[] = {"käse",
                                        "-32768",
                                        "2147483647",
                                        "-9223372036854775808",
                                        "1.5",
                                        "2.25",
                                        "123456789012345.67",
                                        "true",
                                        "1969-12-31",
                                        "2026-11-24 08:00:00",
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};
    enum
    {
        TYPES = sizeof types / sizeof types[0]
    };
    engine_column columns[TYPES];
    SR_TEXT(before);
    SR_TEXT(after);
    for (size_t i = 0; i < TYPES; i++)
        columns[i] = cleartext(types[i]);
    store(room.engine, T1V1, columns, TYPES, cells, 2);
    const char *const raw[] = {"0123456789abcdef", "any bytes"};
    engine_column encrypted[] = {token(), bytes()};
    store(room.engine, T2V1, encrypted, 2, raw, 1);
    before = ask(room.engine, "SELECT * FROM t1_v1 ORDER BY c1");
    check_ok(rewrite(&room, (engine_table[]){T1V1, T2V1}, 2, &err), &err);
    fixture_open(&room);
    after = ask(room.engine, "SELECT * FROM t1_v1 ORDER BY c1");
    check_text(after, before);
    check_answer(room.engine,
                 "SELECT count(*) FROM t2_v1 WHERE c1 = 'any bytes'::BLOB"
                 " AND c0 = '30313233-3435-3637-3839-616263646566'::UUID",
                 "1\n");
}

static void nothing_to_keep_makes_an_empty_file(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    struct stat about;
    FIXTURE(room);
    store_text(room.engine, T1V1, lost);
    check_ok(rewrite(&room, NULL, 0, &err), &err);
    check(!file_holds(room.file, lost));
    check_int(stat(room.file, &about), 0);
    check_int(about.st_mode & 0777, 0600);
    fixture_open(&room);
    check_int(table_count(room.engine), 0);
}

static void a_rewrite_that_fails_leaves_the_file_as_it_was(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    store_text(room.engine, T1V1, kept);
    check_fails(rewrite(&room, (engine_table[]){T1V1, T2V1}, 2, &err), &err, SR_E_CORRUPT);
    fixture_open(&room);
    check_int(table_count(room.engine), 1);
}

static void what_a_killed_rewrite_left_is_written_over(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(made);
    FIXTURE(room);
    store_text(room.engine, T1V1, kept);
    made = sr_text_printf("%s.new", room.file);
    check_ok(sr_file_write(made, sr_slice_text("half a file"), 0600, false, &err), &err);
    check_ok(rewrite(&room, &T1V1, 1, &err), &err);
    fixture_open(&room);
    check_answer(room.engine, "SELECT count(*) FROM t1_v1", "3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_begins_with_the_rows_of_another_table),
        cmocka_unit_test(a_stage_that_began_with_rows_and_ends_without_commit_leaves_nothing),
        cmocka_unit_test(copying_from_no_table_ends_the_stage),
        cmocka_unit_test(dropping_leaves_the_bytes_and_rewriting_does_not),
        cmocka_unit_test(every_type_survives_a_rewrite),
        cmocka_unit_test(nothing_to_keep_makes_an_empty_file),
        cmocka_unit_test(a_rewrite_that_fails_leaves_the_file_as_it_was),
        cmocka_unit_test(what_a_killed_rewrite_left_is_written_over),
    };
    check_main(tests);
}
