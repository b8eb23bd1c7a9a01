/* Answers: types, NULLs, what may never leave. */
#include "fixture.h"

static void check_type(const engine_result *result, size_t column, const char *expected)
{
    char name[DATA_TYPE_TEXT_SIZE];
    data_type_print(name, engine_result_type(result, column));
    check_text(name, expected);
}

static void the_types_of_an_answer_are_told_in_our_words(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "BIGINT",  "DECIMAL(38,0)", "DOUBLE", "DECIMAL(38,2)", "DECIMAL(12,2)", "REAL",
        "BOOLEAN", "DATE",          "STRING", "STRING",        "TIMESTAMP",     "DECIMAL(38,0)",
    };
    sr_err err = SR_ERR_INIT;
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    FIXTURE(room);
    check_ok(engine_session_new(&session, room.engine, &err), &err);
    check_ok(
        engine_select(&result, session,
                      "SELECT count(*), sum(x), avg(x), sum(d), max(d), max(r), max(b), max(t),"
                      " max(s), max(o), max(z), max(u)"
                      " FROM (SELECT 1 AS x, 1.5::DECIMAL(12,2) AS d, 1::REAL AS r, true AS b,"
                      " DATE '2024-01-01' AS t, 'a' AS s, 'a'::BLOB AS o,"
                      " TIMESTAMP '2024-01-01 00:00:00' AS z, 7::UBIGINT AS u)",
                      NULL, 0, &err),
        &err);
    check_int(engine_result_columns(result), sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        check_type(result, i, expected[i]);
    engine_result_clear(&result);
    engine_session_clear(&session);
}

static void sums_of_whole_numbers_never_overflow_on_the_way_out(void **state)
{
    (void)state;
    const char *const cells[] = {"9223372036854775807", "9223372036854775807",
                                 "9223372036854775807"};
    engine_column column = cleartext("BIGINT");
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, cells, 3);
    check_answer(room.engine, "SELECT sum(c0), -sum(c0) FROM t1_v1",
                 "27670116110564327421|-27670116110564327421\n");
}

static void the_largest_hugeint_is_printed_whole(void **state)
{
    (void)state;
    FIXTURE(room);
    check_answer(
        room.engine,
        "SELECT 170141183460469231731687303715884105727::HUGEINT,"
        " '-170141183460469231731687303715884105728'::HUGEINT, 18446744073709551615::UBIGINT",
        "170141183460469231731687303715884105727|-170141183460469231731687303715884105728|"
        "18446744073709551615\n");
}

static void small_integers_are_printed_as_numbers(void **state)
{
    (void)state;
    FIXTURE(room);
    check_answer(room.engine,
                 "SELECT '-128'::TINYINT, 255::UTINYINT, 65535::USMALLINT, 4294967295::UINTEGER",
                 "-128|255|65535|4294967295\n");
}

static void an_answer_of_many_chunks_arrives_whole_and_in_order(void **state)
{
    (void)state;
    FIXTURE(room);
    SR_TEXT(answer);
    answer = ask(room.engine, "SELECT range, CASE WHEN range % 2 = 0 THEN range END"
                              " FROM range(10000, 25000) ORDER BY range");
    check_int(strlen(answer), 15000 * 7 + 7500 * 5 + 7500);
    check(strncmp(answer, "10000|10000\n10001|-\n", 20) == 0);
}

static void a_select_without_rows_ends_at_once(void **state)
{
    (void)state;
    FIXTURE(room);
    check_answer(room.engine, "SELECT 1 AS x WHERE false", "");
}

/* ---- what may not leave ---------------------------------------------------------------------- */

static void check_refused(fixture *room, const char *sql)
{
    sr_err err = SR_ERR_INIT;
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result = NULL;
    check_ok(engine_session_new(&session, room->engine, &err), &err);
    check_fails(engine_select(&result, session, sql, NULL, 0, &err), &err, SR_E_INTERNAL);
    check(result == NULL);
}

static void a_token_never_leaves(void **state)
{
    (void)state;
    const char *const cells[] = {"sixteen bytes..."};
    engine_column column = token();
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, cells, 1);
    check_refused(&room, "SELECT c0 FROM t1_v1");
    check_refused(&room, "SELECT count(*), min(c0) FROM t1_v1");
    check_answer(room.engine, "SELECT count(DISTINCT c0) FROM t1_v1", "1\n");
}

static void types_that_the_plan_never_asks_for_do_not_leave(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "SELECT [1, 2]",          "SELECT {'a': 1}",    "SELECT INTERVAL 1 DAY",
        "SELECT TIME '10:00:00'", "SELECT 1::UHUGEINT", "SELECT '101'::BIT",
    };
    FIXTURE(room);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        check_refused(&room, statements[i]);
}

