#include "inside.h"

#include <string.h>

#include "base/text.h"
#include "server/catalog/inside.h"

enum
{
    SECOND_US = 1000 * 1000,
};

static const char *const state_names[OVERLAP_STATE_COUNT_] = {
    [OVERLAP_OPEN] = "open",           [OVERLAP_RUNNING] = "running",
    [OVERLAP_COMPLETE] = "complete",   [OVERLAP_RELEASED] = "released",
    [OVERLAP_CANCELLED] = "cancelled", [OVERLAP_EXPIRED] = "expired",
    [OVERLAP_FAILED] = "failed",
};

const char *overlap_state_name(overlap_state state)
{
    return state_names[state];
}

void overlap_part_clear(overlap_part *part)
{
    sr_wipe(part->transport, sizeof part->transport);
}

void overlap_session_clear(overlap_session *session)
{
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
    {
        sr_free(session->members[i].certificate);
        sr_wipe(session->members[i].share, sizeof session->members[i].share);
    }
    for (size_t i = 0; i < session->part_count; i++)
        overlap_part_clear(&session->parts[i]);
    sr_free(session->parts);
    sr_free(session->reason);
    sr_free(session->report);
    *session = (overlap_session){.part_count = 0};
}

bool overlap_is_late(const overlap_session *session)
{
    return session->manifest.expires_s <= sr_now_us() / SECOND_US;
}

size_t overlap_turn(const overlap_session *session, const overlap_part *part)
{
    size_t count = session->manifest.member_count;
    return part->hops + 1 >= count ? count : (part->owner + part->hops + 1) % count;
}

/* ---- reading --------------------------------------------------------------------------------- */

static sr_result read_bytes(void *out, size_t size, db_statement *row, int column, sr_err *err)
{
    sr_slice bytes = db_bytes(row, column);
    if (bytes.len != size)
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds a value of the wrong size");
    sr_copy(out, bytes.data, size);
    return SR_OK;
}

static sr_result read_state(overlap_state *out, const char *word, sr_err *err)
{
    for (int state = 0; state < OVERLAP_STATE_COUNT_; state++)
        if (strcmp(state_names[state], word) == 0)
        {
            *out = (overlap_state)state;
            return SR_OK;
        }
    return sr_fail(err, SR_E_CORRUPT, "the catalog holds a state that is none");
}

static sr_result read_member(overlap_session *out, db_statement *row, sr_err *err)
{
    size_t position = (size_t)db_int(row, 0);
    if (position >= out->manifest.member_count)
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds a member beyond the manifest");
    overlap_member *member = &out->members[position];
    sr_free(member->certificate);
    member->certificate = sr_text_copy(db_text(row, 1));
    member->contributed = db_int(row, 2) != 0;
    if (!db_is_null(row, 3) &&
        read_bytes(member->digest, sizeof member->digest, row, 3, err) != SR_OK)
        return SR_FAIL;
    return db_is_null(row, 4) ? SR_OK
                              : read_bytes(member->share, sizeof member->share, row, 4, err);
}

/* Whose turn it is, and what is due; `row` begins with number, owner, hops, points, name. */
static sr_result read_turn(overlap_part *out, db_statement *row, sr_err *err)
{
    *out = (overlap_part){
        .number = (uint64_t)db_int(row, 0),
        .owner = (size_t)db_int(row, 1),
        .hops = (size_t)db_int(row, 2),
        .points = (uint64_t)db_int(row, 3),
    };
    return catalog_read_text(out->name, sizeof out->name, db_text(row, 4), err);
}

static sr_result read_part(overlap_part *out, db_statement *row, sr_err *err)
{
    sr_slice signature = db_bytes(row, 8);
    if (read_turn(out, row, err) != SR_OK)
        return SR_FAIL;
    if (signature.len > sizeof out->signature)
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds a signature that is too long");
    out->items = (uint64_t)db_int(row, 6);
    out->signature_len = signature.len;
    sr_copy(out->signature, signature.data, signature.len);
    if (catalog_read_text(out->label, sizeof out->label, db_text(row, 5), err) != SR_OK ||
        read_bytes(out->digest, sizeof out->digest, row, 7, err) != SR_OK ||
        read_bytes(out->transport, sizeof out->transport, row, 9, err) != SR_OK ||
        catalog_read_text(out->last_name, sizeof out->last_name, db_text(row, 10), err) != SR_OK)
        return SR_FAIL;
    return read_bytes(out->last_digest, sizeof out->last_digest, row, 11, err);
}

/* `whole`: with certificates and shares. */
static sr_result read_members(overlap_session *out, catalog *self, const char *session, bool whole,
                              sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db,
                   whole ? "SELECT position, certificate, contributed, digest, share"
                           " FROM overlap_member WHERE session = ?1"
                         : "SELECT position, '', contributed, digest, NULL"
                           " FROM overlap_member WHERE session = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, session);
    for (bool row = true;;)
    {
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        if (read_member(out, find, err) != SR_OK)
            return SR_FAIL;
    }
}

/* Counted first, so that their array never moves and leaves scalars behind. */
static sr_result count_parts(size_t *out, catalog *self, const char *session, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db, "SELECT count(*) FROM overlap_part WHERE session = ?1", err) !=
        SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, session);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    *out = row ? (size_t)db_int(find, 0) : 0;
    return SR_OK;
}

