/*
 * engine.h: one interface to whatever stores and joins the uploaded rows; DuckDB is the default.
 *
 * An engine is the data of one collaboration (one file). It knows tables by number and version, columns
 * by position: no name of a user ever reaches it. Stored tables are called `t<table>_v<version>` and
 * their columns `c0`, `c1` …; the plan stage generates SQL over exactly these names.
 *
 *   column storage        engine type                       cells on the way in
 *   STORED_AS_DATA_TYPE   the data type's own               UTF-8 text, parsed and checked here
 *   STORED_AS_TOKEN       UUID                              16-byte token
 *   STORED_AS_BYTES       BLOB                              raw bytes
 *   STORED_AS_RANDOM_BYTES  BLOB, never compressed          raw bytes
 *
 * Staging: rows go into a table that no query can name until `engine_stage_commit`, which is durable when
 * it returns. A stage that is freed, or that a crash ends, leaves nothing (the pool drops stored
 * tables that the catalog does not know).
 *
 * Sessions: one per query; locked down (no extensions, no external access, configuration locked, memory
 * limit, temporary files only in the folder given), interruptible from another thread. A session is one
 * read-only transaction: it reads one snapshot, makes temporary tables alone, and is over after the first
 * statement that fails (SR_E_STATE from then on). It runs SELECT, CREATE and DROP, nothing else.
 *
 * Errors: never a value, never the engine's own message (it may quote data); SR_E_INTERNAL with our words,
 * the engine's message only to the server's private debug log when that is asked for.
 */
#ifndef SEALROOM_SERVER_ENGINE_H
#define SEALROOM_SERVER_ENGINE_H

#include "base/bytes.h"
#include "base/err.h"
#include "model/column_type.h"
#include "model/data_type.h"

typedef struct engine engine;
typedef struct engine_stage engine_stage;
typedef struct engine_session engine_session;
typedef struct engine_result engine_result;

typedef struct
{
    const char *file;        /* made when it is not there */
    const char *temp_folder; /* spill; emptied when the engine opens */
    uint64_t memory_limit;   /* bytes */
    unsigned threads;        /* 0: all cores */
    bool read_only;          /* the file must be there and stays as it is, byte for byte */
} engine_config;

typedef struct
{
    column_storage storage;
    data_type data; /* of cleartext; ignored otherwise */
} engine_column;

typedef struct
{
    uint64_t table;
    uint32_t version;
} engine_table;

/* ---- the engine ------------------------------------------------------------------------------ */

sr_result engine_open(engine **out, const engine_config *config, sr_err *err) SR_MUST_USE;
void engine_free(
    engine *engine); /* checkpoints; accepts NULL; all stages and sessions must be gone */
void engine_clear(engine **engine);
/* Every stored table; the array is the caller's (sr_free). */
sr_result engine_tables(engine *engine, engine_table **out, size_t *count, sr_err *err) SR_MUST_USE;
sr_result engine_drop(engine *engine, engine_table table, sr_err *err) SR_MUST_USE;

/* Erasing: engine_drop frees a table's blocks, whose bytes stay in the file until they happen to be used
 * again. This writes the tables of `keep` to a new file (FILE.new, meanwhile), which takes the place of the
 * old one in one step; no engine may have the file open. Needs space for both. Whatever fails, or a crash,
 * leaves the old file as it was. The old file's blocks go back to the file system: what a disk keeps of
 * them is beyond a program's reach. */
sr_result engine_rewrite(const engine_config *config, const engine_table *keep, size_t count,
                         sr_err *err) SR_MUST_USE;

/* ---- staging --------------------------------------------------------------------------------- */

/* One column of a batch: `rows` cells, NULL where `nulls` says so (then the cell is ignored). */
typedef struct
{
    const sr_slice *cells;
    const bool *nulls;
} engine_cells;

sr_result engine_stage_new(engine_stage **out, engine *engine, engine_table table,
                           const engine_column *columns, size_t column_count,
                           sr_err *err) SR_MUST_USE;
/* Begins the stage with all rows of a stored table that has the same columns; before any append. */
sr_result engine_stage_copy(engine_stage *stage, engine_table from, sr_err *err) SR_MUST_USE;
/* Appends a batch, column by column. A cell that does not fit its type fails with the column's position
 * and the row's number in the upload (rows that it began with do not count) ("column 3: row 1042: expected INTEGER"); the stage is then dead. */
sr_result engine_stage_append(engine_stage *stage, const engine_cells *columns, size_t rows,
                              sr_err *err) SR_MUST_USE;
/* `*rows`: of the whole table, those that it began with included. */
sr_result engine_stage_commit(engine_stage *stage, uint64_t *rows, sr_err *err) SR_MUST_USE;
void engine_stage_free(engine_stage *stage); /* without commit: all rows vanish; accepts NULL */
void engine_stage_clear(engine_stage **stage);

/* ---- facts ----------------------------------------------------------------------------------- */

/* Whether a value of a stored column stands in more than one row; NULLs are no values. A fact of the table
 * alone: ask once, when it is stored. Measured with all values different (tokens): 0.14 CPU seconds at
 * 1,000,000 rows, 0.7 at 4,000,000 (of 1.3 and 5 that the server spends on such an upload); a twentieth of that
 * for a column that repeats early. SR_E_FULL: counting
 * needs more memory and spill space than there is. */
sr_result engine_column_repeats(engine *engine, bool *repeats, engine_table table, size_t column,
                                sr_err *err) SR_MUST_USE;

/* ---- asking ---------------------------------------------------------------------------------- */

/* A bound parameter of generated SQL ($1, $2 …). */
typedef struct
{
    bool is_null;
    bool is_bytes; /* BLOB from value.text */
    data_type type;
    data_value value;
} engine_parameter;

/* A cell of a result. Numbers of any width arrive as canonical text; bytes stay bytes. */
typedef struct
{
    bool is_null;
    sr_slice bytes; /* valid until the next engine_result_next */
} engine_cell;

sr_result engine_session_new(engine_session **out, engine *engine, sr_err *err) SR_MUST_USE;
void engine_session_free(engine_session *session); /* drops its temporary tables; accepts NULL */
void engine_session_clear(engine_session **session);
/* Runs one statement of ours without a result (CREATE TEMP TABLE … AS). */
sr_result engine_execute(engine_session *session, const char *sql,
                         const engine_parameter *parameters, size_t count, sr_err *err) SR_MUST_USE;
/* Runs one SELECT of ours. */
sr_result engine_select(engine_result **out, engine_session *session, const char *sql,
                        const engine_parameter *parameters, size_t count, sr_err *err) SR_MUST_USE;
/* Stops what the session runs; it then fails with SR_E_CANCELLED. Safe from any thread while the session
 * lives; sticky: later statements fail too. */
void engine_session_interrupt(engine_session *session);

size_t engine_result_columns(const engine_result *result);
/* The engine's type of a column in our words; BLOB and anything else is DATA_STRING. HUGEINT (SUM of
 * whole numbers) is DECIMAL(38,0). */
data_type engine_result_type(const engine_result *result, size_t column);
/* Next row into `row` (engine_result_columns cells); *end when there is none. */
sr_result engine_result_next(engine_result *result, engine_cell *row, bool *end,
                             sr_err *err) SR_MUST_USE;
void engine_result_free(engine_result *result); /* accepts NULL */
void engine_result_clear(engine_result **result);

#endif
