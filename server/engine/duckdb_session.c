/*
 * duckdb_session.c: asking. A session is a connection inside a READ ONLY transaction: it can make temporary
 * tables, and neither it nor anything in a statement can change a stored table. It reads one snapshot.
 *
 * Interrupting without a gap: duckdb_interrupt sets a flag that DuckDB clears when a statement begins, so an
 * interrupt just before would be lost. Therefore our own flag is set first, and looked at after the
 * statement began (duckdb_pending_prepared) and before it works (duckdb_execute_pending): whichever order the
 * two threads take, DuckDB's flag is up when the work starts. The work is started even then: a pending
 * statement that is dropped instead leaks its plan when other threads have begun with it.
 */
#include <stdatomic.h>
#include <string.h>

#include <duckdb.h>

#include "door.h"

__extension__ typedef __int128 wide;

struct engine_session
{
    void *connection; /* duckdb_connection */
    atomic_bool interrupted;
    bool dead; /* a statement failed, and with it the transaction */
};

static const char *const session_words = "query";

sr_result engine_session_new(engine_session **out, engine *self, sr_err *err)
{
    *out = NULL;
    engine_session *session SR_CLEANUP(engine_session_clear) = sr_alloc(sizeof *session);
    atomic_init(&session->interrupted, false);
    if (door_connect(&session->connection, self, err) != SR_OK ||
        door_run(session->connection, "BEGIN TRANSACTION READ ONLY", session_words, err) != SR_OK)
        return SR_FAIL;
    *out = session;
    session = NULL;
    return SR_OK;
}

void engine_session_free(engine_session *session)
{
    if (session == NULL)
        return;
    door_disconnect(&session->connection);
    sr_free(session);
}

void engine_session_clear(engine_session **session)
{
    engine_session_free(*session);
    *session = NULL;
}

void engine_session_interrupt(engine_session *session)
{
    atomic_store(&session->interrupted, true);
    duckdb_interrupt(session->connection);
}

