/* The versions of a table: listing, deleting, and what is still to be erased. */
#include <string.h>

#include "base/text.h"
#include "catalog.h"
#include "tables.h"

enum
{
    AUDIT_DESCRIPTION_MOST = 1024 * 1024,
};

/* ---- listing --------------------------------------------------------------------------------- */

static room_version_state state_of(uint32_t version, bool deleted, bool owed, uint32_t current)
{
    if (deleted)
        return owed ? ROOM_VERSION_ERASING : ROOM_VERSION_ERASED;
    return version == current ? ROOM_VERSION_CURRENT : ROOM_VERSION_KEPT;
}

static sr_result read_versions(room_version **out, size_t *count, db_statement *find,
                               uint32_t current, sr_err *err)
{
    for (;;)
    {
        bool row = false;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        room_version *version = &(*out)[(*count)++];
        *version = (room_version){
            .version = (uint32_t)db_int(find, 0),
            .appended_to = (uint32_t)db_int(find, 1),
            .rows = (uint64_t)db_int(find, 2),
            .uploaded_us = db_int(find, 3),
            .deleted_us = db_int(find, 4),
        };
        version->state =
            state_of(version->version, version->deleted_us != 0, db_int(find, 5) != 0, current);
    }
}

static sr_result list_versions(room_version **out, size_t *count, catalog *self,
                               const catalog_table *table, sr_err *err)
{
    DB_STATEMENT(find);
    *out = NULL;
    *count = 0;
    if (db_prepare(&find, self->db,
                   "SELECT v.version, v.appended_to, v.rows, v.uploaded_us, v.deleted_us,"
                   " EXISTS (SELECT 1 FROM erasure e WHERE e.table_number = v.table_number"
                   "  AND e.version = v.version)"
                   " FROM table_version v WHERE v.table_number = ?1 ORDER BY v.version DESC",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, (int64_t)table->number);
    if (read_versions(out, count, find, table->room.version, err) == SR_OK)
        return SR_OK;
    sr_free(*out);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

sr_result catalog_version_list(room_version **out, size_t *count, catalog *self,
                               const sr_uuid *collaboration, const char *table, sr_err *err)
{
    CATALOG_LOCK(self);
    CATALOG_TABLE(found);
    *out = NULL;
    *count = 0;
    if (tables_find(&found, self, collaboration, table, err) != SR_OK)
        return SR_FAIL;
    return list_versions(out, count, self, &found, err);
}

/* ---- choosing what to delete ----------------------------------------------------------------- */

typedef struct
{
    uint32_t *versions; /* ascending */
    size_t count;
} chosen;

static void chosen_clear(chosen *list)
{
    sr_free(list->versions);
    *list = (chosen){.count = 0};
}

static void versions_free(room_version **list)
{
    sr_free(*list);
}

static bool is_meant(const room_version *version, catalog_deletion what, uint32_t wanted)
{
    switch (what)
    {
    case CATALOG_DELETE_TABLE:
        return true;
    case CATALOG_DELETE_VERSION:
        return version->version == wanted;
    case CATALOG_DELETE_OLD:
        return version->state == ROOM_VERSION_KEPT;
    }
    return false;
}

static sr_result choose(chosen *out, catalog *self, const catalog_table *table,
                        catalog_deletion what, uint32_t wanted, sr_err *err)
{
    room_version *all SR_CLEANUP(versions_free) = NULL;
    size_t count = 0;
    size_t standing = 0;
    if (list_versions(&all, &count, self, table, err) != SR_OK)
        return SR_FAIL;
    out->versions = sr_array(count, sizeof *out->versions);
    for (size_t i = count; i-- > 0;) /* they come newest first */
    {
        if (all[i].deleted_us != 0)
            continue;
        standing++;
        if (is_meant(&all[i], what, wanted))
            out->versions[out->count++] = all[i].version;
    }
    if (what != CATALOG_DELETE_VERSION)
        return SR_OK;
    if (out->count == 0)
        return sr_fail(err, SR_E_NOT_FOUND, "table \"%s\" has no version %u", table->room.name,
                       wanted);
    if (standing == 1)
        return sr_fail(err, SR_E_STATE,
                       "version %u is the only one of table \"%s\": delete the table, or upload "
                       "another version first",
                       wanted, table->room.name);
    return SR_OK;
}

/* ---- deleting -------------------------------------------------------------------------------- */

static sr_result owe_erasure(catalog *self, const sr_uuid *collaboration,
                             const catalog_table *table, uint32_t version,
                             const catalog_actor *actor, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO erasure (table_number, version, collaboration, name, member, role,"
                   " certificate) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(insert, 1, (int64_t)table->number);
    db_bind_int(insert, 2, version);
    db_bind_uuid(insert, 3, collaboration);
    db_bind_text(insert, 4, table->room.name);
    db_bind_text(insert, 5, actor->who.member);
    db_bind_text(insert, 6, role_name(actor->who.role));
    db_bind_text(insert, 7, actor->certificate);
    return db_finish(insert, err);
}

/* Runs a statement about one version: ?1 its table's number, ?2 the version. */
static sr_result change_version(catalog *self, const char *sql, uint64_t number, uint32_t version,
                                sr_err *err)
{
    DB_STATEMENT(change);
    if (db_prepare(&change, self->db, sql, err) != SR_OK)
        return SR_FAIL;
    db_bind_int(change, 1, (int64_t)number);
    db_bind_int(change, 2, version);
    return db_finish(change, err);
}

static sr_result delete_version(catalog *self, const sr_uuid *collaboration,
                                const catalog_table *table, uint32_t version,
                                const catalog_actor *actor, sr_err *err)
{
    DB_STATEMENT(mark);
    if (change_version(self, "DELETE FROM card WHERE table_number = ?1 AND version = ?2",
                       table->number, version, err) != SR_OK ||
        change_version(self, "DELETE FROM column_repeats WHERE table_number = ?1 AND version = ?2",
                       table->number, version, err) != SR_OK ||
        db_prepare(&mark, self->db,
                   "UPDATE table_version SET deleted_us = ?3 WHERE table_number = ?1"
                   " AND version = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(mark, 1, (int64_t)table->number);
    db_bind_int(mark, 2, version);
    db_bind_int(mark, 3, sr_now_us());
    if (db_finish(mark, err) != SR_OK)
        return SR_FAIL;
    return owe_erasure(self, collaboration, table, version, actor, err);
}

/* All that the catalog knows of a table but its audit records, its name and its next version. */
static sr_result delete_table(catalog *self, const sr_uuid *collaboration,
                              const catalog_table *table, sr_err *err)
{
    static const char *const parts[] = {
        "DELETE FROM rule WHERE table_number = ?1",
        "DELETE FROM table_column WHERE table_number = ?1",
        "DELETE FROM table_version WHERE table_number = ?1",
        "DELETE FROM reservation WHERE table_number = ?1",
        ("INSERT OR REPLACE INTO former_table (collaboration, name, owner, next_version)"
         " SELECT collaboration, name, owner, next_version FROM configured_table WHERE number = "
         "?1"),
        "DELETE FROM configured_table WHERE number = ?1",
    };
    DB_STATEMENT(forget);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    {
        DB_STATEMENT(part);
        if (db_prepare(&part, self->db, parts[i], err) != SR_OK)
            return SR_FAIL;
        db_bind_int(part, 1, (int64_t)table->number);
        if (db_finish(part, err) != SR_OK)
            return SR_FAIL;
    }
    if (db_prepare(&forget, self->db,
                   "UPDATE collaboration SET key_check = NULL WHERE id = ?1 AND NOT EXISTS"
                   " (SELECT 1 FROM configured_table t JOIN table_column c"
                   "  ON c.table_number = t.number WHERE t.collaboration = ?1"
                   "  AND c.type <> 'cleartext')",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(forget, 1, collaboration);
    return db_finish(forget, err);
}

/* "sales, version 3", "sales, versions 1, 2", "sales, all of it: version 3". */
static sr_result describe(char **out, const char *table, const chosen *list, bool whole,
                          sr_err *err)
{
    SR_BUF(text, AUDIT_DESCRIPTION_MOST);
    if (sr_buf_printf(&text, err, "%s, %sversion%s", table, whole ? "all of it: " : "",
                      list->count == 1 ? "" : "s") != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < list->count; i++)
        if (sr_buf_printf(&text, err, "%s %u", i == 0 ? "" : ",", list->versions[i]) != SR_OK)
            return SR_FAIL;
    return sr_buf_take_text(out, &text, err);
}

static sr_result record(catalog *self, const sr_uuid *collaboration, const catalog_actor *actor,
                        const char *action, const char *table, const chosen *list, bool whole,
                        sr_err *err)
{
    SR_TEXT(text);
    room_table_version *touched = sr_array(list->count, sizeof *touched);
    sr_result result = describe(&text, table, list, whole, err);
    for (size_t i = 0; i < list->count && result == SR_OK; i++)
    {
        touched[i].version = list->versions[i];
        if (!sr_text_put(touched[i].table, sizeof touched[i].table, table) ||
            !sr_text_put(touched[i].owner, sizeof touched[i].owner, actor->who.member))
            result = sr_fail(err, SR_E_CORRUPT, "the catalog holds a name that is too long");
    }
    if (result == SR_OK)
        result =
            catalog_record(self, collaboration, actor, action, text, touched, list->count, err);
    sr_free(touched);
    return result;
}

static sr_result delete_chosen(catalog *self, const sr_uuid *collaboration,
                               const catalog_table *table, const chosen *list, bool whole,
                               const catalog_actor *actor, sr_err *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (delete_version(self, collaboration, table, list->versions[i], actor, err) != SR_OK)
            return SR_FAIL;
    if (whole && delete_table(self, collaboration, table, err) != SR_OK)
        return SR_FAIL;
    return record(self, collaboration, actor, "TABLE_DELETED", table->room.name, list, whole, err);
}

sr_result catalog_table_delete(uint32_t **out, size_t *count, catalog *self,
                               const sr_uuid *collaboration, const char *table,
                               catalog_deletion what, uint32_t version, const catalog_actor *actor,
                               sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    CATALOG_TABLE(found);
    chosen list SR_CLEANUP(chosen_clear) = {.count = 0};
    *out = NULL;
    *count = 0;
    if (db_begin(&change, self->db, err) != SR_OK ||
        tables_find(&found, self, collaboration, table, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(found.room.owner, actor->who.member) != 0)
        return sr_fail(err, SR_E_ROLE,
                       "table \"%s\" belongs to another member: only its owner deletes it", table);
    if (choose(&list, self, &found, what, version, err) != SR_OK)
        return SR_FAIL;
    if (list.count > 0 && (delete_chosen(self, collaboration, &found, &list,
                                         what == CATALOG_DELETE_TABLE, actor, err) != SR_OK ||
                           db_commit(&change, err) != SR_OK))
        return SR_FAIL;
    *out = list.versions;
    *count = list.count;
    list = (chosen){.count = 0};
    return SR_OK;
}

/* ---- erasing --------------------------------------------------------------------------------- */

sr_result catalog_erasures(catalog_version **out, size_t *count, catalog *self,
                           const sr_uuid *collaboration, sr_err *err)
{
    CATALOG_LOCK(self);
    return tables_read_versions(out, count, self,
                                "SELECT table_number, version FROM erasure"
                                " WHERE collaboration = ?1 ORDER BY 1, 2",
                                collaboration, err);
}

/* Who deleted a version, and the name that its table had. *there: it is still owed. */
static sr_result read_erasure(catalog_actor *actor, char name[MODEL_NAME_SIZE], bool *there,
                              catalog *self, const catalog_version *version, sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db,
                   "SELECT name, member, role, certificate FROM erasure WHERE table_number = ?1"
                   " AND version = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, (int64_t)version->table);
    db_bind_int(find, 2, version->version);
    if (db_step(find, there, err) != SR_OK)
        return SR_FAIL;
    if (!*there)
        return SR_OK;
    if (catalog_read_text(name, MODEL_NAME_SIZE, db_text(find, 0), err) != SR_OK ||
        catalog_read_text(actor->who.member, sizeof actor->who.member, db_text(find, 1), err) !=
            SR_OK ||
        catalog_read_role(&actor->who.role, db_text(find, 2), err) != SR_OK)
        return SR_FAIL;
    return catalog_read_text(actor->certificate, sizeof actor->certificate, db_text(find, 3), err);
}

static sr_result settle(catalog *self, const sr_uuid *collaboration, const catalog_version *version,
                        sr_err *err)
{
    catalog_actor actor;
    char name[MODEL_NAME_SIZE];
    bool there = false;
    uint32_t number = version->version;
    chosen one = {.versions = &number, .count = 1};
    if (read_erasure(&actor, name, &there, self, version, err) != SR_OK)
        return SR_FAIL;
    if (!there)
        return SR_OK;
    if (change_version(self, "DELETE FROM erasure WHERE table_number = ?1 AND version = ?2",
                       version->table, version->version, err) != SR_OK)
        return SR_FAIL;
    return record(self, collaboration, &actor, "ROWS_ERASED", name, &one, false, err);
}

sr_result catalog_erased(catalog *self, const sr_uuid *collaboration,
                         const catalog_version *versions, size_t count, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    if (db_begin(&change, self->db, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
        if (settle(self, collaboration, &versions[i], err) != SR_OK)
            return SR_FAIL;
    if (db_commit(&change, err) != SR_OK)
        return SR_FAIL;
    return db_run(self->db, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}
