/* Configured tables and their rules, as they are visible. */
#include <string.h>

#include "base/text.h"
#include "catalog.h"
#include "tables.h"

void catalog_table_clear(catalog_table *table)
{
    room_table_clear(&table->room);
    table->number = 0;
}

/* ---- reading a table ------------------------------------------------------------------------- */

static sr_result read_column(room_column *out, db_statement *row, sr_err *err)
{
    sr_slice card = db_bytes(row, 5);
    if (catalog_read_text(out->name, sizeof out->name, db_text(row, 0), err) != SR_OK ||
        column_type_parse(&out->type, db_text(row, 1), err) != SR_OK ||
        data_type_parse(&out->data, db_text(row, 2), err) != SR_OK ||
        catalog_read_text(out->normaliser, sizeof out->normaliser, db_text(row, 3), err) != SR_OK)
        return SR_FAIL;
    out->allowed = db_int(row, 4) != 0;
    out->repeats = db_is_null(row, 6)    ? ROOM_REPEATS_UNKNOWN
                   : db_int(row, 6) == 0 ? ROOM_REPEATS_NEVER
                                         : ROOM_REPEATS_SOME;
    if (card.len > sizeof out->card)
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds a card that is too long");
    sr_copy(out->card, card.data, card.len);
    out->card_len = card.len;
    return SR_OK;
}

/* Doubles at each power of two: a table may have more than a thousand columns, and the catalog is locked. */
static void add_room(room_table *out)
{
    size_t count = out->column_count;
    if ((count & (count - 1)) == 0)
        out->columns =
            sr_array_grow(out->columns, count, count == 0 ? 1 : 2 * count, sizeof *out->columns);
}

sr_result tables_read_columns(room_table *out, catalog *self, uint64_t number, sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db,
                   "SELECT c.name, c.type, c.data_type, c.normaliser, c.allowed, k.card, r.repeats"
                   " FROM table_column c LEFT JOIN card k ON k.table_number = c.table_number"
                   "  AND k.position = c.position AND k.version = ?2"
                   " LEFT JOIN column_repeats r ON r.table_number = c.table_number"
                   "  AND r.position = c.position AND r.version = ?2"
                   " WHERE c.table_number = ?1 ORDER BY c.position",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, (int64_t)number);
    db_bind_int(find, 2, out->version);
    for (;;)
    {
        bool row = false;
        size_t count = out->column_count;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        add_room(out);
        if (read_column(&out->columns[count], find, err) != SR_OK)
            return SR_FAIL;
        out->column_count++;
    }
}

static sr_result read_rule(room_table *out, catalog *self, uint64_t number, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT json, subject_column FROM rule WHERE table_number = ?1"
                   " ORDER BY version DESC LIMIT 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, (int64_t)number);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return SR_OK;
    out->rule_json = sr_text_copy(db_text(find, 0));
    return catalog_read_text(out->subject_column, sizeof out->subject_column, db_text(find, 1),
                             err);
}

