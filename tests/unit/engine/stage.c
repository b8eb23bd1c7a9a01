/* Rows on their way in: every type, its extremes, its faults; visibility; batches. */
#include "fixture.h"

#include <stdio.h>

/* ---- types ----------------------------------------------------------------------------------- */

typedef struct
{
    const char *type;
    const char *cell;
    const char *answer; /* NULL: the cell itself */
} round_trip;

static const round_trip round_trips[] = {
    {"STRING", "plain", NULL},
    {"STRING", "", NULL},
    {"STRING", "exactly 12..", NULL},
    {"STRING", "longer than the twelve bytes that DuckDB keeps inline", NULL},
    {"STRING", "Zürich \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x9a\x80", NULL},
    {"SMALLINT", "-32768", NULL},
    {"SMALLINT", "32767", NULL},
    {"INTEGER", "-2147483648", NULL},
    {"INTEGER", "2147483647", NULL},
    {"BIGINT", "-9223372036854775808", NULL},
    {"BIGINT", "9223372036854775807", NULL},
    {"DECIMAL(4,2)", "-99.99", NULL},
    {"DECIMAL(5,0)", "99999", NULL},
    {"DECIMAL(9,9)", "0.999999999", NULL},
    {"DECIMAL(10,1)", "-999999999.9", NULL},
    {"DECIMAL(18,18)", "-0.999999999999999999", NULL},
    {"DECIMAL(19,0)", "9999999999999999999", NULL},
    {"DECIMAL(38,0)", "99999999999999999999999999999999999999", NULL},
    {"DECIMAL(38,0)", "-99999999999999999999999999999999999999", NULL},
    {"DECIMAL(38,38)", "-0.99999999999999999999999999999999999999", NULL},
    {"DECIMAL(38,10)", "0.0000000001", NULL},
    {"DECIMAL(12,2)", "7", "7.00"},
    {"REAL", "0.1", NULL},
    {"REAL", "-1.5", NULL},
    {"DOUBLE", "0.1", NULL},
    {"DOUBLE", "2.2250738585072014e-308", NULL},
    {"DOUBLE", "1.7976931348623157e308", "1.7976931348623157e+308"},
    {"BOOLEAN", "true", NULL},
    {"BOOLEAN", "FALSE", "false"},
    {"DATE", "0001-01-01", NULL},
    {"DATE", "1969-12-31", NULL},
    {"DATE", "2024-02-29", NULL},
    {"DATE", "9999-12-31", NULL},
    {"TIMESTAMP", "1969-12-31 23:59:59.999999", NULL},
    {"TIMESTAMP", "2026-11-24T08:13:41Z", "2026-11-24 08:13:41"},
};

static void check_round_trip(fixture *room, uint32_t version, const round_trip *trip)
{
    SR_TEXT(sql);
    SR_TEXT(expected);
    engine_column column = cleartext(trip->type);
    store(room->engine, (engine_table){1, version}, &column, 1, &trip->cell, 1);
    sql = sr_text_printf("SELECT c0 FROM t1_v%u", version);
    expected = sr_text_printf("%s\n", trip->answer == NULL ? trip->cell : trip->answer);
    check_answer(room->engine, sql, expected);
}

static void every_type_keeps_its_values_and_extremes(void **state)
{
    (void)state;
    FIXTURE(room);
    for (uint32_t i = 0; i < sizeof round_trips / sizeof round_trips[0]; i++)
        check_round_trip(&room, i + 1, &round_trips[i]);
}

static void nulls_of_every_type_stay_nulls(void **state)
{
    (void)state;
    const char *const cells[12] = {NULL};
    FIXTURE(room);
    engine_column columns[] = {
        cleartext("STRING"),
        cleartext("SMALLINT"),
        cleartext("INTEGER"),
        cleartext("BIGINT"),
        cleartext("DECIMAL(38,5)"),
        cleartext("REAL"),
        cleartext("DOUBLE"),
        cleartext("BOOLEAN"),
        cleartext("DATE"),
        cleartext("TIMESTAMP"),
        token(),
        bytes(),
    };
    store(room.engine, T1V1, columns, 12, cells, 1);
    check_answer(room.engine, "SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c11 FROM t1_v1",
                 "-|-|-|-|-|-|-|-|-|-|-\n");
    check_answer(room.engine, "SELECT count(c10) FROM t1_v1", "0\n");
}

