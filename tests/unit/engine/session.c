/* Sessions: snapshots, temporary tables, interrupts, memory, many at once. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* Runs for hours when nobody stops it. */
#define ENDLESS                                                                                    \
    "SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE (a.range * b.range) % 7 = 3"

static engine_session *session_of(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    engine_session *session = NULL;
    check_ok(engine_session_new(&session, room->engine, &err), &err);
    return session;
}

static void temporary_tables_live_in_their_session_alone(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_result *result = NULL;
    FIXTURE(room);
    SR_TEXT(answer);
    engine_session *one SR_CLEANUP(engine_session_clear) = session_of(&room);
    engine_session *other SR_CLEANUP(engine_session_clear) = session_of(&room);
    check_ok(engine_execute(one, "CREATE TEMP TABLE g AS SELECT 5 AS x", NULL, 0, &err), &err);
    answer = ask_in(one, "SELECT x FROM g", NULL, 0);
    check_text(answer, "5\n");
    check_fails(engine_select(&result, other, "SELECT x FROM g", NULL, 0, &err), &err,
                SR_E_INTERNAL);
    check_ok(engine_execute(one, "DROP TABLE g", NULL, 0, &err), &err);
    engine_session_clear(&one);
    engine_session_clear(&other);
}

static void a_session_is_dead_after_a_failed_statement(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_result *result = NULL;
    FIXTURE(room);
    engine_session *session SR_CLEANUP(engine_session_clear) = session_of(&room);
    check_fails(
        engine_execute(session, "CREATE TEMP TABLE g AS SELECT * FROM nowhere", NULL, 0, &err),
        &err, SR_E_INTERNAL);
    check_fails(engine_select(&result, session, "SELECT 1", NULL, 0, &err), &err, SR_E_STATE);
    engine_session_clear(&session);
}

static void a_result_outlives_later_statements_of_its_session(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_cell cell;
    bool end = false;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    FIXTURE(room);
    engine_session *session SR_CLEANUP(engine_session_clear) = session_of(&room);
    check_ok(
        engine_select(&result, session, "SELECT range FROM range(5000) ORDER BY 1", NULL, 0, &err),
        &err);
    check_ok(engine_execute(session, "CREATE TEMP TABLE g AS SELECT 5 AS x", NULL, 0, &err), &err);
    for (int i = 0; i < 5000; i++)
        check_ok(engine_result_next(result, &cell, &end, &err), &err);
    check_slice(cell.bytes, "4999");
    check_ok(engine_result_next(result, &cell, &end, &err), &err);
    check(end && cell.is_null);
    check_ok(engine_result_next(result, &cell, &end, &err), &err);
    check(end);
    engine_result_clear(&result);
    engine_session_clear(&session);
}

/* ---- interrupts ------------------------------------------------------------------------------ */

static void an_interrupt_before_a_statement_stops_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_result *result = NULL;
    FIXTURE(room);
    engine_session *session SR_CLEANUP(engine_session_clear) = session_of(&room);
    engine_session_interrupt(session);
    check_fails(engine_select(&result, session, "SELECT 1", NULL, 0, &err), &err, SR_E_CANCELLED);
    check_fails(engine_execute(session, "CREATE TEMP TABLE g AS SELECT 1 AS x", NULL, 0, &err),
                &err, SR_E_CANCELLED);
    engine_session_clear(&session);
}

typedef struct
{
    engine_session *session;
    useconds_t after;
} interrupter;

static void *interrupt_later(void *argument)
{
    const interrupter *what = argument;
    usleep(what->after);
    engine_session_interrupt(what->session);
    return NULL;
}

/* From before the statement begins to well into its work: none may be lost, or the test hangs. */
static void an_interrupt_at_any_moment_stops_the_statement(void **state)
{
    (void)state;
    static const useconds_t moments[] = {
        0,   20,  50,  80,  100, 120,  150,  180,  200,  230,  260,  300,  350,   400,
        500, 600, 700, 800, 900, 1000, 1200, 1500, 2000, 3000, 5000, 9000, 20000, 100000};
    FIXTURE(room);
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        pthread_t thread;
        engine_result *result = NULL;
        engine_session *session SR_CLEANUP(engine_session_clear) = session_of(&room);
        interrupter what = {.session = session, .after = moments[i]};
        check_int(pthread_create(&thread, NULL, interrupt_later, &what), 0);
        check_fails(engine_select(&result, session, ENDLESS, NULL, 0, &err), &err, SR_E_CANCELLED);
        check(result == NULL);
        pthread_join(thread, NULL);
    }
}