/* ---- parameters ------------------------------------------------------------------------------ */

static engine_parameter parameter(const char *type, const char *text)
{
    sr_err err = SR_ERR_INIT;
    engine_parameter made = {.is_null = text == NULL};
    check_ok(data_type_parse(&made.type, type, &err), &err);
    if (text != NULL)
        check_ok(data_value_parse(&made.value, made.type, sr_slice_text(text), &err), &err);
    return made;
}

static void parameters_of_every_type_arrive_unchanged(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const engine_parameter parameters[] = {
        parameter("STRING", "it's \"x\"; DROP TABLE t --"),
        parameter("SMALLINT", "-3"),
        parameter("INTEGER", "70000"),
        parameter("BIGINT", "9223372036854775807"),
        parameter("DECIMAL(38,2)", "-999999999999999999999999999999999999.99"),
        parameter("REAL", "0.5"),
        parameter("DOUBLE", "0.1"),
        parameter("BOOLEAN", "true"),
        parameter("DATE", "2024-02-29"),
        parameter("TIMESTAMP", "2024-02-29 12:30:00.25"),
        parameter("STRING", NULL),
        {.is_bytes = true, .value = {.text = sr_slice_text("by\xfftes")}},
        parameter("STRING", ""),
    };
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    FIXTURE(room);
    SR_TEXT(answer);
    check_ok(engine_session_new(&session, room.engine, &err), &err);
    answer = ask_in(session,
                    "SELECT $1::VARCHAR, $2::SMALLINT, $3::INTEGER, $4::BIGINT, $5::DECIMAL(38,2),"
                    " $6::REAL, $7::DOUBLE, $8::BOOLEAN, $9::DATE, $10::TIMESTAMP, $11::VARCHAR,"
                    " $12::BLOB, $13::VARCHAR",
                    parameters, sizeof parameters / sizeof parameters[0]);
    check_text(answer, "it's \"x\"; DROP TABLE t --|-3|70000|9223372036854775807|"
                       "-999999999999999999999999999999999999.99|0.5|0.1|true|2024-02-29|"
                       "2024-02-29 12:30:00.250000|-|by\xfftes|\n");
    engine_session_clear(&session);
}

static void a_wrong_number_of_parameters_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_parameter one = parameter("INTEGER", "1");
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result = NULL;
    FIXTURE(room);
    check_ok(engine_session_new(&session, room.engine, &err), &err);
    check_fails(engine_select(&result, session, "SELECT $1::INTEGER + $2::INTEGER", &one, 1, &err),
                &err, SR_E_INTERNAL);
    engine_session_clear(&session);
}

/* ---- error texts ----------------------------------------------------------------------------- */

static void an_error_of_the_engine_never_quotes_a_value(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "SELECT CAST(c0 AS INTEGER) FROM t1_v1",
        "SELECT CAST(c0 AS DATE) FROM t1_v1",
        "SELECT error(c0) FROM t1_v1",
        "SELECT c0 + 1 FROM t1_v1",
        "SELECT c1 + 9223372036854775807 FROM t1_v1",
        "SELECT 'card4711' FROM nowhere",
    };
    const char *const cells[] = {"card4711", "4711"};
    engine_column columns[] = {cleartext("STRING"), cleartext("BIGINT")};
    FIXTURE(room);
    store(room.engine, T1V1, columns, 2, cells, 1);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
        engine_result *result = NULL;
        check_ok(engine_session_new(&session, room.engine, &err), &err);
        check_fails(engine_select(&result, session, statements[i], NULL, 0, &err), &err,
                    SR_E_INTERNAL);
        check(strstr(err.text, "4711") == NULL);
        check(result == NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_types_of_an_answer_are_told_in_our_words),
        cmocka_unit_test(sums_of_whole_numbers_never_overflow_on_the_way_out),
        cmocka_unit_test(the_largest_hugeint_is_printed_whole),
        cmocka_unit_test(small_integers_are_printed_as_numbers),
        cmocka_unit_test(an_answer_of_many_chunks_arrives_whole_and_in_order),
        cmocka_unit_test(a_select_without_rows_ends_at_once),
        cmocka_unit_test(a_token_never_leaves),
        cmocka_unit_test(types_that_the_plan_never_asks_for_do_not_leave),
        cmocka_unit_test(parameters_of_every_type_arrive_unchanged),
        cmocka_unit_test(a_wrong_number_of_parameters_is_refused),
        cmocka_unit_test(an_error_of_the_engine_never_quotes_a_value),
    };
    check_main(tests);
}
