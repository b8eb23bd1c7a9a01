/* duckdb.c: the door to DuckDB: opening, locking down, stored tables, errors. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <duckdb.h>

#include "base/file.h"

#include "door.h"

enum
{
    PRIVATE_FILE = 0600,
    PRIVATE_FOLDER = 0700,
};

static void message_clear(char **message)
{
    duckdb_free(*message);
    *message = NULL;
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void trace(const char *what, const char *message)
{
    if (getenv("SEALROOM_ENGINE_TRACE") != NULL)
        fprintf(stderr, "engine: %s: %s\n", what, message == NULL ? "(no message)" : message);
}

sr_result door_fail(sr_err *err, int error_type, const char *message, const char *what)
{
    trace(what, message);
    switch (error_type)
    {
    case DUCKDB_ERROR_INTERRUPT:
        return sr_fail(err, SR_E_CANCELLED, "%s: stopped", what);
    case DUCKDB_ERROR_OUT_OF_MEMORY:
        return sr_fail(
            err, SR_E_FULL,
            "%s: needs more memory or spill space than the configuration gives the engine", what);
    case DUCKDB_ERROR_IO:
        return sr_fail(err, SR_E_IO, "%s: the engine could not read or write its file", what);
    case DUCKDB_ERROR_FATAL:
        return sr_fail(err, SR_E_CORRUPT, "%s: the engine gave up on its file; restart the server",
                       what);
    default:
        return sr_fail(err, SR_E_INTERNAL, "%s: the engine failed (kind %d)", what, error_type);
    }
}

/* ---- opening --------------------------------------------------------------------------------- */

/*
 * The lock-down. Options are given before the file opens, and lock_configuration makes them final. What
 * the lock leaves open (SET VARIABLE, SET schema, PRAGMA, ATTACH ':memory:') a session refuses by the
 * kind of statement. Not used: disabled_filesystems (a later checkpoint becomes fatal), DuckDB's own
 * encryption (needs a download).
 */
static sr_result set_option(duckdb_config config, const char *name, const char *value, sr_err *err)
{
    if (duckdb_set_config(config, name, value) != DuckDBSuccess)
        return sr_fail(err, SR_E_INVALID, "engine: option %s is not accepted", name);
    return SR_OK;
}