static void an_empty_text_is_no_null(void **state)
{
    (void)state;
    const char *const cells[] = {"", NULL};
    engine_column column = cleartext("STRING");
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, cells, 2);
    check_answer(room.engine, "SELECT count(*), count(c0) FROM t1_v1", "2|1\n");
}

static void bytes_with_zeros_come_back_as_they_were(void **state)
{
    (void)state;
    static const uint8_t blob[] = {0, 1, 0, 255, 0, 'a', 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    bool end = false;
    engine_cell cell;
    engine_column column = bytes();
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    check_ok(append_one(stage, sr_slice_of(blob, sizeof blob), false, &err), &err);
    check_ok(append_one(stage, sr_slice_of(NULL, 0), false, &err), &err);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    engine_stage_clear(&stage);
    check_ok(engine_session_new(&session, room.engine, &err), &err);
    check_ok(engine_select(&result, session, "SELECT c0 FROM t1_v1 ORDER BY rowid", NULL, 0, &err),
             &err);
    check_ok(engine_result_next(result, &cell, &end, &err), &err);
    check(!end && !cell.is_null);
    check_int(cell.bytes.len, sizeof blob);
    assert_memory_equal(cell.bytes.data, blob, sizeof blob);
    check_ok(engine_result_next(result, &cell, &end, &err), &err);
    check(!end && !cell.is_null && cell.bytes.len == 0);
    check_ok(engine_result_next(result, &cell, &end, &err), &err);
    check(end);
    engine_result_clear(&result);
    engine_session_clear(&session);
}

static void tokens_keep_their_bytes_in_uuid_order(void **state)
{
    (void)state;
    static const uint8_t cells[][16] = {
        {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
         0xff},
        {0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
         0x00},
    };
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    engine_column column = token();
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    for (size_t i = 0; i < 2; i++)
        check_ok(append_one(stage, sr_slice_of(cells[i], 16), false, &err), &err);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    engine_stage_clear(&stage);
    check_answer(room.engine, "SELECT CAST(c0 AS VARCHAR) FROM t1_v1 ORDER BY c0",
                 "00112233-4455-6677-8899-aabbccddeeff\nffeeddcc-bbaa-9988-7766-554433221100\n");
}

/* ---- faults ---------------------------------------------------------------------------------- */

typedef struct
{
    const char *type;
    const char *cell;
} bad_cell;

/* Recognisable, so that a value in an error text would show. */
static const bad_cell bad_cells[] = {
    {"SMALLINT", "778899"},
    {"INTEGER", "77889977889977"},
    {"BIGINT", "99999999999999778899"},
    {"INTEGER", "secret778899"},
    {"DECIMAL(5,2)", "778899.12"},
    {"DECIMAL(38,0)", "999999999999999999999999999999999778899"},
    {"DOUBLE", "x778899"},
    {"REAL", "1e778899"},
    {"BOOLEAN", "778899"},
    {"DATE", "2024-02-778899"},
    {"TIMESTAMP", "2024-02-30 778899"},
    {"STRING", "778899 \xff\xfe"},
};

static void a_cell_that_does_not_fit_is_refused_without_being_repeated(void **state)
{
    (void)state;
    FIXTURE(room);
    for (size_t i = 0; i < sizeof bad_cells / sizeof bad_cells[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        engine_column column = cleartext(bad_cells[i].type);
        engine_stage *stage SR_CLEANUP(engine_stage_clear) =
            stage_of(room.engine, T1V1, &column, 1);
        check_fails(append_one(stage, sr_slice_text(bad_cells[i].cell), false, &err), &err,
                    SR_E_FORMAT);
        check_error_says(&err, "column 0: row 1: expected");
        check(strstr(err.text, "778899") == NULL);
    }
}

static void an_error_names_the_row_of_the_upload_and_the_column(void **state)
{
    (void)state;
    enum
    {
        ROWS = 5000
    };
    sr_err err = SR_ERR_INIT;
    static sr_slice names[ROWS];
    static sr_slice numbers[ROWS];
    engine_column columns[] = {cleartext("STRING"), cleartext("INTEGER")};
    engine_cells batch[] = {{.cells = names}, {.cells = numbers}};
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, columns, 2);
    for (size_t i = 0; i < ROWS; i++)
    {
        names[i] = sr_slice_text("a");
        numbers[i] = sr_slice_text("1");
    }
    check_ok(engine_stage_append(stage, batch, ROWS, &err), &err);
    numbers[4321] = sr_slice_text("4711x");
    check_fails(engine_stage_append(stage, batch, ROWS, &err), &err, SR_E_FORMAT);
    check_text(err.text, "column 1: row 9322: expected INTEGER");
}

static void a_token_of_another_length_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_column column = token();
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    check_fails(append_one(stage, sr_slice_text("fifteen bytes.."), false, &err), &err,
                SR_E_FORMAT);
}

