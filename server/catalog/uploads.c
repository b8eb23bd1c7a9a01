/* Reservations, and the moment at which an upload becomes visible. */
#include <string.h>

#include "base/text.h"
#include "catalog.h"
#include "tables.h"

/* ---- judging --------------------------------------------------------------------------------- */

static sr_result check_contributor(catalog *self, const sr_uuid *collaboration,
                                   const catalog_actor *actor, sr_err *err)
{
    unsigned abilities = 0;
    bool there = false;
    if (catalog_read_abilities(&abilities, &there, self, collaboration, actor->who.member, err) !=
        SR_OK)
        return SR_FAIL;
    if ((abilities & ABILITY_CONTRIBUTE) == 0)
        return sr_fail(err, SR_E_ROLE, "member \"%s\" may not contribute tables here",
                       actor->who.member);
    return SR_OK;
}

static bool is_declared_twice(const room_column *columns, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(columns[i].name, columns[index].name) == 0)
            return true;
    return false;
}

static sr_result check_columns(const room_column *columns, size_t count, sr_err *err)
{
    if (count == 0 || count > HEADER_MOST_COLUMNS)
        return sr_fail(err, SR_E_INVALID, "a table has 1 to %d columns", HEADER_MOST_COLUMNS);
    for (size_t i = 0; i < count; i++)
        if (is_declared_twice(columns, i))
            return sr_fail(err, SR_E_INVALID, "column \"%s\" is declared twice", columns[i].name);
    return SR_OK;
}

static const char *difference(const room_column *before, const room_column *now)
{
    if (strcmp(before->name, now->name) != 0)
        return "name";
    if (before->type != now->type)
        return "type";
    if (!data_type_equal(before->data, now->data))
        return "data type";
    if (strcmp(before->normaliser, now->normaliser) != 0)
        return "normaliser";
    return before->allowed != now->allowed ? "place in the allow-list" : NULL;
}