static sr_result check_interrupt(engine_session *session, sr_err *err)
{
    if (atomic_load(&session->interrupted))
        return sr_fail(err, SR_E_CANCELLED, "%s: stopped", session_words);
    return SR_OK;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static duckdb_hugeint hugeint_of(wide value)
{
    return (duckdb_hugeint){.lower = (uint64_t)value, .upper = (int64_t)(value >> 64)};
}

static duckdb_state bind_text(duckdb_prepared_statement statement, idx_t at, sr_slice text)
{
    const char *data = text.data == NULL ? "" : (const char *)text.data;
    return duckdb_bind_varchar_length(statement, at, data, text.len);
}

static duckdb_state bind_value(duckdb_prepared_statement statement, idx_t at, data_type type,
                               const data_value *value)
{
    switch (type.kind)
    {
    case DATA_SMALLINT:
        return duckdb_bind_int16(statement, at, (int16_t)value->integer);
    case DATA_INTEGER:
        return duckdb_bind_int32(statement, at, (int32_t)value->integer);
    case DATA_BIGINT:
        return duckdb_bind_int64(statement, at, value->integer);
    case DATA_DECIMAL:
        return duckdb_bind_decimal(statement, at,
                                   (duckdb_decimal){.width = type.precision,
                                                    .scale = type.scale,
                                                    .value = hugeint_of(value->unscaled)});
    case DATA_REAL:
        return duckdb_bind_float(statement, at, (float)value->real);
    case DATA_DOUBLE:
        return duckdb_bind_double(statement, at, value->real);
    case DATA_BOOLEAN:
        return duckdb_bind_boolean(statement, at, value->integer != 0);
    case DATA_DATE:
        return duckdb_bind_date(statement, at, (duckdb_date){.days = (int32_t)value->integer});
    case DATA_TIMESTAMP:
        return duckdb_bind_timestamp(statement, at, (duckdb_timestamp){.micros = value->integer});
    default:
        return bind_text(statement, at, value->text);
    }
}

static duckdb_state bind_one(duckdb_prepared_statement statement, idx_t at,
                             const engine_parameter *parameter)
{
    sr_slice bytes = parameter->value.text;
    if (parameter->is_null)
        return duckdb_bind_null(statement, at);
    if (parameter->is_bytes)
        return duckdb_bind_blob(statement, at,
                                bytes.data == NULL ? (const uint8_t *)"" : bytes.data, bytes.len);
    return bind_value(statement, at, parameter->type, &parameter->value);
}

static sr_result bind_all(duckdb_prepared_statement statement, const engine_parameter *parameters,
                          size_t count, sr_err *err)
{
    if (duckdb_nparams(statement) != count)
        return sr_fail(err, SR_E_INTERNAL, "%s: wrong number of parameters", session_words);
    for (size_t i = 0; i < count; i++)
        if (bind_one(statement, i + 1, &parameters[i]) != DuckDBSuccess)
            return sr_fail(err, SR_E_INTERNAL, "%s: parameter %zu does not bind", session_words,
                           i + 1);
    return SR_OK;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* By kind, so that nothing which the locked configuration leaves open can run here. */
static bool may_run(duckdb_statement_type type, bool select)
{
    if (select)
        return type == DUCKDB_STATEMENT_TYPE_SELECT;
    return type == DUCKDB_STATEMENT_TYPE_CREATE || type == DUCKDB_STATEMENT_TYPE_DROP;
}

static sr_result prepare(duckdb_prepared_statement *out, engine_session *session, const char *sql,
                         bool select, sr_err *err)
{
    if (duckdb_prepare(session->connection, sql, out) != DuckDBSuccess)
        return door_fail(err, DUCKDB_ERROR_INTERNAL, duckdb_prepare_error(*out), session_words);
    if (!may_run(duckdb_prepared_statement_type(*out), select))
        return sr_fail(err, SR_E_INTERNAL, "%s: this kind of statement does not run here",
                       session_words);
    return SR_OK;
}

static sr_result execute_prepared(duckdb_result *out, engine_session *session,
                                  duckdb_prepared_statement statement, sr_err *err)
{
    duckdb_pending_result pending SR_CLEANUP(duckdb_destroy_pending) = NULL;
    if (duckdb_pending_prepared(statement, &pending) != DuckDBSuccess)
        return door_fail(err, DUCKDB_ERROR_INTERNAL, duckdb_pending_error(pending), session_words);
    if (atomic_load(&session->interrupted))
        duckdb_interrupt(session->connection); /* again: the beginning may have cleared it */
    if (duckdb_execute_pending(pending, out) == DuckDBSuccess)
        return SR_OK;
    return door_fail(err, (int)duckdb_result_error_type(out), duckdb_result_error(out),
                     session_words);
}

static sr_result run_statement(duckdb_result *out, engine_session *session, const char *sql,
                               const engine_parameter *parameters, size_t count, bool select,
                               sr_err *err)
{
    duckdb_prepared_statement statement SR_CLEANUP(duckdb_destroy_prepare) = NULL;
    if (prepare(&statement, session, sql, select, err) != SR_OK ||
        bind_all(statement, parameters, count, err) != SR_OK)
        return SR_FAIL;
    return execute_prepared(out, session, statement, err);
}

static sr_result run(duckdb_result *out, engine_session *session, const char *sql,
                     const engine_parameter *parameters, size_t count, bool select, sr_err *err)
{
    if (check_interrupt(session, err) != SR_OK)
        return SR_FAIL;
    if (session->dead)
        return sr_fail(err, SR_E_STATE, "%s: an earlier statement failed", session_words);
    if (run_statement(out, session, sql, parameters, count, select, err) == SR_OK)
        return SR_OK;
    session->dead = true;
    if (atomic_load(&session->interrupted)) /* whatever DuckDB says of it */
        return sr_fail(err, SR_E_CANCELLED, "%s: stopped", session_words);
    return SR_FAIL;
}

sr_result engine_execute(engine_session *session, const char *sql,
                         const engine_parameter *parameters, size_t count, sr_err *err)
{
    duckdb_result result SR_CLEANUP(duckdb_destroy_result) = {0};
    return run(&result, session, sql, parameters, count, false, err);
}

sr_result engine_select(engine_result **out, engine_session *session, const char *sql,
                        const engine_parameter *parameters, size_t count, sr_err *err)
{
    duckdb_result result = {0};
    *out = NULL;
    if (run(&result, session, sql, parameters, count, true, err) == SR_OK)
        return door_result_new(out, &result, err);
    duckdb_destroy_result(&result);
    return SR_FAIL;
}