static void a_stage_is_dead_after_a_fault(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 1;
    engine_column column = cleartext("INTEGER");
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    check_ok(append_one(stage, sr_slice_text("1"), false, &err), &err);
    check_fails(append_one(stage, sr_slice_text("x"), false, &err), &err, SR_E_FORMAT);
    check_fails(append_one(stage, sr_slice_text("2"), false, &err), &err, SR_E_STATE);
    check_fails(engine_stage_commit(stage, &rows, &err), &err, SR_E_STATE);
    check_int(rows, 0);
    engine_stage_clear(&stage);
    check_int(table_count(room.engine), 0);
}

static void a_stage_commits_once(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    engine_column column = cleartext("INTEGER");
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    check_fails(engine_stage_commit(stage, &rows, &err), &err, SR_E_STATE);
    check_fails(append_one(stage, sr_slice_text("2"), false, &err), &err, SR_E_STATE);
    check_int(table_count(room.engine), 1);
}

static void a_table_that_is_there_is_not_staged_again(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_column column = cleartext("INTEGER");
    engine_stage *stage = NULL;
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, (const char *const[]){"1"}, 1);
    check_fails(engine_stage_new(&stage, room.engine, T1V1, &column, 1, &err), &err, SR_E_INTERNAL);
    check(stage == NULL);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "1\n");
}

/* ---- visibility ------------------------------------------------------------------------------ */

static void staged_rows_cannot_be_named_before_commit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    engine_column column = cleartext("INTEGER");
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result = NULL;
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    check_ok(append_one(stage, sr_slice_text("1"), false, &err), &err);
    check_int(table_count(room.engine), 0);
    check_ok(engine_session_new(&session, room.engine, &err), &err);
    check_fails(engine_select(&result, session, "SELECT c0 FROM t1_v1", NULL, 0, &err), &err,
                SR_E_INTERNAL);
    check(result == NULL);
    engine_session_clear(&session);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "1\n");
}

static void a_stage_that_is_freed_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_column column = cleartext("INTEGER");
    FIXTURE(room);
    engine_stage *stage = stage_of(room.engine, T1V1, &column, 1);
    check_ok(append_one(stage, sr_slice_text("1"), false, &err), &err);
    engine_stage_free(stage);
    check_int(table_count(room.engine), 0);
    fixture_close(&room);
    fixture_open(&room);
    check_int(table_count(room.engine), 0);
    store(room.engine, T1V1, &column, 1, (const char *const[]){"2"}, 1);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "2\n");
}