static sr_result compare_columns(const room_table *before, const room_column *columns, size_t count,
                                 sr_err *err)
{
    if (before->column_count != count)
        return sr_fail(err, SR_E_INVALID, "table \"%s\" has %zu columns in its earlier versions",
                       before->name, before->column_count);
    for (size_t i = 0; i < count; i++)
    {
        const char *what = difference(&before->columns[i], &columns[i]);
        if (what != NULL)
            return sr_fail(err, SR_E_INVALID,
                           "column \"%s\" of table \"%s\" has another %s than in its earlier "
                           "versions (\"%s\" there)",
                           columns[i].name, before->name, what, before->columns[i].name);
    }
    return SR_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* What is known of a table name, visible or not. */
typedef struct
{
    bool there;
    uint64_t number;
    sr_uuid id;
    char owner[MODEL_NAME_SIZE];
    uint32_t visible; /* highest visible version, 0: none */
} known_table;

static sr_result find_known(known_table *out, catalog *self, const sr_uuid *collaboration,
                            const char *name, sr_err *err)
{
    DB_STATEMENT(find);
    *out = (known_table){.there = false};
    if (db_prepare(&find, self->db,
                   "SELECT number, id, owner,"
                   " (SELECT coalesce(max(version), 0) FROM table_version v"
                   "  WHERE v.table_number = t.number AND v.deleted_us = 0)"
                   " FROM configured_table t WHERE collaboration = ?1 AND name = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, name);
    if (db_step(find, &out->there, err) != SR_OK)
        return SR_FAIL;
    if (!out->there)
        return SR_OK;
    out->number = (uint64_t)db_int(find, 0);
    out->visible = (uint32_t)db_int(find, 3);
    if (db_uuid(&out->id, find, 1, err) != SR_OK)
        return SR_FAIL;
    return catalog_read_text(out->owner, sizeof out->owner, db_text(find, 2), err);
}

static sr_result check_known(const known_table *known, catalog *self, const char *name,
                             const room_column *columns, size_t count, const catalog_actor *actor,
                             sr_err *err)
{
    ROOM_TABLE(before);
    if (known->there && strcmp(known->owner, actor->who.member) != 0)
        return sr_fail(err, SR_E_EXISTS, "another member has a table \"%s\" in this collaboration",
                       name);
    if (known->visible == 0)
        return SR_OK;
    before.version = known->visible;
    if (catalog_read_text(before.name, sizeof before.name, name, err) != SR_OK ||
        tables_read_columns(&before, self, known->number, err) != SR_OK)
        return SR_FAIL;
    return compare_columns(&before, columns, count, err);
}

/* The name of a deleted table stays its owner's: what partners wrote for it must not reach another's. */
static sr_result check_former(catalog *self, const sr_uuid *collaboration, const char *name,
                              const catalog_actor *actor, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT owner FROM former_table WHERE collaboration = ?1 AND name = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, name);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (row && strcmp(db_text(find, 0), actor->who.member) != 0)
        return sr_fail(err, SR_E_EXISTS, "another member had a table \"%s\" in this collaboration",
                       name);
    return SR_OK;
}

static sr_result insert_table(known_table *out, catalog *self, const sr_uuid *collaboration,
                              const char *name, const catalog_actor *actor, sr_err *err)
{
    DB_STATEMENT(insert);
    out->id = sr_uuid_random();
    if (check_former(self, collaboration, name, actor, err) != SR_OK ||
        db_prepare(&insert, self->db,
                   "INSERT INTO configured_table (id, collaboration, name, owner, next_version)"
                   " VALUES (?1, ?2, ?3, ?4, coalesce((SELECT next_version FROM former_table"
                   "  WHERE collaboration = ?2 AND name = ?3), 1))",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(insert, 1, &out->id);
    db_bind_uuid(insert, 2, collaboration);
    db_bind_text(insert, 3, name);
    db_bind_text(insert, 4, actor->who.member);
    if (db_finish(insert, err) != SR_OK)
        return SR_FAIL;
    out->number = (uint64_t)db_last_row(self->db);
    return SR_OK;
}

/* ---- begin ----------------------------------------------------------------------------------- */

static sr_result take_version(uint32_t *out, catalog *self, uint64_t number, sr_err *err)
{
    DB_STATEMENT(update);
    DB_STATEMENT(insert);
    bool row = false;
    if (db_prepare(&update, self->db,
                   "UPDATE configured_table SET next_version = next_version + 1 WHERE number = ?1"
                   " RETURNING next_version - 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(update, 1, (int64_t)number);
    if (db_step(update, &row, err) != SR_OK)
        return SR_FAIL;
    *out = row ? (uint32_t)db_int(update, 0) : 0;
    if (db_finish(update, err) != SR_OK ||
        db_prepare(&insert, self->db,
                   "INSERT INTO reservation (table_number, version) VALUES (?1, ?2)", err) != SR_OK)
        return SR_FAIL;
    db_bind_int(insert, 1, (int64_t)number);
    db_bind_int(insert, 2, *out);
    return db_finish(insert, err);
}

static sr_result check_append(const known_table *known, const char *table, bool append, sr_err *err)
{
    if (append && known->visible == 0)
        return sr_fail(err, SR_E_NOT_FOUND,
                       "no table \"%s\" of yours to append to: upload it first", table);
    return SR_OK;
}

/* The quotas on tables and versions. */
static sr_result check_room(const known_table *known, catalog *self, const sr_uuid *collaboration,
                            const char *table, const char *owner, sr_err *err)
{
    if (known->visible == 0 &&
        catalog_check_tables(self, collaboration, table, owner, err) != SR_OK)
        return SR_FAIL;
    return known->there ? catalog_check_versions(self, known->number, table, err) : SR_OK;
}

sr_result catalog_upload_begin(catalog_upload *out, catalog *self, const sr_uuid *collaboration,
                               const char *table, const room_column *columns, size_t column_count,
                               bool append, const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    known_table known;
    catalog_upload made = {.collaboration = *collaboration};
    *out = (catalog_upload){.number = 0};
    if (model_table_name_check(table, err) != SR_OK ||
        check_columns(columns, column_count, err) != SR_OK ||
        db_begin(&change, self->db, err) != SR_OK ||
        check_contributor(self, collaboration, actor, err) != SR_OK ||
        find_known(&known, self, collaboration, table, err) != SR_OK ||
        check_known(&known, self, table, columns, column_count, actor, err) != SR_OK ||
        check_append(&known, table, append, err) != SR_OK)
        return SR_FAIL;
    made.appends_to = append ? known.visible : 0;
    if (check_room(&known, self, collaboration, table, actor->who.member, err) != SR_OK)
        return SR_FAIL;
    if (!known.there && insert_table(&known, self, collaboration, table, actor, err) != SR_OK)
        return SR_FAIL;
    made.number = known.number;
    made.table_id = known.id;
    if (take_version(&made.version, self, known.number, err) != SR_OK ||
        catalog_read_text(made.table, sizeof made.table, table, err) != SR_OK ||
        db_commit(&change, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    return SR_OK;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static sr_result take_reservation(catalog *self, const catalog_upload *upload, sr_err *err)
{
    DB_STATEMENT(take);
    if (db_prepare(&take, self->db,
                   "DELETE FROM reservation WHERE table_number = ?1 AND version = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(take, 1, (int64_t)upload->number);
    db_bind_int(take, 2, upload->version);
    if (db_finish(take, err) != SR_OK)
        return SR_FAIL;
    if (db_changes(self->db) != 1)
        return sr_fail(err, SR_E_STATE, "this upload is not under way any more; nothing was kept");
    return SR_OK;
}

static sr_result set_key_check(catalog *self, const catalog_upload *upload,
                               const catalog_upload_facts *facts, sr_err *err)
{
    DB_STATEMENT(update);
    catalog_key_answer answer = CATALOG_KEY_MATCH;
    if (facts->key_check == NULL)
        return SR_OK;
    if (catalog_key_compare(&answer, self, &upload->collaboration, facts->key_check, err) != SR_OK)
        return SR_FAIL;
    if (answer == CATALOG_KEY_MATCH)
        return SR_OK;
    if (answer == CATALOG_KEY_MISMATCH)
        return sr_fail(
            err, SR_E_SECRET,
            "the key check value does not match this collaboration's: another secret, id "
            "or other flags were used to encrypt");
    if (db_prepare(&update, self->db, "UPDATE collaboration SET key_check = ?2 WHERE id = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(update, 1, &upload->collaboration);
    db_bind_bytes(update, 2, sr_slice_of(facts->key_check, CATALOG_KEY_CHECK_SIZE));
    return db_finish(update, err);
}

static sr_result insert_columns(catalog *self, uint64_t number, const catalog_upload_facts *facts,
                                sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO table_column (table_number, position, name, type, data_type,"
                   " normaliser, allowed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < facts->column_count; i++)
    {
        char data_words[DATA_TYPE_TEXT_SIZE];
        const room_column *column = &facts->columns[i];
        data_type_print(data_words, column->data);
        db_bind_int(insert, 1, (int64_t)number);
        db_bind_int(insert, 2, (int64_t)i);
        db_bind_text(insert, 3, column->name);
        db_bind_text(insert, 4, column_type_of(column->type)->name);
        db_bind_text(insert, 5, data_words);
        db_bind_text(insert, 6, column->normaliser);
        db_bind_int(insert, 7, column->allowed ? 1 : 0);
        if (db_finish(insert, err) != SR_OK)
            return SR_FAIL;
        db_again(insert);
    }
    return SR_OK;
}

static sr_result insert_version(catalog *self, const catalog_upload *upload,
                                const catalog_upload_facts *facts, const catalog_actor *actor,
                                sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO table_version (table_number, version, rows, uploaded_us,"
                   " null_bits_unknown, member, certificate, appended_to)"
                   " VALUES (?1, ?2, ?3, ?4, ?5 OR EXISTS (SELECT 1 FROM table_version"
                   "  WHERE table_number = ?1 AND version = ?8 AND null_bits_unknown), ?6, ?7, ?8)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(insert, 1, (int64_t)upload->number);
    db_bind_int(insert, 2, upload->version);
    db_bind_int(insert, 3, (int64_t)facts->rows);
    db_bind_int(insert, 4, sr_now_us());
    db_bind_int(insert, 5, facts->null_bits_unknown ? 1 : 0);
    db_bind_text(insert, 6, actor->who.member);
    db_bind_text(insert, 7, actor->certificate);
    db_bind_int(insert, 8, upload->appends_to);
    return db_finish(insert, err);
}

static sr_result insert_cards(catalog *self, const catalog_upload *upload,
                              const catalog_upload_facts *facts, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO card (table_number, version, position, card)"
                   " VALUES (?1, ?2, ?3, ?4)",
                   err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < facts->column_count; i++)
    {
        const room_column *column = &facts->columns[i];
        if (column->card_len == 0)
            continue;
        db_bind_int(insert, 1, (int64_t)upload->number);
        db_bind_int(insert, 2, upload->version);
        db_bind_int(insert, 3, (int64_t)i);
        db_bind_bytes(insert, 4, sr_slice_of(column->card, column->card_len));
        if (db_finish(insert, err) != SR_OK)
            return SR_FAIL;
        db_again(insert);
    }
    return SR_OK;
}

/* What is not known has no row. */
static sr_result insert_repeats(catalog *self, const catalog_upload *upload,
                                const catalog_upload_facts *facts, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO column_repeats (table_number, version, position, repeats)"
                   " VALUES (?1, ?2, ?3, ?4)",
                   err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < facts->column_count; i++)
    {
        room_repeats repeats = facts->columns[i].repeats;
        if (repeats == ROOM_REPEATS_UNKNOWN)
            continue;
        db_bind_int(insert, 1, (int64_t)upload->number);
        db_bind_int(insert, 2, upload->version);
        db_bind_int(insert, 3, (int64_t)i);
        db_bind_int(insert, 4, repeats == ROOM_REPEATS_SOME ? 1 : 0);
        if (db_finish(insert, err) != SR_OK)
            return SR_FAIL;
        db_again(insert);
    }
    return SR_OK;
}

static sr_result record_upload(catalog *self, const catalog_upload *upload,
                               const catalog_actor *actor, sr_err *err)
{
    SR_TEXT(text);
    room_table_version touched = {.version = upload->version};
    if (catalog_read_text(touched.table, sizeof touched.table, upload->table, err) != SR_OK ||
        catalog_read_text(touched.owner, sizeof touched.owner, actor->who.member, err) != SR_OK)
        return SR_FAIL;
    text = upload->appends_to == 0
               ? sr_text_printf("%s, version %u", upload->table, upload->version)
               : sr_text_printf("%s, version %u, appended to version %u", upload->table,
                                upload->version, upload->appends_to);
    return catalog_record(self, &upload->collaboration, actor, "TABLE_UPLOADED", text, &touched, 1,
                          err);
}

/* Things may have changed since begin: all is judged again, in the transaction that makes it visible. */
static sr_result judge_again(known_table *known, catalog *self, const catalog_upload *upload,
                             const catalog_upload_facts *facts, const catalog_actor *actor,
                             sr_err *err)
{
    if (check_contributor(self, &upload->collaboration, actor, err) != SR_OK ||
        take_reservation(self, upload, err) != SR_OK ||
        check_columns(facts->columns, facts->column_count, err) != SR_OK ||
        find_known(known, self, &upload->collaboration, upload->table, err) != SR_OK ||
        check_known(known, self, upload->table, facts->columns, facts->column_count, actor, err) !=
            SR_OK)
        return SR_FAIL;
    if (known->number != upload->number || known->visible >= upload->version)
        return sr_fail(err, SR_E_STATE,
                       "a later version of table \"%s\" became visible meanwhile; nothing was kept",
                       upload->table);
    if (upload->appends_to != 0 && known->visible != upload->appends_to)
        return sr_fail(err, SR_E_STATE,
                       "version %u of table \"%s\", which this upload appends to, was deleted "
                       "meanwhile; nothing was kept",
                       upload->appends_to, upload->table);
    return SR_OK;
}

sr_result catalog_upload_commit(catalog *self, const catalog_upload *upload,
                                const catalog_upload_facts *facts, const catalog_actor *actor,
                                sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    known_table known;
    if (db_begin(&change, self->db, err) != SR_OK ||
        judge_again(&known, self, upload, facts, actor, err) != SR_OK ||
        set_key_check(self, upload, facts, err) != SR_OK)
        return SR_FAIL;
    if (known.visible == 0 && insert_columns(self, upload->number, facts, err) != SR_OK)
        return SR_FAIL;
    if (insert_version(self, upload, facts, actor, err) != SR_OK ||
        insert_cards(self, upload, facts, err) != SR_OK ||
        insert_repeats(self, upload, facts, err) != SR_OK ||
        record_upload(self, upload, actor, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

/* ---- forget ---------------------------------------------------------------------------------- */

static sr_result forget(catalog *self, const catalog_upload *upload, sr_err *err)
{
    DB_TRANSACTION(change);
    DB_STATEMENT(reservation);
    DB_STATEMENT(table);
    if (db_begin(&change, self->db, err) != SR_OK ||
        db_prepare(&reservation, self->db,
                   "DELETE FROM reservation WHERE table_number = ?1 AND version = ?2",
                   err) != SR_OK ||
        db_prepare(&table, self->db,
                   "DELETE FROM configured_table WHERE number = ?1"
                   " AND NOT EXISTS (SELECT 1 FROM table_version WHERE table_number = ?1)"
                   " AND NOT EXISTS (SELECT 1 FROM reservation WHERE table_number = ?1)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(reservation, 1, (int64_t)upload->number);
    db_bind_int(reservation, 2, upload->version);
    db_bind_int(table, 1, (int64_t)upload->number);
    if (db_finish(reservation, err) != SR_OK || db_finish(table, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

void catalog_upload_forget(catalog *self, const catalog_upload *upload)
{
    CATALOG_LOCK(self);
    sr_err swallowed = SR_ERR_INIT;
    if (forget(self, upload, &swallowed) != SR_OK)
        sr_err_reset(&swallowed); /* catalog_open forgets what is left */
}
