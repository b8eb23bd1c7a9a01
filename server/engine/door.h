/*
 * door.h: what the four files of the DuckDB door and rewrite.c share, and nobody else includes. DuckDB's handles are
 * pointers to structs that only its header names, so here they are `void *`.
 *
 * DuckDB's messages quote values ("Could not convert string '4111…'"). None of them leaves this door: an
 * error says in our words what kind of failure it was. Whoever must see a message sets the environment
 * variable SEALROOM_ENGINE_TRACE, and it goes to stderr: for a developer's machine, never for real data.
 */
#ifndef SEALROOM_SERVER_ENGINE_DOOR_H
#define SEALROOM_SERVER_ENGINE_DOOR_H

#include "engine.h"

struct engine
{
    void *database; /* duckdb_database */
};

enum
{
    ENGINE_NAME_SIZE = 40, /* "t18446744073709551615_v4294967295" and its NUL fit */
};

/* The name of a stored table, into out[ENGINE_NAME_SIZE]. */
void door_table_name(char *out, engine_table table);

/* A connection of its own; released with door_disconnect (accepts NULL, sets NULL). */
sr_result door_connect(void **out, engine *engine, sr_err *err) SR_MUST_USE;
void door_disconnect(void **connection);

/* Runs a statement of ours; `what` is the subject of its error ("stored table"). */
sr_result door_run(void *connection, const char *sql, const char *what, sr_err *err) SR_MUST_USE;

/* Copies a stored table, columns and rows, from one engine to another, which must not have it. Committed and
 * counted when it returns. */
sr_result door_copy_table(engine *source, engine *target, engine_table table,
                          sr_err *err) SR_MUST_USE;

/* SR_FAIL with the code that a duckdb_error_type stands for; the message is traced, never repeated. */
sr_result door_fail(sr_err *err, int error_type, const char *message, const char *what);

/* What a session hands to its results. */
struct engine_result
{
    void *rows; /* duckdb_result *, owned */
    size_t columns;
    struct result_column *column; /* one a column; duckdb_result.c knows what is in it */
    void *chunk;                  /* duckdb_data_chunk that is being read, or NULL */
    size_t chunk_rows;
    size_t row;     /* next row of the chunk */
    sr_buf printed; /* texts of the numbers of the present row */
};

/* Takes the duckdb_result that `rows` points to, also on failure. SR_E_INTERNAL for a column that may
 * not leave: a token, or a type that the plan stage never asks for. */
sr_result door_result_new(engine_result **out, void *rows, sr_err *err) SR_MUST_USE;

#endif