/* Of a row with number, id, name, owner, version, rows, uploaded_us, null_bits_unknown. */
static sr_result read_table(catalog_table *out, catalog *self, db_statement *row, sr_err *err)
{
    CATALOG_TABLE(made);
    *out = (catalog_table){.number = 0};
    made.number = (uint64_t)db_int(row, 0);
    made.room.version = (uint32_t)db_int(row, 4);
    made.room.rows = (uint64_t)db_int(row, 5);
    made.room.uploaded_us = db_int(row, 6);
    made.room.null_bits_unknown = db_int(row, 7) != 0;
    if (db_uuid(&made.room.id, row, 1, err) != SR_OK ||
        catalog_read_text(made.room.name, sizeof made.room.name, db_text(row, 2), err) != SR_OK ||
        catalog_read_text(made.room.owner, sizeof made.room.owner, db_text(row, 3), err) != SR_OK ||
        tables_read_columns(&made.room, self, made.number, err) != SR_OK ||
        read_rule(&made.room, self, made.number, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = (catalog_table){.number = 0};
    return SR_OK;
}

/* The current version of each table; a table without a visible version is not there. */
#define SELECT_TABLES                                                                              \
    "SELECT t.number, t.id, t.name, t.owner, v.version, v.rows, v.uploaded_us,"                    \
    " v.null_bits_unknown FROM configured_table t"                                                 \
    " JOIN table_version v ON v.table_number = t.number"                                           \
    " WHERE t.collaboration = ?1 AND v.version ="                                                  \
    " (SELECT max(version) FROM table_version WHERE table_number = t.number"                       \
    "  AND deleted_us = 0)"

static sr_result fail_not_found(const char *name, sr_err *err)
{
    return sr_fail(err, SR_E_NOT_FOUND, "no table \"%s\" in this collaboration", name);
}

sr_result tables_find(catalog_table *out, catalog *self, const sr_uuid *collaboration,
                      const char *name, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    *out = (catalog_table){.number = 0};
    if (db_prepare(&find, self->db, SELECT_TABLES " AND t.name = ?2", err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, name);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    return row ? read_table(out, self, find, err) : fail_not_found(name, err);
}

sr_result tables_was_there(catalog *self, const sr_uuid *collaboration, const char *name,
                           sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT 1 FROM former_table WHERE collaboration = ?1 AND name = ?2"
                   " UNION ALL SELECT 1 FROM configured_table t WHERE collaboration = ?1"
                   " AND name = ?2 AND EXISTS (SELECT 1 FROM table_version"
                   "  WHERE table_number = t.number)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, name);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    return row ? SR_OK : fail_not_found(name, err);
}

sr_result catalog_table_find(catalog_table *out, catalog *self, const sr_uuid *collaboration,
                             const char *name, sr_err *err)
{
    CATALOG_LOCK(self);
    return tables_find(out, self, collaboration, name, err);
}

static sr_result list_all(catalog_table **out, size_t *count, catalog *self,
                          const sr_uuid *collaboration, sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db, SELECT_TABLES " ORDER BY t.name", err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    for (;;)
    {
        bool row = false;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        if (read_table(&(*out)[*count], self, find, err) != SR_OK)
            return SR_FAIL;
        (*count)++;
    }
}

sr_result catalog_table_list(catalog_table **out, size_t *count, catalog *self,
                             const sr_uuid *collaboration, sr_err *err)
{
    CATALOG_LOCK(self);
    *out = NULL;
    *count = 0;
    if (list_all(out, count, self, collaboration, err) == SR_OK)
        return SR_OK;
    catalog_tables_free(*out, *count);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

void catalog_tables_free(catalog_table *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        catalog_table_clear(&list[i]);
    sr_free(list);
}

sr_result tables_read_versions(catalog_version **out, size_t *count, catalog *self, const char *sql,
                               const sr_uuid *collaboration, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = true;
    *out = NULL;
    *count = 0;
    if (db_prepare(&find, self->db, sql, err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    while (db_step(find, &row, err) == SR_OK)
    {
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        (*out)[(*count)++] =
            (catalog_version){(uint64_t)db_int(find, 0), (uint32_t)db_int(find, 1)};
    }
    sr_free(*out);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

sr_result catalog_versions_visible(catalog_version **out, size_t *count, catalog *self,
                                   const sr_uuid *collaboration, sr_err *err)
{
    CATALOG_LOCK(self);
    return tables_read_versions(
        out, count, self,
        "SELECT v.table_number, v.version FROM table_version v JOIN configured_table t"
        " ON t.number = v.table_number WHERE t.collaboration = ?1 AND v.deleted_us = 0"
        " ORDER BY 1, 2",
        collaboration, err);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static sr_result insert_rule(uint32_t *rule_version, catalog *self, uint64_t number,
                             const char *rule_json, const char *subject_column,
                             const catalog_actor *actor, sr_err *err)
{
    DB_STATEMENT(insert);
    bool row = false;
    if (db_prepare(&insert, self->db,
                   "INSERT INTO rule (table_number, version, member, role, certificate, set_us,"
                   " json, subject_column) VALUES (?1,"
                   " (SELECT coalesce(max(version), 0) + 1 FROM rule WHERE table_number = ?1),"
                   " ?2, ?3, ?4, ?5, ?6, ?7) RETURNING version",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(insert, 1, (int64_t)number);
    db_bind_text(insert, 2, actor->who.member);
    db_bind_text(insert, 3, role_name(actor->who.role));
    db_bind_text(insert, 4, actor->certificate);
    db_bind_int(insert, 5, sr_now_us());
    db_bind_text(insert, 6, rule_json);
    db_bind_text(insert, 7, subject_column);
    if (db_step(insert, &row, err) != SR_OK)
        return SR_FAIL;
    *rule_version = row ? (uint32_t)db_int(insert, 0) : 0;
    return db_finish(insert, err);
}

sr_result catalog_rule_set(uint32_t *rule_version, catalog *self, const sr_uuid *collaboration,
                           const char *table, const char *rule_json, const char *subject_column,
                           const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    CATALOG_TABLE(found);
    *rule_version = 0;
    if (db_begin(&change, self->db, err) != SR_OK ||
        tables_find(&found, self, collaboration, table, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(found.room.owner, actor->who.member) != 0)
        return sr_fail(err, SR_E_ROLE, "table \"%s\" belongs to another member", table);
    room_table_version touched = {.version = found.room.version};
    if (catalog_read_text(touched.table, sizeof touched.table, found.room.name, err) != SR_OK ||
        catalog_read_text(touched.owner, sizeof touched.owner, found.room.owner, err) != SR_OK ||
        insert_rule(rule_version, self, found.number, rule_json, subject_column, actor, err) !=
            SR_OK ||
        catalog_record(self, collaboration, actor, "RULE_SET", rule_json, &touched, 1, err) !=
            SR_OK ||
        db_commit(&change, err) != SR_OK)
    {
        *rule_version = 0;
        return SR_FAIL;
    }
    return SR_OK;
}

static sr_result read_history(catalog_rule **out, size_t *count, db_statement *find, sr_err *err)
{
    for (;;)
    {
        bool row = false;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        catalog_rule *rule = &(*out)[(*count)++];
        rule->version = (uint32_t)db_int(find, 0);
        rule->set_us = db_int(find, 3);
        rule->rule_json = sr_text_copy(db_text(find, 4));
        if (catalog_read_text(rule->who.member, sizeof rule->who.member, db_text(find, 1), err) !=
                SR_OK ||
            catalog_read_role(&rule->who.role, db_text(find, 2), err) != SR_OK)
            return SR_FAIL;
    }
}

sr_result catalog_rule_history(catalog_rule **out, size_t *count, catalog *self,
                               const sr_uuid *collaboration, const char *table, sr_err *err)
{
    CATALOG_LOCK(self);
    CATALOG_TABLE(found);
    DB_STATEMENT(find);
    *out = NULL;
    *count = 0;
    if (tables_find(&found, self, collaboration, table, err) != SR_OK ||
        db_prepare(&find, self->db,
                   "SELECT version, member, role, set_us, json FROM rule WHERE table_number = ?1"
                   " ORDER BY version DESC",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, (int64_t)found.number);
    if (read_history(out, count, find, err) == SR_OK)
        return SR_OK;
    catalog_rules_free(*out, *count);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

void catalog_rules_free(catalog_rule *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sr_free(list[i].rule_json);
    sr_free(list);
}
