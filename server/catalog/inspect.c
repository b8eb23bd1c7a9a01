/* What the operator's tools want to know of a catalog. */
#include "inspect.h"

#include "base/file.h"
#include "inside.h"

static void close_db(db **opened)
{
    db_free(*opened);
    *opened = NULL;
}

static sr_result count_rows(uint64_t *out, db *from, const char *sql, sr_err *err)
{
    int64_t number = 0;
    *out = 0;
    if (db_number(from, sql, &number, err) != SR_OK)
        return SR_FAIL;
    *out = (uint64_t)number;
    return SR_OK;
}

/* A row that refers to nothing, which SQLite's own check of the file does not look for. */
static sr_result check_references(db *from, sr_err *err)
{
    uint64_t dangling = 0;
    if (count_rows(&dangling, from, "SELECT count(*) FROM pragma_foreign_key_check", err) != SR_OK)
        return SR_FAIL;
    return dangling == 0 ? SR_OK : sr_fail(err, SR_E_CORRUPT, "the catalog contradicts itself");
}

static sr_result inspect(catalog_condition *out, db *from, sr_err *err)
{
    if (catalog_check_file(&out->version, &out->newest, from, err) != SR_OK)
        return SR_FAIL;
    if (out->version == 0)
        return sr_fail(err, SR_E_CORRUPT, "the catalog is empty");
    if (catalog_check_pages(from, true, err) != SR_OK || check_references(from, err) != SR_OK)
        return SR_FAIL;
    if (count_rows(&out->uploads, from, "SELECT count(*) FROM reservation", err) != SR_OK)
        return SR_FAIL;
    return count_rows(&out->queries, from,
                      "SELECT count(*) FROM record WHERE action = 'QUERY'"
                      " AND status IN ('SUBMITTED', 'STARTED')",
                      err);
}

sr_result catalog_inspect(catalog_condition *out, const char *file, sr_err *err)
{
    db *opened SR_CLEANUP(close_db) = NULL;
    catalog_condition found = {.version = 0};
    *out = found;
    if (!sr_file_exists(file))
        return sr_fail(err, SR_E_NOT_FOUND, "%s: the catalog is not there", file);
    if (db_open(&opened, file, err) != SR_OK)
        return SR_FAIL;
    if (inspect(&found, opened, err) != SR_OK)
        return sr_fail_in(err, "%s", file);
    *out = found;
    return SR_OK;
}

/* ---- versions -------------------------------------------------------------------------------- */

static sr_result read_kept(catalog_kept *out, db_statement *row, sr_err *err)
{
    out->number = (uint64_t)db_int(row, 0);
    out->version = (uint32_t)db_int(row, 1);
    out->rows = (uint64_t)db_int(row, 2);
    if (catalog_read_text(out->table, sizeof out->table, db_text(row, 3), err) != SR_OK)
        return SR_FAIL;
    return catalog_read_text(out->owner, sizeof out->owner, db_text(row, 4), err);
}

static sr_result read_list(catalog_kept **out, size_t *count, db_statement *find, sr_err *err)
{
    for (;;)
    {
        bool row = false;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        if (read_kept(&(*out)[(*count)++], find, err) != SR_OK)
            return SR_FAIL;
    }
}

sr_result catalog_kept_list(catalog_kept **out, size_t *count, catalog *self,
                            const sr_uuid *collaboration, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(find);
    *out = NULL;
    *count = 0;
    if (db_prepare(&find, self->db,
                   "SELECT v.table_number, v.version, v.rows, t.name, t.owner FROM table_version v"
                   " JOIN configured_table t ON t.number = v.table_number"
                   " WHERE t.collaboration = ?1 AND v.deleted_us = 0 ORDER BY 1, 2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    if (read_list(out, count, find, err) == SR_OK)
        return SR_OK;
    sr_free(*out);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}
