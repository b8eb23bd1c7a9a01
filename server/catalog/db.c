#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"

struct db
{
    sqlite3 *handle;
};

struct db_statement
{
    sqlite3_stmt *handle;
    int bound; /* the first binding that failed, or SQLITE_OK */
};

/* ---- errors ---------------------------------------------------------------------------------- */

static sr_result fail_with(int code, sr_err *err)
{
    switch (code & 0xff)
    {
    case SQLITE_FULL:
        return sr_fail(err, SR_E_FULL, "the catalog: no space left on the disk");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return sr_fail(err, SR_E_IO, "the catalog cannot be read or written");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return sr_fail(err, SR_E_CORRUPT, "the catalog is damaged");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return sr_fail(err, SR_E_STATE, "the catalog is in use by another process");
    default:
        return sr_fail(err, SR_E_INTERNAL, "the catalog refused a statement (code %d)", code);
    }
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Before SQLite does it, so that the file is never readable by others. */
static sr_result make_file(const char *file, sr_err *err)
{
    SR_FD(fd);
    fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return sr_fail_errno(err, errno, "%s", file);
    return SR_OK;
}

sr_result db_open(db **out, const char *file, sr_err *err)
{
    static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                                   "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                                   "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;"
                                   "BEGIN IMMEDIATE; COMMIT;"; /* takes the lock now, not later */
    *out = NULL;
    if (make_file(file, err) != SR_OK)
        return SR_FAIL;
    db *self = sr_alloc(sizeof *self);
    int code =
        sqlite3_open_v2(file, &self->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(self->handle, settings, NULL, NULL, NULL);
    if (code != SQLITE_OK)
    {
        db_free(self);
        fail_with(code, err);
        return sr_fail_in(err, "%s", file);
    }
    *out = self;
    return SR_OK;
}

void db_free(db *self)
{
    if (self == NULL)
        return;
    sqlite3_close_v2(self->handle);
    sr_free(self);
}

sr_result db_run(db *self, const char *sql, sr_err *err)
{
    int code = sqlite3_exec(self->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? SR_OK : fail_with(code, err);
}

sr_result db_number(db *self, const char *sql, int64_t *out, sr_err *err)
{
    DB_STATEMENT(statement);
    bool row = false;
    *out = 0;
    if (db_prepare(&statement, self, sql, err) != SR_OK || db_step(statement, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_CORRUPT, "the catalog is damaged");
    *out = db_int(statement, 0);
    return SR_OK;
}

/* ---- statements ------------------------------------------------------------------------------ */

sr_result db_prepare(db_statement **out, db *self, const char *sql, sr_err *err)
{
    sqlite3_stmt *handle = NULL;
    *out = NULL;
    int code = sqlite3_prepare_v2(self->handle, sql, -1, &handle, NULL);
    if (code != SQLITE_OK)
        return fail_with(code, err);
    *out = sr_alloc(sizeof **out);
    (*out)->handle = handle;
    return SR_OK;
}

void db_statement_free(db_statement *statement)
{
    if (statement == NULL)
        return;
    sqlite3_finalize(statement->handle);
    sr_free(statement);
}

void db_statement_clear(db_statement **statement)
{
    db_statement_free(*statement);
    *statement = NULL;
}

static void note_binding(db_statement *statement, int code)
{
    if (statement->bound == SQLITE_OK)
        statement->bound = code;
}

void db_bind_text(db_statement *statement, int index, const char *text)
{
    note_binding(statement,
                 sqlite3_bind_text(statement->handle, index, text, -1, SQLITE_TRANSIENT));
}

void db_bind_int(db_statement *statement, int index, int64_t value)
{
    note_binding(statement, sqlite3_bind_int64(statement->handle, index, value));
}

void db_bind_bytes(db_statement *statement, int index, sr_slice bytes)
{
    bool empty = bytes.data == NULL;
    note_binding(statement, empty ? sqlite3_bind_null(statement->handle, index)
                                  : sqlite3_bind_blob64(statement->handle, index, bytes.data,
                                                        bytes.len, SQLITE_TRANSIENT));
}

void db_bind_uuid(db_statement *statement, int index, const sr_uuid *uuid)
{
    sr_uuid_text text = sr_uuid_print(uuid);
    db_bind_text(statement, index, text.text);
}

sr_result db_step(db_statement *statement, bool *row, sr_err *err)
{
    *row = false;
    if (statement->bound != SQLITE_OK)
        return fail_with(statement->bound, err);
    int code = sqlite3_step(statement->handle);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? SR_OK : fail_with(code, err);
}

sr_result db_finish(db_statement *statement, sr_err *err)
{
    bool row = true;
    while (row)
        if (db_step(statement, &row, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

void db_again(db_statement *statement)
{
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->bound = SQLITE_OK;
}

int64_t db_int(db_statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

bool db_is_null(db_statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

const char *db_text(db_statement *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement->handle, column);
    return text == NULL ? "" : (const char *)text;
}

sr_slice db_bytes(db_statement *statement, int column)
{
    const void *data = sqlite3_column_blob(statement->handle, column);
    return sr_slice_of(data,
                       data == NULL ? 0 : (size_t)sqlite3_column_bytes(statement->handle, column));
}

sr_result db_uuid(sr_uuid *out, db_statement *statement, int column, sr_err *err)
{
    if (sr_uuid_parse(out, db_text(statement, column), err) != SR_OK)
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds an id that is none");
    return SR_OK;
}

int64_t db_changes(const db *self)
{
    return sqlite3_changes64(self->handle);
}

int64_t db_last_row(const db *self)
{
    return sqlite3_last_insert_rowid(self->handle);
}

/* ---- transactions ---------------------------------------------------------------------------- */

sr_result db_begin(db_transaction *out, db *self, sr_err *err)
{
    out->in = NULL;
    if (db_run(self, "BEGIN IMMEDIATE", err) != SR_OK)
        return SR_FAIL;
    out->in = self;
    return SR_OK;
}

sr_result db_commit(db_transaction *transaction, sr_err *err)
{
    if (db_run(transaction->in, "COMMIT", err) != SR_OK)
        return SR_FAIL;
    transaction->in = NULL;
    return SR_OK;
}

void db_rollback(db_transaction *transaction)
{
    if (transaction->in != NULL)
        sqlite3_exec(transaction->in->handle, "ROLLBACK", NULL, NULL, NULL);
    transaction->in = NULL;
}
