#include "audit.h"

#include <string.h>

#include "base/text.h"
#include "server/catalog/inside.h"

/* ---- writing --------------------------------------------------------------------------------- */

sr_result catalog_next_record(uint64_t *out, catalog *self, const sr_uuid *collaboration,
                              sr_err *err)
{
    DB_STATEMENT(update);
    bool row = false;
    *out = 0;
    if (db_prepare(&update, self->db,
                   "UPDATE collaboration SET next_record = next_record + 1 WHERE id = ?1"
                   " RETURNING next_record - 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(update, 1, collaboration);
    if (db_step(update, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_NOT_FOUND, "no such collaboration");
    *out = (uint64_t)db_int(update, 0);
    return db_finish(update, err);
}

/* A record as it is first written; what is not known yet is "". */
typedef struct
{
    const char *action;
    const char *query_id;
    const char *text;
    const char *decision;
    const char *status;
    bool finished;
} new_record;

static sr_result insert_record(uint64_t *number, catalog *self, const sr_uuid *collaboration,
                               const catalog_actor *actor, const new_record *record, sr_err *err)
{
    DB_STATEMENT(insert);
    int64_t now = sr_now_us();
    if (catalog_next_record(number, self, collaboration, err) != SR_OK ||
        db_prepare(&insert, self->db,
                   "INSERT INTO record (collaboration, number, time_us, member, role, certificate,"
                   " action, query_id, text, decision, status, reason, rule_field, rule_table,"
                   " rule_column, finished_us)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '', '', '', '', ?12)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(insert, 1, collaboration);
    db_bind_int(insert, 2, (int64_t)*number);
    db_bind_int(insert, 3, now);
    db_bind_text(insert, 4, actor->who.member);
    db_bind_text(insert, 5, role_name(actor->who.role));
    db_bind_text(insert, 6, actor->certificate);
    db_bind_text(insert, 7, record->action);
    db_bind_text(insert, 8, record->query_id);
    db_bind_text(insert, 9, record->text);
    db_bind_text(insert, 10, record->decision);
    db_bind_text(insert, 11, record->status);
    db_bind_int(insert, 12, record->finished ? now : 0);
    return db_finish(insert, err);
}

sr_result catalog_record_table(catalog *self, const sr_uuid *collaboration, uint64_t number,
                               const room_table_version *table, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(
            &insert, self->db,
            "INSERT OR IGNORE INTO record_table (collaboration, number, name, owner, version)"
            " VALUES (?1, ?2, ?3, ?4, ?5)",
            err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(insert, 1, collaboration);
    db_bind_int(insert, 2, (int64_t)number);
    db_bind_text(insert, 3, table->table);
    db_bind_text(insert, 4, table->owner);
    db_bind_int(insert, 5, table->version);
    return db_finish(insert, err);
}

static sr_result record_tables(catalog *self, const sr_uuid *collaboration, uint64_t number,
                               const room_table_version *tables, size_t count, sr_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (catalog_record_table(self, collaboration, number, &tables[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

sr_result catalog_record(catalog *self, const sr_uuid *collaboration, const catalog_actor *actor,
                         const char *action, const char *text, const room_table_version *tables,
                         size_t table_count, sr_err *err)
{
    new_record record = {
        .action = action,
        .query_id = "",
        .text = text,
        .decision = "ACCEPTED",
        .status = "SUCCESS",
        .finished = true,
    };
    uint64_t number = 0;
    if (insert_record(&number, self, collaboration, actor, &record, err) != SR_OK)
        return SR_FAIL;
    return record_tables(self, collaboration, number, tables, table_count, err);
}

sr_result audit_event(catalog *self, const sr_uuid *collaboration, const catalog_actor *actor,
                      const char *action, const char *text, const room_table_version *tables,
                      size_t table_count, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    if (db_begin(&change, self->db, err) != SR_OK ||
        catalog_record(self, collaboration, actor, action, text, tables, table_count, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

/* ---- the life of a query --------------------------------------------------------------------- */

/* Valid UTF-8 of at most AUDIT_TEXT_MOST bytes; what is cut or no text is marked. */
static char *text_to_keep(const char *text)
{
    sr_slice all = sr_slice_text(text);
    bool cut = all.len > AUDIT_TEXT_MOST;
    if (cut)
        all.len = AUDIT_TEXT_MOST;
    size_t valid = sr_utf8_valid_prefix(all);
    cut = cut || valid < all.len;
    return sr_text_printf("%.*s%s", (int)valid, text, cut ? "…" : "");
}

sr_result audit_query_begin(audit_query *out, catalog *self, const sr_uuid *collaboration,
                            const catalog_actor *actor, const char *text, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    SR_TEXT(kept);
    sr_uuid id = sr_uuid_random();
    sr_uuid_text id_text = sr_uuid_print(&id);
    audit_query made = {.collaboration = *collaboration};
    *out = (audit_query){.number = 0};
    kept = text_to_keep(text);
    new_record record = {
        .action = "QUERY",
        .query_id = id_text.text,
        .text = kept,
        .decision = "PENDING",
        .status = "SUBMITTED",
        .finished = false,
    };
    if (db_begin(&change, self->db, err) != SR_OK ||
        insert_record(&made.number, self, collaboration, actor, &record, err) != SR_OK ||
        db_commit(&change, err) != SR_OK)
        return SR_FAIL;
    sr_copy(made.query_id, id_text.text, sizeof made.query_id);
    *out = made;
    return SR_OK;
}

/* A step of a query: from one status to the next, never twice. */
typedef struct
{
    const char *from;
    const char *to;
    const char *decision; /* NULL: as it was */
    const sr_err *why;    /* NULL: no reason to note */
    bool finished;
} query_step;

static sr_result take_step(catalog *self, const audit_query *query, const query_step *step,
                           sr_err *err)
{
    DB_STATEMENT(update);
    const sr_err nothing = SR_ERR_INIT;
    const sr_err *why = step->why == NULL ? &nothing : step->why;
    if (db_prepare(&update, self->db,
                   "UPDATE record SET status = ?4, decision = coalesce(?5, decision), reason = ?6,"
                   " rule_field = ?7, rule_table = ?8, rule_column = ?9, finished_us = ?10"
                   " WHERE collaboration = ?1 AND number = ?2"
                   " AND (status = ?3 OR (?3 = 'OPEN' AND status IN ('SUBMITTED', 'STARTED')))",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(update, 1, &query->collaboration);
    db_bind_int(update, 2, (int64_t)query->number);
    db_bind_text(update, 3, step->from);
    db_bind_text(update, 4, step->to);
    db_bind_text(update, 5, step->decision);
    db_bind_text(update, 6, step->why == NULL ? "" : sr_err_peer_text(why));
    db_bind_text(update, 7, why->detail.field);
    db_bind_text(update, 8, why->detail.table);
    db_bind_text(update, 9, why->detail.column);
    db_bind_int(update, 10, step->finished ? sr_now_us() : 0);
    if (db_finish(update, err) != SR_OK)
        return SR_FAIL;
    if (db_changes(self->db) != 1)
        return sr_fail(err, SR_E_STATE, "this step of the query is on record already");
    return SR_OK;
}

sr_result audit_query_decided(catalog *self, const audit_query *query,
                              const room_table_version *tables, size_t table_count,
                              const sr_err *refusal, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    query_step step = {
        .from = "SUBMITTED",
        .to = refusal == NULL ? "STARTED" : "FAILED",
        .decision = refusal == NULL ? "ACCEPTED" : "REFUSED",
        .why = refusal,
        .finished = refusal != NULL,
    };
    if (db_begin(&change, self->db, err) != SR_OK || take_step(self, query, &step, err) != SR_OK ||
        record_tables(self, &query->collaboration, query->number, tables, table_count, err) !=
            SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

audit_outcome audit_outcome_of(const sr_err *why)
{
    if (why->code == SR_E_CANCELLED)
        return AUDIT_CANCELLED;
    return why->code == SR_E_TIMEOUT ? AUDIT_TIMED_OUT : AUDIT_FAILED;
}

sr_result audit_query_finished(catalog *self, const audit_query *query, audit_outcome outcome,
                               const sr_err *why, sr_err *err)
{
    static const char *const words[] = {
        [AUDIT_SUCCESS] = "SUCCESS",
        [AUDIT_FAILED] = "FAILED",
        [AUDIT_CANCELLED] = "CANCELLED",
        [AUDIT_TIMED_OUT] = "TIMED_OUT",
    };
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    query_step step = {.from = "OPEN", .to = words[outcome], .why = why, .finished = true};
    if (db_begin(&change, self->db, err) != SR_OK || take_step(self, query, &step, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}
