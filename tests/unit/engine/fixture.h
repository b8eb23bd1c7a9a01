/*
 * fixture.h: an engine in a folder of its own, short ways to put rows in and to read answers as text.
 * Every failure ends the test.
 */
#ifndef SEALROOM_TESTS_ENGINE_FIXTURE_H
#define SEALROOM_TESTS_ENGINE_FIXTURE_H

#include "check.h"

#include "server/engine/engine.h"

typedef struct
{
    char folder[64];
    char *file;
    char *temp;
    engine *engine;
    uint64_t memory_limit; /* for the next opening */
} fixture;

/* Makes the folder and opens a new engine in it. */
void fixture_init(fixture *room);
/* Closes the engine; opens it again. */
void fixture_close(fixture *room);
void fixture_open(fixture *room);
/* Opens and gives what engine_open says. */
sr_result fixture_try_open(fixture *room, sr_err *err);
/* Closes and removes the folder. */
void fixture_clear(fixture *room);
#define FIXTURE(name)                                                                              \
    fixture name SR_CLEANUP(fixture_clear) = {.folder = ""};                                       \
    fixture_init(&name)

/* Column shorthands: a cleartext column of a data type named as in a schema; a token; bytes. */
engine_column cleartext(const char *type);
engine_column token(void);
engine_column bytes(void);

#define T1V1 ((engine_table){.table = 1, .version = 1})

/* Stages and commits `rows` rows; cells row by row as text, NULL for NULL. */
void store(engine *engine, engine_table table, const engine_column *columns, size_t column_count,
           const char *const *cells, size_t rows);
/* One cell into an open stage that has one column. */
sr_result append_one(engine_stage *stage, sr_slice cell, bool null, sr_err *err);
/* A new stage, which must succeed. */
engine_stage *stage_of(engine *engine, engine_table table, const engine_column *columns,
                       size_t column_count);

/* The answer to a SELECT: cells separated by '|', rows by '\n', NULL as "-". Owned (sr_free). */
char *ask(engine *engine, const char *sql);
/* The same in a session with parameters. */
char *ask_in(engine_session *session, const char *sql, const engine_parameter *parameters,
             size_t count);
/* The answer must be this. */
void check_answer(engine *engine, const char *sql, const char *expected);
size_t table_count(engine *engine);

#endif
