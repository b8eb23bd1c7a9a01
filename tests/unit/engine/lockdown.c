/* What a session must never be able to do, even if a statement of the plan went wrong. */
#include "fixture.h"

#include "base/file.h"

/* Each in a session of its own, as a statement and as a SELECT: neither may run. */
static void check_impossible(fixture *room, const char *sql)
{
    sr_err err = SR_ERR_INIT;
    engine_result *result = NULL;
    engine_session *first SR_CLEANUP(engine_session_clear) = NULL;
    engine_session *second SR_CLEANUP(engine_session_clear) = NULL;
    check_ok(engine_session_new(&first, room->engine, &err), &err);
    if (engine_execute(first, sql, NULL, 0, &err) == SR_OK)
        fail_msg("ran: %s", sql);
    check_int(err.code, SR_E_INTERNAL);
    check_ok(engine_session_new(&second, room->engine, &err), &err);
    if (engine_select(&result, second, sql, NULL, 0, &err) == SR_OK)
        fail_msg("was answered: %s", sql);
    check_int(err.code, SR_E_INTERNAL);
    check(result == NULL);
}

static void check_all_impossible(const char *const *statements, size_t count)
{
    const char *const cells[] = {"1"};
    engine_column column = cleartext("INTEGER");
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, cells, 1);
    for (size_t i = 0; i < count; i++)
        check_impossible(&room, statements[i]);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "1\n");
    check_int(table_count(room.engine), 1);
}

#define CHECK_ALL_IMPOSSIBLE(list) check_all_impossible((list), sizeof(list) / sizeof((list)[0]))

static void no_file_is_read_or_written(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_parquet('/tmp/x.parquet')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "CREATE TEMP TABLE g AS SELECT * FROM read_text('/etc/passwd')",
        "COPY t1_v1 TO '/tmp/engine-test-out.csv'",
        "COPY t1_v1 FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/engine-test-out.csv'",
        "EXPORT DATABASE '/tmp/engine-test-out'",
        "IMPORT DATABASE '/tmp/engine-test-out'",
        "ATTACH '/tmp/engine-test-out.db' AS other",
        "ATTACH ':memory:' AS other",
        "CREATE SECRET s (TYPE HTTP)",
    };
    CHECK_ALL_IMPOSSIBLE(statements);
    check(!sr_file_exists("/tmp/engine-test-out.csv"));
    check(!sr_file_exists("/tmp/engine-test-out.db"));
    check(!sr_file_exists("/tmp/engine-test-out"));
}

static void no_extension_is_installed_or_loaded(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '/tmp/x.duckdb_extension'",
        "INSTALL h3 FROM community",
        "FORCE INSTALL httpfs",
        "UPDATE EXTENSIONS",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
    };
    CHECK_ALL_IMPOSSIBLE(statements);
}

static void no_setting_is_changed(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "SET memory_limit = '100GB'",
        "SET GLOBAL threads = 64",
        "RESET memory_limit",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET temp_directory = '/tmp'",
        "SET VARIABLE x = 1",
        "SET schema = 'main'",
        "PRAGMA enable_profiling",
        "PRAGMA memory_limit = '100GB'",
        "CALL enable_logging()",
    };
    CHECK_ALL_IMPOSSIBLE(statements);
}

static void no_stored_table_is_changed(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "INSERT INTO t1_v1 VALUES (2)",
        "UPDATE t1_v1 SET c0 = 2",
        "DELETE FROM t1_v1",
        "TRUNCATE t1_v1",
        "DROP TABLE t1_v1",
        "ALTER TABLE t1_v1 ADD COLUMN x INTEGER",
        "CREATE TABLE t9_v1 AS SELECT 1 AS c0",
        "CREATE OR REPLACE TABLE t1_v1 AS SELECT 1 AS c0",
        "CREATE VIEW v AS SELECT 1 AS x",
        "CREATE SCHEMA s",
        "CREATE SEQUENCE s",
        "CREATE MACRO m() AS 1",
        "CREATE INDEX i ON t1_v1 (c0)",
        "CREATE TYPE e AS ENUM ('a')",
    };
    CHECK_ALL_IMPOSSIBLE(statements);
}

static void no_second_statement_rides_along_and_no_transaction_is_ended(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "SELECT 1; SELECT 2",
        "CREATE TEMP TABLE g AS SELECT 1 AS x; DROP TABLE t1_v1",
        "COMMIT",
        "ROLLBACK",
        "BEGIN TRANSACTION",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "VACUUM",
        "ANALYZE",
        "CHECKPOINT",
        "FORCE CHECKPOINT",
        "DETACH rows",
        "USE memory",
        "",
        ";",
        "-- nothing",
    };
    CHECK_ALL_IMPOSSIBLE(statements);
}

static void the_settings_are_those_of_the_configuration(void **state)
{
    (void)state;
    FIXTURE(room);
    SR_TEXT(expected);
    expected = sr_text_printf("%s\n", room.temp);
    check_answer(room.engine, "SELECT current_setting('temp_directory')::VARCHAR", expected);
    check_answer(room.engine,
                 "SELECT current_setting('lock_configuration')::VARCHAR,"
                 " current_setting('enable_external_access')::VARCHAR,"
                 " current_setting('autoload_known_extensions')::VARCHAR,"
                 " current_setting('autoinstall_known_extensions')::VARCHAR,"
                 " current_setting('allow_community_extensions')::VARCHAR,"
                 " current_setting('allow_unsigned_extensions')::VARCHAR,"
                 " current_setting('threads')::VARCHAR",
                 "true|false|false|false|false|false|2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_file_is_read_or_written),
        cmocka_unit_test(no_extension_is_installed_or_loaded),
        cmocka_unit_test(no_setting_is_changed),
        cmocka_unit_test(no_stored_table_is_changed),
        cmocka_unit_test(no_second_statement_rides_along_and_no_transaction_is_ended),
        cmocka_unit_test(the_settings_are_those_of_the_configuration),
    };
    check_main(tests);
}