static sr_result configure(duckdb_config config, const engine_config *wanted, sr_err *err)
{
    char memory[32];
    char threads[16];
    snprintf(memory, sizeof memory, "%" PRIu64 "B", wanted->memory_limit);
    snprintf(threads, sizeof threads, "%u", wanted->threads);
    const char *const options[][2] = {
        {"autoload_known_extensions", "false"},
        {"autoinstall_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"temp_directory", wanted->temp_folder},
        {"memory_limit", memory},
        {"threads", threads},
        {"access_mode", wanted->read_only ? "READ_ONLY" : "READ_WRITE"},
        {"enable_external_access", "false"},
        {"lock_configuration", "true"},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    {
        bool all_cores = wanted->threads == 0 && strcmp(options[i][0], "threads") == 0;
        if (!all_cores && set_option(config, options[i][0], options[i][1], err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* DuckDB tells these cases apart only in words. */
static sr_result explain_open(const char *file, const char *message, sr_err *err)
{
    const char *words = message == NULL ? "" : message;
    trace(file, words);
    if (strstr(words, "Could not set lock") != NULL)
        return sr_fail(err, SR_E_STATE, "%s: in use by another process; is a server running?",
                       file);
    if (strstr(words, "not a valid DuckDB database") != NULL || strstr(words, "Corrupt") != NULL ||
        strstr(words, "corrupt") != NULL || strstr(words, "checksum") != NULL ||
        strstr(words, "Serialization") != NULL)
        return sr_fail(err, SR_E_CORRUPT, "%s: damaged, or not an engine file", file);
    if (strstr(words, "version number") != NULL)
        return sr_fail(err, SR_E_STATE, "%s: written by another version of the engine", file);
    return sr_fail(err, SR_E_IO, "%s: cannot be opened", file);
}

static sr_result open_database(engine *self, const engine_config *wanted, sr_err *err)
{
    duckdb_config config SR_CLEANUP(duckdb_destroy_config) = NULL;
    duckdb_database database = NULL;
    char *message SR_CLEANUP(message_clear) = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess)
        return sr_fail(err, SR_E_INTERNAL, "engine: no configuration");
    if (configure(config, wanted, err) != SR_OK)
        return SR_FAIL;
    if (duckdb_open_ext(wanted->file, &database, config, &message) != DuckDBSuccess)
        return explain_open(wanted->file, message, err);
    self->database = database;
    return SR_OK;
}

sr_result engine_open(engine **out, const engine_config *config, sr_err *err)
{
    *out = NULL;
    if (sr_folder_remove(config->temp_folder, err) != SR_OK ||
        sr_folder_make(config->temp_folder, PRIVATE_FOLDER, err) != SR_OK)
        return SR_FAIL;
    engine *made SR_CLEANUP(engine_clear) = sr_alloc(sizeof *made);
    if (open_database(made, config, err) != SR_OK)
        return SR_FAIL;
    if (!config->read_only && chmod(config->file, PRIVATE_FILE) != 0)
        return sr_fail_errno(err, errno, "%s", config->file);
    *out = made;
    made = NULL;
    return SR_OK;
}

void engine_free(engine *self)
{
    if (self == NULL)
        return;
    duckdb_database database = self->database;
    duckdb_close(&database);
    sr_free(self);
}

void engine_clear(engine **self)
{
    engine_free(*self);
    *self = NULL;
}

/* ---- connections ----------------------------------------------------------------------------- */

sr_result door_connect(void **out, engine *self, sr_err *err)
{
    duckdb_connection connection = NULL;
    *out = NULL;
    if (duckdb_connect(self->database, &connection) != DuckDBSuccess)
        return sr_fail(err, SR_E_INTERNAL, "engine: no further connection");
    *out = connection;
    return SR_OK;
}

void door_disconnect(void **connection)
{
    duckdb_connection handle = *connection;
    if (handle != NULL)
        duckdb_disconnect(&handle);
    *connection = NULL;
}

sr_result door_run(void *connection, const char *sql, const char *what, sr_err *err)
{
    duckdb_result result SR_CLEANUP(duckdb_destroy_result) = {0};
    if (duckdb_query(connection, sql, &result) == DuckDBSuccess)
        return SR_OK;
    return door_fail(err, (int)duckdb_result_error_type(&result), duckdb_result_error(&result),
                     what);
}

/* ---- stored tables --------------------------------------------------------------------------- */

void door_table_name(char *out, engine_table table)
{
    snprintf(out, ENGINE_NAME_SIZE, "t%" PRIu64 "_v%" PRIu32, table.table, table.version);
}

/* Reads a name of ours; false for any other table, which cannot be there. */
static bool read_name(engine_table *out, const char *name, size_t len)
{
    char copy[ENGINE_NAME_SIZE];
    char again[ENGINE_NAME_SIZE];
    if (len >= sizeof copy)
        return false;
    sr_copy(copy, name, len);
    copy[len] = '\0';
    if (sscanf(copy, "t%" SCNu64 "_v%" SCNu32, &out->table, &out->version) != 2)
        return false;
    door_table_name(again, *out);
    return strcmp(copy, again) == 0;
}

static sr_result read_names(engine_table *out, size_t *count, duckdb_data_chunk chunk, sr_err *err)
{
    duckdb_string_t *names = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    for (idx_t i = 0; i < rows; i++)
    {
        const char *name = duckdb_string_t_data(&names[i]);
        if (!read_name(&out[*count], name, duckdb_string_t_length(names[i])))
            return sr_fail(err, SR_E_CORRUPT, "engine: a stored table that is none of ours");
        (*count)++;
    }
    return SR_OK;
}

static sr_result collect_tables(engine_table **out, size_t *count, duckdb_result *result,
                                sr_err *err)
{
    duckdb_data_chunk chunk SR_CLEANUP(duckdb_destroy_data_chunk) = duckdb_fetch_chunk(*result);
    while (chunk != NULL)
    {
        size_t rows = duckdb_data_chunk_get_size(chunk);
        *out = sr_array_grow(*out, *count, *count + rows, sizeof **out);
        if (read_names(*out, count, chunk, err) != SR_OK)
            return SR_FAIL;
        duckdb_destroy_data_chunk(&chunk);
        chunk = duckdb_fetch_chunk(*result);
    }
    return SR_OK;
}

sr_result engine_tables(engine *self, engine_table **out, size_t *count, sr_err *err)
{
    void *connection SR_CLEANUP(door_disconnect) = NULL;
    duckdb_result result SR_CLEANUP(duckdb_destroy_result) = {0};
    *out = NULL;
    *count = 0;
    if (door_connect(&connection, self, err) != SR_OK)
        return SR_FAIL;
    if (duckdb_query(connection,
                     "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND NOT internal",
                     &result) != DuckDBSuccess)
        return door_fail(err, (int)duckdb_result_error_type(&result), duckdb_result_error(&result),
                         "stored tables");
    if (collect_tables(out, count, &result, err) == SR_OK)
        return SR_OK;
    sr_free(*out);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

sr_result engine_drop(engine *self, engine_table table, sr_err *err)
{
    void *connection SR_CLEANUP(door_disconnect) = NULL;
    char name[ENGINE_NAME_SIZE];
    char sql[ENGINE_NAME_SIZE + 32];
    door_table_name(name, table);
    snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS %s", name);
    if (door_connect(&connection, self, err) != SR_OK)
        return SR_FAIL;
    return door_run(connection, sql, "stored table", err);
}

/* ---- a table from one file to another -------------------------------------------------------- */

static const char copying[] = "copying a stored table";

/* One copy under way: a table of `source` into `target`. */
typedef struct
{
    void *source; /* duckdb_connection */
    void *target;
    char name[ENGINE_NAME_SIZE];
} copy;

static void copy_clear(copy *self)
{
    door_disconnect(&self->source);
    door_disconnect(&self->target);
}

/* The statement that made the table, as DuckDB keeps it. */
static sr_result create_like(const copy *self, sr_err *err)
{
    char find[ENGINE_NAME_SIZE + 64];
    duckdb_result result SR_CLEANUP(duckdb_destroy_result) = {0};
    duckdb_data_chunk chunk SR_CLEANUP(duckdb_destroy_data_chunk) = NULL;
    SR_TEXT(sql);
    snprintf(find, sizeof find, "SELECT sql FROM duckdb_tables() WHERE table_name = '%s'",
             self->name);
    if (duckdb_query(self->source, find, &result) != DuckDBSuccess)
        return door_fail(err, (int)duckdb_result_error_type(&result), duckdb_result_error(&result),
                         copying);
    chunk = duckdb_fetch_chunk(result);
    if (chunk == NULL || duckdb_data_chunk_get_size(chunk) != 1)
        return sr_fail(err, SR_E_CORRUPT, "%s: a table is not there", copying);
    duckdb_string_t *text = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    if (sr_slice_to_text(&sql,
                         sr_slice_of(duckdb_string_t_data(text), duckdb_string_t_length(*text)),
                         err) != SR_OK)
        return SR_FAIL;
    return door_run(self->target, sql, copying, err);
}

static sr_result append_all(duckdb_appender to, duckdb_result *rows, sr_err *err)
{
    for (;;)
    {
        duckdb_data_chunk chunk SR_CLEANUP(duckdb_destroy_data_chunk) = duckdb_fetch_chunk(*rows);
        if (chunk == NULL)
            break;
        if (duckdb_append_data_chunk(to, chunk) != DuckDBSuccess)
            return door_fail(err, DUCKDB_ERROR_IO, duckdb_appender_error(to), copying);
    }
    const char *message = duckdb_result_error(rows); /* a stream that breaks off ends, too */
    if (message != NULL)
        return door_fail(err, (int)duckdb_result_error_type(rows), message, copying);
    if (duckdb_appender_close(to) != DuckDBSuccess)
        return door_fail(err, DUCKDB_ERROR_IO, duckdb_appender_error(to), copying);
    return SR_OK;
}

/* A stream, so that a table larger than memory can be copied. */
static sr_result copy_rows(const copy *self, sr_err *err)
{
    char select[ENGINE_NAME_SIZE + 32];
    duckdb_prepared_statement statement SR_CLEANUP(duckdb_destroy_prepare) = NULL;
    duckdb_pending_result pending SR_CLEANUP(duckdb_destroy_pending) = NULL;
    duckdb_result rows SR_CLEANUP(duckdb_destroy_result) = {0};
    duckdb_appender to = NULL;
    snprintf(select, sizeof select, "SELECT * FROM %s", self->name);
    if (duckdb_prepare(self->source, select, &statement) != DuckDBSuccess ||
        duckdb_pending_prepared_streaming(statement, &pending) != DuckDBSuccess ||
        duckdb_execute_pending(pending, &rows) != DuckDBSuccess)
        return door_fail(err, DUCKDB_ERROR_IO, duckdb_result_error(&rows), copying);
    sr_result result = SR_FAIL;
    if (duckdb_appender_create(self->target, NULL, self->name, &to) == DuckDBSuccess)
        result = append_all(to, &rows, err);
    else
        sr_fail(err, SR_E_INTERNAL, "%s: no appender", copying);
    duckdb_appender_destroy(&to);
    return result;
}

static sr_result count_rows(int64_t *out, void *connection, const char *name, sr_err *err)
{
    char sql[ENGINE_NAME_SIZE + 32];
    duckdb_result result SR_CLEANUP(duckdb_destroy_result) = {0};
    duckdb_data_chunk chunk SR_CLEANUP(duckdb_destroy_data_chunk) = NULL;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", name);
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        return door_fail(err, (int)duckdb_result_error_type(&result), duckdb_result_error(&result),
                         copying);
    chunk = duckdb_fetch_chunk(result);
    if (chunk == NULL || duckdb_data_chunk_get_size(chunk) != 1)
        return sr_fail(err, SR_E_INTERNAL, "%s: no count", copying);
    *out = *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    return SR_OK;
}

/* What takes the old file's place must hold no row less. */
static sr_result compare(const copy *self, sr_err *err)
{
    int64_t before = 0;
    int64_t after = 0;
    if (count_rows(&before, self->source, self->name, err) != SR_OK ||
        count_rows(&after, self->target, self->name, err) != SR_OK)
        return SR_FAIL;
    if (before != after)
        return sr_fail(err, SR_E_INTERNAL, "%s: rows were lost on the way; nothing was changed",
                       copying);
    return SR_OK;
}

sr_result door_copy_table(engine *source, engine *target, engine_table table, sr_err *err)
{
    copy self SR_CLEANUP(copy_clear) = {.source = NULL};
    door_table_name(self.name, table);
    if (door_connect(&self.source, source, err) != SR_OK ||
        door_connect(&self.target, target, err) != SR_OK ||
        door_run(self.target, "BEGIN TRANSACTION", copying, err) != SR_OK ||
        create_like(&self, err) != SR_OK || copy_rows(&self, err) != SR_OK ||
        compare(&self, err) != SR_OK)
        return SR_FAIL;
    return door_run(self.target, "COMMIT", copying, err);
}