static void an_interrupt_leaves_other_sessions_alone(void **state)
{
    (void)state;
    FIXTURE(room);
    SR_TEXT(answer);
    engine_session *stopped SR_CLEANUP(engine_session_clear) = session_of(&room);
    engine_session *other SR_CLEANUP(engine_session_clear) = session_of(&room);
    engine_session_interrupt(stopped);
    answer = ask_in(other, "SELECT 1", NULL, 0);
    check_text(answer, "1\n");
    engine_session_clear(&stopped);
    engine_session_clear(&other);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void a_statement_beyond_the_memory_limit_fails_and_the_engine_goes_on(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    engine_result *result = NULL;
    FIXTURE(room);
    fixture_close(&room);
    room.memory_limit = 64 * 1024 * 1024;
    fixture_open(&room);
    engine_session *session SR_CLEANUP(engine_session_clear) = session_of(&room);
    check_fails(engine_select(&result, session,
                              "SELECT len(list(hash(range))) FROM range(30000000)", NULL, 0, &err),
                &err, SR_E_FULL);
    check_error_says(&err, "needs more memory");
    engine_session_clear(&session);
    check_answer(room.engine, "SELECT 1", "1\n");
}

/* ---- many at once ---------------------------------------------------------------------------- */

enum
{
    THREADS = 16,
    ROUNDS = 20,
};

typedef struct
{
    engine *engine;
    atomic_int failures;
} crowd;

static bool ask_once(crowd *all)
{
    sr_err err = SR_ERR_INIT;
    engine_cell cell;
    bool end = false;
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    if (engine_session_new(&session, all->engine, &err) != SR_OK ||
        engine_execute(session,
                       "CREATE TEMP TABLE g AS SELECT c0 % 10 AS k, count(*) AS n FROM t1_v1"
                       " GROUP BY 1",
                       NULL, 0, &err) != SR_OK ||
        engine_select(&result, session, "SELECT sum(n) FROM g", NULL, 0, &err) != SR_OK ||
        engine_result_next(result, &cell, &end, &err) != SR_OK || end)
        return false;
    bool right = sr_slice_is_text_var(cell.bytes, "3");
    engine_result_clear(&result);
    return right;
}

static void *ask_often(void *argument)
{
    crowd *all = argument;
    for (int i = 0; i < ROUNDS; i++)
        if (!ask_once(all))
            atomic_fetch_add(&all->failures, 1);
    return NULL;
}

static void many_sessions_ask_one_engine_at_once(void **state)
{
    (void)state;
    const char *const cells[] = {"1", "2", "11"};
    engine_column column = cleartext("INTEGER");
    pthread_t threads[THREADS];
    FIXTURE(room);
    store(room.engine, T1V1, &column, 1, cells, 3);
    crowd all = {.engine = room.engine};
    for (int i = 0; i < THREADS; i++)
        check_int(pthread_create(&threads[i], NULL, ask_often, &all), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_int(atomic_load(&all.failures), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temporary_tables_live_in_their_session_alone),
        cmocka_unit_test(a_session_is_dead_after_a_failed_statement),
        cmocka_unit_test(a_result_outlives_later_statements_of_its_session),
        cmocka_unit_test(an_interrupt_before_a_statement_stops_it),
        cmocka_unit_test(an_interrupt_at_any_moment_stops_the_statement),
        cmocka_unit_test(an_interrupt_leaves_other_sessions_alone),
        cmocka_unit_test(a_statement_beyond_the_memory_limit_fails_and_the_engine_goes_on),
        cmocka_unit_test(many_sessions_ask_one_engine_at_once),
    };
    check_main(tests);
}
