/* A server that is killed: what was committed is there, what was staged never was. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static const char *const one_cell[] = {"1"};

/* Runs `work` in a child that opens the engine itself and is then killed, without any clean-up. */
static void run_and_kill(fixture *room, void (*work)(engine *engine))
{
    int status = 0;
    fixture_close(room);
    pid_t child = fork();
    if (child == 0)
    {
        fixture_open(room);
        work(room->engine);
        kill(getpid(), SIGKILL);
    }
    check_int(waitpid(child, &status, 0), child);
    check(WIFSIGNALED(status));
    check_int(WTERMSIG(status), SIGKILL);
}

static void commit_one(engine *from)
{
    engine_column column = cleartext("INTEGER");
    store(from, T1V1, &column, 1, one_cell, 1);
}

/* Enough rows for DuckDB to write some of them into the file before the commit. */
static void stage_many(engine *from)
{
    enum
    {
        ROWS = 65536,
        BATCHES = 10
    };
    static sr_slice cells[ROWS];
    sr_err err = SR_ERR_INIT;
    engine_column column = cleartext("STRING");
    engine_cells batch = {.cells = cells};
    engine_stage *stage = stage_of(from, (engine_table){1, 2}, &column, 1);
    for (size_t i = 0; i < ROWS; i++)
        cells[i] = sr_slice_text("a text that is not kept inline");
    for (int i = 0; i < BATCHES; i++)
        check_ok(engine_stage_append(stage, &batch, ROWS, &err), &err);
}

static void commit_one_and_stage_many(engine *from)
{
    commit_one(from);
    stage_many(from);
}

static void drop_one(engine *from)
{
    sr_err err = SR_ERR_INIT;
    check_ok(engine_drop(from, T1V1, &err), &err);
}

static void a_committed_table_survives_a_kill(void **state)
{
    (void)state;
    SR_TEXT(log);
    FIXTURE(room);
    log = sr_text_printf("%s.wal", room.file);
    run_and_kill(&room, commit_one);
    check(sr_file_exists(log)); /* or this test would prove nothing */
    fixture_open(&room);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "1\n");
}

static void staged_rows_vanish_with_a_kill(void **state)
{
    (void)state;
    FIXTURE(room);
    run_and_kill(&room, commit_one_and_stage_many);
    fixture_open(&room);
    check_int(table_count(room.engine), 1);
    check_answer(room.engine, "SELECT c0 FROM t1_v1", "1\n");
    engine_column column = cleartext("INTEGER");
    store(room.engine, (engine_table){1, 2}, &column, 1, one_cell, 1);
    check_answer(room.engine, "SELECT c0 FROM t1_v2", "1\n");
}

static void a_drop_survives_a_kill(void **state)
{
    (void)state;
    FIXTURE(room);
    commit_one(room.engine);
    run_and_kill(&room, drop_one);
    fixture_open(&room);
    check_int(table_count(room.engine), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_committed_table_survives_a_kill),
        cmocka_unit_test(staged_rows_vanish_with_a_kill),
        cmocka_unit_test(a_drop_survives_a_kill),
    };
    check_main(tests);
}
