/* Opening and closing, stored tables, files that are not ours. */
#include "fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static const char *const one_cell[] = {"1"};

static void store_one(fixture *room, engine_table table)
{
    engine_column column = cleartext("INTEGER");
    store(room->engine, table, &column, 1, one_cell, 1);
}

static void a_new_engine_holds_nothing_and_its_file_is_private(void **state)
{
    (void)state;
    struct stat about;
    FIXTURE(room);
    check_int(table_count(room.engine), 0);
    check_int(stat(room.file, &about), 0);
    check_int(about.st_mode & 0777, 0600);
}

static void stored_tables_are_listed_by_number_and_version(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_table *tables = NULL;
    size_t count = 0;
    uint64_t sum = 0;
    FIXTURE(room);
    store_one(&room, (engine_table){7, 1});
    store_one(&room, (engine_table){7, 2});
    store_one(&room, (engine_table){INT64_MAX, UINT32_MAX});
    check_ok(engine_tables(room.engine, &tables, &count, &err), &err);
    check_int(count, 3);
    for (size_t i = 0; i < count; i++)
        sum += tables[i].table + tables[i].version;
    check(sum == 7 + 1 + 7 + 2 + (uint64_t)INT64_MAX + UINT32_MAX);
    sr_free(tables);
}

static void temporary_tables_of_sessions_are_not_listed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    FIXTURE(room);
    check_ok(engine_session_new(&session, room.engine, &err), &err);
    check_ok(engine_execute(session, "CREATE TEMP TABLE g AS SELECT 1 AS x", NULL, 0, &err), &err);
    check_int(table_count(room.engine), 0);
    engine_session_clear(&session);
}

static void a_table_survives_closing(void **state)
{
    (void)state;
    FIXTURE(room);
    store_one(&room, T1V1);
    fixture_close(&room);
    fixture_open(&room);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "1\n");
}

static void closing_leaves_no_write_ahead_log(void **state)
{
    (void)state;
    SR_TEXT(log);
    FIXTURE(room);
    log = sr_text_printf("%s.wal", room.file);
    store_one(&room, T1V1);
    fixture_close(&room);
    check(!sr_file_exists(log));
}

static void a_dropped_table_is_gone_and_dropping_it_again_is_harmless(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    store_one(&room, T1V1);
    check_ok(engine_drop(room.engine, T1V1, &err), &err);
    check_ok(engine_drop(room.engine, T1V1, &err), &err);
    check_int(table_count(room.engine), 0);
}

static void opening_empties_the_spill_folder(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(leftover);
    FIXTURE(room);
    fixture_close(&room);
    leftover = sr_path_join(room.temp, "leftover.tmp");
    check_ok(sr_file_write(leftover, sr_slice_text("x"), 0600, false, &err), &err);
    fixture_open(&room);
    check(!sr_file_exists(leftover));
}

static void a_file_that_is_no_engine_is_corrupt(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    fixture_close(&room);
    SR_BUF(noise, 65536);
    uint8_t *at = NULL;
    check_ok(sr_buf_extend(&noise, &at, 20000, &err), &err);
    memset(at, 'x', 20000);
    check_ok(sr_file_write(room.file, sr_buf_view(&noise), 0600, true, &err), &err);
    check_fails(fixture_try_open(&room, &err), &err, SR_E_CORRUPT);
    check(room.engine == NULL);
}

static void a_file_in_a_missing_folder_is_an_input_error(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    fixture_close(&room);
    sr_free(room.file);
    room.file = sr_path_join(room.folder, "nowhere/rows.duckdb");
    check_fails(fixture_try_open(&room, &err), &err, SR_E_IO);
    check(room.engine == NULL);
}

/* In the child: exit status 0 when the opening is refused as it should be. */
static int open_elsewhere(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    room->engine = NULL;
    if (fixture_try_open(room, &err) == SR_OK)
        return 1;
    return err.code == SR_E_STATE && strstr(err.text, "in use by another process") != NULL ? 0 : 2;
}

static void a_second_process_is_refused_in_plain_words(void **state)
{
    (void)state;
    int status = 0;
    FIXTURE(room);
    pid_t child = fork();
    if (child == 0)
        _exit(open_elsewhere(&room));
    check_int(waitpid(child, &status, 0), child);
    check(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
}

static void a_read_only_engine_answers_and_stores_nothing(void **state)
{
    engine *opened SR_CLEANUP(engine_clear) = NULL;
    engine *missing = NULL;
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = NULL;
    SR_TEXT(none);
    const char *cells[] = {"1", "2"};
    engine_column column = cleartext("BIGINT");
    sr_err err = SR_ERR_INIT;
    (void)state;
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, cells, 2);
    fixture_close(&room);
    engine_config config = {.file = room.file,
                            .temp_folder = room.temp,
                            .memory_limit = room.memory_limit,
                            .read_only = true};
    check_ok(engine_open(&opened, &config, &err), &err);
    check_answer(opened, "SELECT sum(c0) FROM t1_v1", "3\n");
    check_int(engine_stage_new(&stage, opened, (engine_table){2, 1}, &column, 1, &err), SR_FAIL);
    check_int(engine_drop(opened, T1V1, &err), SR_FAIL);
    check_int(table_count(opened), 1);
    sr_err_reset(&err);
    none = sr_text_printf("%s.none", room.file);
    config.file = none;
    check_int(engine_open(&missing, &config, &err), SR_FAIL);
    check(missing == NULL && !sr_file_exists(none));
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    engine *none = NULL;
    engine_free(NULL);
    engine_clear(&none);
    engine_stage_free(NULL);
    engine_session_free(NULL);
    engine_result_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_engine_holds_nothing_and_its_file_is_private),
        cmocka_unit_test(stored_tables_are_listed_by_number_and_version),
        cmocka_unit_test(temporary_tables_of_sessions_are_not_listed),
        cmocka_unit_test(a_table_survives_closing),
        cmocka_unit_test(closing_leaves_no_write_ahead_log),
        cmocka_unit_test(a_dropped_table_is_gone_and_dropping_it_again_is_harmless),
        cmocka_unit_test(opening_empties_the_spill_folder),
        cmocka_unit_test(a_file_that_is_no_engine_is_corrupt),
        cmocka_unit_test(a_file_in_a_missing_folder_is_an_input_error),
        cmocka_unit_test(a_second_process_is_refused_in_plain_words),
        cmocka_unit_test(a_read_only_engine_answers_and_stores_nothing),
        cmocka_unit_test(freeing_nothing_is_fine),
    };
    check_main(tests);
}
