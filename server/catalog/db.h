/*
 * db.h: the door to SQLite: statements, transactions, errors. Inside of the catalog and the audit log only.
 *
 *     DB_STATEMENT(find);
 *     if (db_prepare(&find, db, "SELECT name FROM member WHERE collaboration = ?1", err) != SR_OK) …
 *     db_bind_text(find, 1, id);
 *     while (db_step(find, &row, err) == SR_OK && row) … db_text(find, 0) …
 *
 * Parameters count from 1, columns from 0. Bound texts and bytes are copied. A binding that fails makes the
 * next step fail. Not thread-safe: the catalog's mutex is held around all of it.
 *
 * Errors never carry SQLite's text: SR_E_FULL, SR_E_IO, SR_E_CORRUPT, SR_E_STATE for a file in use by
 * another process, SR_E_INTERNAL for the rest.
 */
#ifndef SEALROOM_SERVER_CATALOG_DB_H
#define SEALROOM_SERVER_CATALOG_DB_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/uuid.h"

typedef struct db db;
typedef struct db_statement db_statement;

/* Makes the file (mode 0600) when it is not there; write-ahead log, synchronous=FULL, foreign keys, locked
 * for this process alone. */
sr_result db_open(db **out, const char *file, sr_err *err) SR_MUST_USE;
void db_free(db *self); /* accepts NULL */
/* Several statements without parameters or results. */
sr_result db_run(db *self, const char *sql, sr_err *err) SR_MUST_USE;
/* The first value of the first row; SR_E_CORRUPT when there is none. */
sr_result db_number(db *self, const char *sql, int64_t *out, sr_err *err) SR_MUST_USE;

sr_result db_prepare(db_statement **out, db *self, const char *sql, sr_err *err) SR_MUST_USE;
void db_statement_free(db_statement *statement); /* accepts NULL */
void db_statement_clear(db_statement **statement);
#define DB_STATEMENT(name) db_statement *name SR_CLEANUP(db_statement_clear) = NULL

void db_bind_text(db_statement *statement, int index, const char *text); /* NULL binds NULL */
void db_bind_int(db_statement *statement, int index, int64_t value);
void db_bind_bytes(db_statement *statement, int index, sr_slice bytes);
void db_bind_uuid(db_statement *statement, int index, const sr_uuid *uuid); /* as text */
/* *row tells whether there is a row to read. */
sr_result db_step(db_statement *statement, bool *row, sr_err *err) SR_MUST_USE;
/* For statements without a result. */
sr_result db_finish(db_statement *statement, sr_err *err) SR_MUST_USE;
/* Makes the statement ready to be bound and run again. */
void db_again(db_statement *statement);

int64_t db_int(db_statement *statement, int column);
bool db_is_null(db_statement *statement, int column);
const char *db_text(db_statement *statement,
                    int column); /* "" for NULL; borrowed until the next step */
sr_slice db_bytes(db_statement *statement, int column); /* likewise */
sr_result db_uuid(sr_uuid *out, db_statement *statement, int column, sr_err *err) SR_MUST_USE;
/* Rows that the last statement changed; the rowid that it made. */
int64_t db_changes(const db *self);
int64_t db_last_row(const db *self);

/* A transaction that is rolled back when it leaves scope without commit. */
typedef struct
{
    db *in;
} db_transaction;

sr_result db_begin(db_transaction *out, db *self, sr_err *err) SR_MUST_USE;
sr_result db_commit(db_transaction *transaction, sr_err *err) SR_MUST_USE;
void db_rollback(db_transaction *transaction);
#define DB_TRANSACTION(name) db_transaction name SR_CLEANUP(db_rollback) = {NULL}

#endif