/* `whole`: not only whose turn it is. */
static sr_result read_parts(overlap_session *out, catalog *self, const char *session, bool whole,
                            sr_err *err)
{
    DB_STATEMENT(find);
    size_t room = 0;
    if (count_parts(&room, self, session, err) != SR_OK ||
        db_prepare(&find, self->db,
                   whole ? "SELECT number, owner, hops, points, name, label, items, digest,"
                           " signature, transport, last_name, last_digest FROM overlap_part"
                           " WHERE session = ?1 ORDER BY number"
                         : "SELECT number, owner, hops, points, name FROM overlap_part"
                           " WHERE session = ?1 ORDER BY number",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, session);
    out->parts = sr_array(room, sizeof *out->parts);
    for (bool row = true;;)
    {
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        if (out->part_count == room)
            return sr_fail(err, SR_E_INTERNAL, "parts came in while they were read");
        overlap_part *part = &out->parts[out->part_count];
        if ((whole ? read_part(part, find, err) : read_turn(part, find, err)) != SR_OK)
            return SR_FAIL;
        out->part_count++;
    }
}

/* It was judged when it came in: what the parser says of it now is nothing for a peer. */
static sr_result read_manifest(manifest *out, const char *text, sr_err *err)
{
    if (manifest_parse(out, sr_slice_text(text), err) == SR_OK)
        return SR_OK;
    sr_err_reset(err);
    return sr_fail(err, SR_E_CORRUPT, "the catalog holds a manifest that is none");
}

static sr_result read_session(overlap_session *out, catalog *self, const char *session,
                              const char *member, bool whole, sr_err *err)
{
    DB_STATEMENT(find);
    OVERLAP_SESSION(made);
    bool row = false;
    *out = (overlap_session){.part_count = 0};
    if (db_prepare(&find, self->db,
                   "SELECT state, opened_by, opened_us, manifest, reason, report"
                   " FROM overlap_session WHERE id = ?1 AND (?2 IS NULL OR EXISTS"
                   " (SELECT 1 FROM overlap_member WHERE session = ?1 AND name = ?2))",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, session);
    db_bind_text(find, 2, member);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_NOT_FOUND, "no such overlap session");
    made.opened_us = db_int(find, 2);
    made.reason = sr_text_copy(db_text(find, 4));
    made.report = sr_text_copy(db_text(find, 5));
    if (read_state(&made.state, db_text(find, 0), err) != SR_OK ||
        catalog_read_text(made.opened_by, sizeof made.opened_by, db_text(find, 1), err) != SR_OK ||
        read_manifest(&made.manifest, db_text(find, 3), err) != SR_OK ||
        read_members(&made, self, session, whole, err) != SR_OK ||
        read_parts(&made, self, session, whole, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = (overlap_session){.part_count = 0};
    return SR_OK;
}

sr_result overlap_read(overlap_session *out, catalog *self, const char *session, const char *member,
                       sr_err *err)
{
    return read_session(out, self, session, member, true, err);
}

sr_result overlap_session_get(overlap_session *out, catalog *self, const char *session,
                              const char *member, sr_err *err)
{
    CATALOG_LOCK(self);
    return read_session(out, self, session, member, true, err);
}

sr_result overlap_session_glance(overlap_session *out, catalog *self, const char *session,
                                 const char *member, sr_err *err)
{
    CATALOG_LOCK(self);
    return read_session(out, self, session, member, false, err);
}

static void list_clear(sr_uuid_text **list)
{
    sr_free(*list);
}

sr_result overlap_session_list(sr_uuid_text **out, size_t *count, catalog *self,
                               const sr_uuid *collaboration, const char *member, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(find);
    sr_uuid_text *list SR_CLEANUP(list_clear) = sr_array(OVERLAP_LIST_MOST, sizeof *list);
    size_t found = 0;
    *out = NULL;
    *count = 0;
    if (db_prepare(&find, self->db,
                   "SELECT s.id FROM overlap_session s JOIN overlap_member m ON m.session = s.id"
                   " WHERE s.collaboration = ?1 AND m.name = ?2 ORDER BY s.opened_us DESC, s.id"
                   " LIMIT ?3",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, member);
    db_bind_int(find, 3, OVERLAP_LIST_MOST);
    for (bool row = true;; found++)
    {
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            break;
        if (catalog_read_text(list[found].text, sizeof list[found].text, db_text(find, 0), err) !=
            SR_OK)
            return SR_FAIL;
    }
    *out = list;
    *count = found;
    list = NULL;
    return SR_OK;
}

sr_result overlap_is_alive(bool *out, catalog *self, const char *session, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(find);
    *out = false;
    if (db_prepare(&find, self->db,
                   "SELECT 1 FROM overlap_session WHERE id = ?1"
                   " AND state IN ('running', 'complete')",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, session);
    return db_step(find, out, err);
}

sr_result overlap_is_named(bool *out, catalog *self, const char *session, const char *name,
                           sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(find);
    *out = false;
    if (db_prepare(&find, self->db, "SELECT 1 FROM overlap_part WHERE session = ?1 AND name = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, session);
    db_bind_text(find, 2, name);
    return db_step(find, out, err);
}

sr_result overlap_points_held(uint64_t *out, catalog *self, const sr_uuid *collaboration,
                              sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(find);
    bool row = false;
    sr_uuid_text id = sr_uuid_print(collaboration);
    *out = 0;
    if (db_prepare(&find, self->db,
                   "SELECT coalesce(sum(p.points), 0) FROM overlap_part p"
                   " JOIN overlap_session s ON s.id = p.session WHERE s.collaboration = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, id.text);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    *out = row ? (uint64_t)db_int(find, 0) : 0;
    return SR_OK;
}

sr_result overlap_next_part(uint64_t *out, catalog *self, const char *session, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(update);
    bool row = false;
    *out = 0;
    if (db_prepare(&update, self->db,
                   "UPDATE overlap_session SET next_part = next_part + 1 WHERE id = ?1"
                   " RETURNING next_part - 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(update, 1, session);
    if (db_step(update, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_NOT_FOUND, "no such overlap session");
    *out = (uint64_t)db_int(update, 0);
    return db_finish(update, err);
}
