/* Reading the audit log: a viewer sees its own records and those that touch its tables. */
#include "audit.h"

#include "server/catalog/inside.h"
#include "server/catalog/tables.h"

static sr_result read_who(room_audit_record *out, db_statement *row, sr_err *err)
{
    if (catalog_read_text(out->who.member, sizeof out->who.member, db_text(row, 2), err) != SR_OK ||
        catalog_read_text(out->certificate, sizeof out->certificate, db_text(row, 4), err) != SR_OK)
        return SR_FAIL;
    return catalog_read_role(&out->who.role, db_text(row, 3), err);
}

static sr_result read_tables(room_audit_record *out, catalog *self, const sr_uuid *collaboration,
                             sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db,
                   "SELECT name, owner, version FROM record_table"
                   " WHERE collaboration = ?1 AND number = ?2 ORDER BY rowid",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_int(find, 2, (int64_t)out->number);
    for (;;)
    {
        bool row = false;
        size_t count = out->table_count;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        out->tables = sr_array_grow(out->tables, count, count + 1, sizeof *out->tables);
        room_table_version *table = &out->tables[out->table_count++];
        table->version = (uint32_t)db_int(find, 2);
        if (catalog_read_text(table->table, sizeof table->table, db_text(find, 0), err) != SR_OK ||
            catalog_read_text(table->owner, sizeof table->owner, db_text(find, 1), err) != SR_OK)
            return SR_FAIL;
    }
}

static sr_result read_record(room_audit_record *out, catalog *self, const audit_filter *filter,
                             db_statement *row, sr_err *err)
{
    out->number = (uint64_t)db_int(row, 0);
    out->time_us = db_int(row, 1);
    out->action = sr_text_copy(db_text(row, 5));
    out->query_id = sr_text_copy(db_text(row, 6));
    out->text = sr_text_copy(db_text(row, 7));
    out->decision = sr_text_copy(db_text(row, 8));
    out->status = sr_text_copy(db_text(row, 9));
    out->reason = sr_text_copy(db_text(row, 10));
    out->rule_field = sr_text_copy(db_text(row, 11));
    out->rule_table = sr_text_copy(db_text(row, 12));
    out->rule_column = sr_text_copy(db_text(row, 13));
    out->finished_us = db_int(row, 14);
    if (read_who(out, row, err) != SR_OK)
        return SR_FAIL;
    return read_tables(out, self, &filter->collaboration, err);
}

static sr_result prepare_list(db_statement **out, catalog *self, const audit_filter *filter,
                              sr_err *err)
{
    uint32_t limit = filter->limit == 0 ? AUDIT_LIST_DEFAULT : filter->limit;
    bool any_table = filter->table == NULL || filter->table[0] == '\0';
    if (db_prepare(
            out, self->db,
            "SELECT r.number, r.time_us, r.member, r.role, r.certificate, r.action,"
            " r.query_id, r.text, r.decision, r.status, r.reason, r.rule_field, r.rule_table,"
            " r.rule_column, r.finished_us FROM record r"
            " WHERE r.collaboration = ?1 AND (?4 = 0 OR r.number < ?4)"
            " AND (r.member = ?2 OR EXISTS (SELECT 1 FROM record_table t"
            "  WHERE t.collaboration = ?1 AND t.number = r.number AND t.owner = ?2))"
            " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM record_table t"
            "  WHERE t.collaboration = ?1 AND t.number = r.number AND t.name = ?3))"
            " ORDER BY r.number DESC LIMIT ?5",
            err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(*out, 1, &filter->collaboration);
    db_bind_text(*out, 2, filter->viewer);
    db_bind_text(*out, 3, any_table ? NULL : filter->table);
    db_bind_int(*out, 4, (int64_t)filter->before);
    db_bind_int(*out, 5, limit > AUDIT_LIST_MOST ? AUDIT_LIST_MOST : limit);
    return SR_OK;
}

/* Texts make up a record's size: of a query up to 64 KiB, of a rule more. */
static size_t size_of(const room_audit_record *record)
{
    return sizeof *record + sr_slice_text(record->text).len + sr_slice_text(record->reason).len;
}

static sr_result read_all(room_audit_record **out, size_t *count, catalog *self,
                          const audit_filter *filter, sr_err *err)
{
    DB_STATEMENT(find);
    bool one_table = filter->table != NULL && filter->table[0] != '\0';
    if (one_table && tables_was_there(self, &filter->collaboration, filter->table, err) != SR_OK)
        return SR_FAIL;
    if (prepare_list(&find, self, filter, err) != SR_OK)
        return SR_FAIL;
    size_t size = 0;
    while (size < AUDIT_LIST_BYTES)
    {
        bool row = false;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        room_audit_record *record = &(*out)[(*count)++];
        if (read_record(record, self, filter, find, err) != SR_OK)
            return SR_FAIL;
        size += size_of(record);
    }
    return SR_OK;
}

sr_result audit_list(room_audit_record **out, size_t *count, catalog *self,
                     const audit_filter *filter, sr_err *err)
{
    CATALOG_LOCK(self);
    *out = NULL;
    *count = 0;
    if (read_all(out, count, self, filter, err) == SR_OK)
        return SR_OK;
    audit_list_free(*out, *count);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

void audit_list_free(room_audit_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        room_audit_record_clear(&records[i]);
    sr_free(records);
}