static void stages_of_several_tables_fill_side_by_side(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    engine_column column = cleartext("INTEGER");
    FIXTURE(room);
    engine_stage *first SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    engine_stage *second SR_CLEANUP(engine_stage_clear) =
        stage_of(room.engine, (engine_table){1, 2}, &column, 1);
    for (int i = 0; i < 100; i++)
    {
        check_ok(append_one(first, sr_slice_text("1"), false, &err), &err);
        check_ok(append_one(second, sr_slice_text("2"), false, &err), &err);
    }
    check_ok(engine_stage_commit(second, &rows, &err), &err);
    check_int(table_count(room.engine), 1);
    check_ok(engine_stage_commit(first, &rows, &err), &err);
    check_answer(room.engine,
                 "SELECT sum(a.c0), sum(b.c0) FROM t1_v1 a JOIN t1_v2 b"
                 " ON a.rowid = b.rowid",
                 "100|200\n");
}

static void a_table_without_rows_is_a_table(void **state)
{
    (void)state;
    engine_column column = cleartext("INTEGER");
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, NULL, 0);
    check_answer(room.engine, "SELECT count(*) FROM t1_v1", "0\n");
}

/* ---- batches --------------------------------------------------------------------------------- */

static void a_batch_of_65536_rows_with_nulls_arrives_whole(void **state)
{
    (void)state;
    enum
    {
        ROWS = 65536
    };
    static sr_slice cells[ROWS];
    static bool nulls[ROWS];
    static char texts[ROWS][8];
    sr_err err = SR_ERR_INIT;
    uint64_t rows = 0;
    engine_column column = cleartext("INTEGER");
    engine_cells batch = {.cells = cells, .nulls = nulls};
    for (int i = 0; i < ROWS; i++)
    {
        snprintf(texts[i], sizeof texts[i], "%d", i);
        cells[i] = sr_slice_text(texts[i]);
        nulls[i] = i % 3 == 0;
    }
    FIXTURE(room);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = stage_of(room.engine, T1V1, &column, 1);
    check_ok(engine_stage_append(stage, &batch, ROWS, &err), &err);
    check_ok(engine_stage_append(stage, &batch, 1, &err), &err);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    engine_stage_clear(&stage);
    check_int(rows, ROWS + 1);
    check_answer(room.engine, "SELECT count(*), count(c0), sum(c0), min(c0), max(c0) FROM t1_v1",
                 "65537|43690|1431612075|1|65534\n");
}

static void the_widest_table_fits(void **state)
{
    (void)state;
    enum
    {
        COLUMNS = 1600
    };
    static engine_column columns[COLUMNS];
    static const char *cells[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
    {
        columns[i] = cleartext("DECIMAL(38,38)");
        cells[i] = "-0.99999999999999999999999999999999999999";
    }
    FIXTURE(room);
    store(room.engine, T1V1, columns, COLUMNS, cells, 1);
    SR_TEXT(answer);
    answer = ask(room.engine, "SELECT * FROM t1_v1");
    check_int(strlen(answer), COLUMNS * 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_keeps_its_values_and_extremes),
        cmocka_unit_test(nulls_of_every_type_stay_nulls),
        cmocka_unit_test(an_empty_text_is_no_null),
        cmocka_unit_test(bytes_with_zeros_come_back_as_they_were),
        cmocka_unit_test(tokens_keep_their_bytes_in_uuid_order),
        cmocka_unit_test(a_cell_that_does_not_fit_is_refused_without_being_repeated),
        cmocka_unit_test(an_error_names_the_row_of_the_upload_and_the_column),
        cmocka_unit_test(a_token_of_another_length_is_refused),
        cmocka_unit_test(a_stage_is_dead_after_a_fault),
        cmocka_unit_test(a_stage_commits_once),
        cmocka_unit_test(a_table_that_is_there_is_not_staged_again),
        cmocka_unit_test(staged_rows_cannot_be_named_before_commit),
        cmocka_unit_test(a_stage_that_is_freed_leaves_nothing),
        cmocka_unit_test(stages_of_several_tables_fill_side_by_side),
        cmocka_unit_test(a_table_without_rows_is_a_table),
        cmocka_unit_test(a_batch_of_65536_rows_with_nulls_arrives_whole),
        cmocka_unit_test(the_widest_table_fits),
    };
    check_main(tests);
}
