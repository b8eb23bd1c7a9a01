/* Quotas on what the catalog keeps: each is asked inside the transaction that would exceed it. */
#include <inttypes.h>

#include "inside.h"

/* Steps a statement that counts. */
static sr_result take_count(uint64_t *out, db_statement *count, sr_err *err)
{
    bool row = false;
    *out = 0;
    if (db_step(count, &row, err) != SR_OK)
        return SR_FAIL;
    *out = row ? (uint64_t)db_int(count, 0) : 0;
    return SR_OK;
}

sr_result catalog_check_collaborations(catalog *self, const char *creator, sr_err *err)
{
    DB_STATEMENT(find);
    uint64_t count = 0;
    if (db_prepare(&find, self->db, "SELECT count(*) FROM collaboration WHERE creator = ?1", err) !=
        SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, creator);
    if (take_count(&count, find, err) != SR_OK)
        return SR_FAIL;
    if (quota_allows(&self->quotas, QUOTA_COLLABORATIONS, count + 1))
        return SR_OK;
    return quota_refuse(err, QUOTA_COLLABORATIONS,
                        "member \"%s\" has created %" PRIu64
                        " collaborations, the most that one member may; ask the operator",
                        creator, count);
}

sr_result catalog_check_members(const catalog *self, const room_collaboration *room, sr_err *err)
{
    if (quota_allows(&self->quotas, QUOTA_MEMBERS, room->member_count + 1))
        return SR_OK;
    return quota_refuse(err, QUOTA_MEMBERS,
                        "collaboration \"%s\" has %zu members and invitations, the most that this "
                        "server keeps; ask the operator",
                        room->name, room->member_count);
}

/* A table counts while it has a version that is not deleted, or an upload under way. Each member has its own
 * count: nobody can use up another's. */
sr_result catalog_check_tables(catalog *self, const sr_uuid *collaboration, const char *table,
                               const char *owner, sr_err *err)
{
    DB_STATEMENT(find);
    uint64_t count = 0;
    if (db_prepare(&find, self->db,
                   "SELECT (SELECT count(*) FROM configured_table t WHERE t.collaboration = c.id"
                   "  AND t.name <> ?2 AND t.owner = ?3 AND (EXISTS (SELECT 1 FROM table_version v"
                   "    WHERE v.table_number = t.number AND v.deleted_us = 0)"
                   "   OR EXISTS (SELECT 1 FROM reservation r WHERE r.table_number = t.number))),"
                   " c.name FROM collaboration c WHERE c.id = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, table);
    db_bind_text(find, 3, owner);
    if (take_count(&count, find, err) != SR_OK)
        return SR_FAIL;
    if (quota_allows(&self->quotas, QUOTA_TABLES, count + 1))
        return SR_OK;
    return quota_refuse(err, QUOTA_TABLES,
                        "member \"%s\" has %" PRIu64 " tables in collaboration \"%s\", the most "
                        "that one member may; delete one, or ask the operator",
                        owner, count, db_text(find, 1));
}

sr_result catalog_check_versions(catalog *self, uint64_t number, const char *table, sr_err *err)
{
    DB_STATEMENT(find);
    uint64_t count = 0;
    if (db_prepare(&find, self->db,
                   "SELECT (SELECT count(*) FROM table_version WHERE table_number = ?1"
                   "  AND deleted_us = 0)"
                   " + (SELECT count(*) FROM reservation WHERE table_number = ?1)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, (int64_t)number);
    if (take_count(&count, find, err) != SR_OK)
        return SR_FAIL;
    if (quota_allows(&self->quotas, QUOTA_TABLE_VERSIONS, count + 1))
        return SR_OK;
    return quota_refuse(err, QUOTA_TABLE_VERSIONS,
                        "table \"%s\" has %" PRIu64 " versions, uploads under way included, the "
                        "most that this server keeps; delete old ones (`sealroom table delete %s "
                        "--old`), or ask the operator",
                        table, count, table);
}
