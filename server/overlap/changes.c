/* The steps of an overlap session's life but its end (ending.c): each is judged and written in one transaction. */
#include <string.h>

#include "base/text.h"
#include "inside.h"
#include "server/catalog/inside.h"

enum
{
    SECOND_US = 1000 * 1000,
};

#define DAY_US (INT64_C(24) * 3600 * SECOND_US)

/* ---- what all steps do ----------------------------------------------------------------------- */

sr_result overlap_record(catalog *self, const manifest *about, const catalog_actor *actor,
                         const char *action, const char *more, sr_err *err)
{
    room_table_version touched[MANIFEST_MEMBERS_MOST];
    sr_uuid_text id = sr_uuid_print(&about->session);
    SR_TEXT(text);
    for (size_t i = 0; i < about->member_count; i++)
    {
        touched[i] = (room_table_version){.version = 0};
        if (!sr_text_put(touched[i].table, sizeof touched[i].table, id.text) ||
            !sr_text_put(touched[i].owner, sizeof touched[i].owner, about->members[i].name))
            return sr_fail(err, SR_E_INTERNAL, "an overlap session with a name that is too long");
    }
    text = sr_text_printf("overlap session %s%s", id.text, more);
    return catalog_record(self, &about->collaboration, actor, action, text, touched,
                          about->member_count, err);
}

static sr_result set_state(catalog *self, const char *session, overlap_state state, sr_err *err)
{
    DB_STATEMENT(change);
    if (db_prepare(&change, self->db, "UPDATE overlap_session SET state = ?2 WHERE id = ?1", err) !=
        SR_OK)
        return SR_FAIL;
    db_bind_text(change, 1, session);
    db_bind_text(change, 2, overlap_state_name(state));
    return db_finish(change, err);
}

static sr_result set_manifest(catalog *self, const char *session, const manifest *now, sr_err *err)
{
    DB_STATEMENT(change);
    SR_BUF(printed, MANIFEST_TEXT_MOST);
    SR_TEXT(text);
    if (manifest_print(now, &printed, err) != SR_OK ||
        sr_buf_take_text(&text, &printed, err) != SR_OK ||
        db_prepare(&change, self->db, "UPDATE overlap_session SET manifest = ?2 WHERE id = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(change, 1, session);
    db_bind_text(change, 2, text);
    return db_finish(change, err);
}

sr_result overlap_fail_state(const overlap_session *session, sr_err *err)
{
    return sr_fail(err, SR_E_STATE, "the overlap session is %s",
                   overlap_state_name(session->state));
}

/* ---- open ------------------------------------------------------------------------------------ */

/* It brings a list; and numbers go to nobody who may not receive results. */
static sr_result check_abilities(const manifest_member *member, unsigned abilities, sr_err *err)
{
    SR_TEXT(words);
    unsigned wanted = ABILITY_CONTRIBUTE | (member->receives ? ABILITY_RECEIVE_RESULTS : 0u);
    if ((wanted & ~abilities) == 0)
        return SR_OK;
    words = abilities_print(wanted & ~abilities);
    return sr_fail(err, SR_E_ROLE, "member \"%s\" lacks the ability \"%s\" in this collaboration",
                   member->name, words);
}

static sr_result check_member(catalog *self, const sr_uuid *room, const manifest_member *member,
                              sr_err *err)
{
    unsigned abilities = 0;
    bool there = false;
    if (catalog_read_abilities(&abilities, &there, self, room, member->name, err) != SR_OK)
        return SR_FAIL;
    if (!there)
        return sr_fail(err, SR_E_ROLE, "\"%s\" has not accepted this collaboration", member->name);
    return check_abilities(member, abilities, err);
}

/* May these two have one more session? It counts from when both had confirmed, so that nobody uses it up for them. */
static sr_result check_pair(catalog *self, const char *one, const char *other, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT count(*) FROM overlap_member a"
                   " JOIN overlap_member b ON b.session = a.session AND b.name = ?2"
                   " WHERE a.name = ?1 AND a.confirmed_us > 0 AND b.confirmed_us > 0"
                   " AND max(a.confirmed_us, b.confirmed_us) > ?3",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, one);
    db_bind_text(find, 2, other);
    db_bind_int(find, 3, sr_now_us() - DAY_US);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (row && !quota_allows(&self->quotas, QUOTA_OVERLAP_SESSIONS, (uint64_t)db_int(find, 0) + 1))
        return quota_refuse(err, QUOTA_OVERLAP_SESSIONS,
                            "\"%s\" and \"%s\" have begun as many overlap sessions in the last 24 "
                            "hours as this server allows; wait, or ask the operator",
                            one, other);
    return SR_OK;
}

/* With each other member of the terms (at the opening), or with each that has confirmed; what others have among
 * themselves is not this member's to learn, and judged when they confirm. */
static sr_result check_pairs(catalog *self, const manifest *terms, const char *member,
                             bool confirmed, sr_err *err)
{
    for (size_t i = 0; i < terms->member_count; i++)
    {
        const manifest_member *other = &terms->members[i];
        if (strcmp(other->name, member) != 0 && (other->confirmed || !confirmed) &&
            check_pair(self, member, other->name, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result check_open(catalog *self, const char *member, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT count(*) FROM overlap_session WHERE opened_by = ?1 AND state = 'open'",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, member);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    uint64_t count = row ? (uint64_t)db_int(find, 0) : 0;
    if (!quota_allows(&self->quotas, QUOTA_OVERLAP_OPEN, count + 1))
        return quota_refuse(err, QUOTA_OVERLAP_OPEN,
                            "member \"%s\" has opened %llu overlap sessions that wait for "
                            "confirmations, the most that one member may; cancel one, or ask the "
                            "operator",
                            member, (unsigned long long)count);
    return SR_OK;
}

static sr_result check_members(catalog *self, const manifest *terms, const catalog_actor *actor,
                               sr_err *err)
{
    const char *opener = actor->who.member;
    if (manifest_position(terms, opener) == terms->member_count)
        return sr_fail(err, SR_E_ROLE, "whoever opens an overlap session takes part in it");
    for (size_t i = 0; i < terms->member_count; i++)
        if (check_member(self, &terms->collaboration, &terms->members[i], err) != SR_OK)
            return SR_FAIL;
    return check_pairs(self, terms, opener, false, err) == SR_OK ? check_open(self, opener, err)
                                                                 : SR_FAIL;
}

static sr_result insert_session(catalog *self, const manifest *terms, const char *id,
                                const catalog_actor *actor, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO overlap_session (id, collaboration, state, opened_by, role,"
                   " certificate, opened_us, expires_us, manifest, reason, report)"
                   " VALUES (?1, ?2, 'open', ?3, ?4, ?5, ?6, ?7, '', '', '')",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(insert, 1, id);
    db_bind_uuid(insert, 2, &terms->collaboration);
    db_bind_text(insert, 3, actor->who.member);
    db_bind_text(insert, 4, role_name(actor->who.role));
    db_bind_text(insert, 5, actor->certificate);
    db_bind_int(insert, 6, sr_now_us());
    db_bind_int(insert, 7, terms->expires_s * SECOND_US);
    if (db_finish(insert, err) != SR_OK)
        return SR_FAIL;
    return set_manifest(self, id, terms, err);
}

static sr_result insert_members(catalog *self, const manifest *terms, const char *id, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO overlap_member (session, position, name, certificate, contributed)"
                   " VALUES (?1, ?2, ?3, '', 0)",
                   err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < terms->member_count; i++)
    {
        db_bind_text(insert, 1, id);
        db_bind_int(insert, 2, (int64_t)i);
        db_bind_text(insert, 3, terms->members[i].name);
        if (db_finish(insert, err) != SR_OK)
            return SR_FAIL;
        db_again(insert);
    }
    return SR_OK;
}

sr_result overlap_open(catalog *self, const manifest *terms, const catalog_actor *actor,
                       sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    DB_STATEMENT(find);
    sr_uuid_text id = sr_uuid_print(&terms->session);
    bool there = false;
    if (db_begin(&change, self->db, err) != SR_OK ||
        check_members(self, terms, actor, err) != SR_OK ||
        db_prepare(&find, self->db, "SELECT 1 FROM overlap_session WHERE id = ?1", err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, id.text);
    if (db_step(find, &there, err) != SR_OK)
        return SR_FAIL;
    if (there)
        return sr_fail(err, SR_E_EXISTS, "an overlap session of this id is there already");
    if (insert_session(self, terms, id.text, actor, err) != SR_OK ||
        insert_members(self, terms, id.text, err) != SR_OK ||
        overlap_record(self, terms, actor, "OVERLAP_OPENED", "", err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

/* ---- confirm --------------------------------------------------------------------------------- */

/* From the kernel's generator: what members lock their checkpoints with. */
static sr_result give_shares(catalog *self, const char *session, size_t count, sr_err *err)
{
    DB_STATEMENT(change);
    uint8_t share[OVERLAP_SHARE_SIZE];
    if (db_prepare(&change, self->db,
                   "UPDATE overlap_member SET share = ?3 WHERE session = ?1 AND position = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
    {
        sr_random_bytes(share, sizeof share);
        db_bind_text(change, 1, session);
        db_bind_int(change, 2, (int64_t)i);
        db_bind_bytes(change, 3, sr_slice_of(share, sizeof share));
        sr_wipe(share, sizeof share);
        if (db_finish(change, err) != SR_OK)
            return SR_FAIL;
        db_again(change);
    }
    return SR_OK;
}

static sr_result keep_certificate(catalog *self, const char *session, size_t position,
                                  const char *certificate, sr_err *err)
{
    DB_STATEMENT(change);
    if (db_prepare(&change, self->db,
                   "UPDATE overlap_member SET certificate = ?3, confirmed_us = ?4"
                   " WHERE session = ?1 AND position = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(change, 1, session);
    db_bind_int(change, 2, (int64_t)position);
    db_bind_text(change, 3, certificate);
    db_bind_int(change, 4, sr_now_us());
    return db_finish(change, err);
}

sr_result overlap_confirm(catalog *self, const char *session,
                          const uint8_t nonce[MANIFEST_NONCE_SIZE], const char *certificate,
                          const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    OVERLAP_SESSION(found);
    if (db_begin(&change, self->db, err) != SR_OK ||
        overlap_read(&found, self, session, actor->who.member, err) != SR_OK)
        return SR_FAIL;
    size_t position = manifest_position(&found.manifest, actor->who.member);
    manifest_member *member = &found.manifest.members[position];
    if (found.state != OVERLAP_OPEN)
        return overlap_fail_state(&found, err);
    if (overlap_is_late(&found))
        return sr_fail(err, SR_E_STATE, "the overlap session's time is over");
    if (member->confirmed)
        return sr_fail(err, SR_E_STATE, "member \"%s\" has confirmed already", member->name);
    if (check_pairs(self, &found.manifest, member->name, true, err) != SR_OK)
        return SR_FAIL;
    member->confirmed = true;
    sr_copy(member->nonce, nonce, MANIFEST_NONCE_SIZE);
    if (!sr_text_put(member->certificate, sizeof member->certificate, actor->certificate))
        return sr_fail(err, SR_E_INTERNAL, "a fingerprint of the wrong size");
    if (set_manifest(self, session, &found.manifest, err) != SR_OK ||
        keep_certificate(self, session, position, certificate, err) != SR_OK ||
        overlap_record(self, &found.manifest, actor, "OVERLAP_CONFIRMED", "", err) != SR_OK)
        return SR_FAIL;
    if (manifest_is_whole(&found.manifest) &&
        (set_state(self, session, OVERLAP_RUNNING, err) != SR_OK ||
         give_shares(self, session, found.manifest.member_count, err) != SR_OK))
        return SR_FAIL;
    return db_commit(&change, err);
}

/* ---- contribute ------------------------------------------------------------------------------ */

static sr_result put_part(catalog *self, const char *session, const overlap_part *part, sr_err *err)
{
    DB_STATEMENT(put);
    if (db_prepare(&put, self->db,
                   "INSERT OR REPLACE INTO overlap_part (session, number, owner, hops, label,"
                   " items, points, name, digest, signature, transport, last_name, last_digest)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(put, 1, session);
    db_bind_int(put, 2, (int64_t)part->number);
    db_bind_int(put, 3, (int64_t)part->owner);
    db_bind_int(put, 4, (int64_t)part->hops);
    db_bind_text(put, 5, part->label);
    db_bind_int(put, 6, (int64_t)part->items);
    db_bind_int(put, 7, (int64_t)part->points);
    db_bind_text(put, 8, part->name);
    db_bind_bytes(put, 9, sr_slice_of(part->digest, sizeof part->digest));
    db_bind_bytes(put, 10, sr_slice_of(part->signature, part->signature_len));
    db_bind_bytes(put, 11, sr_slice_of(part->transport, sizeof part->transport));
    db_bind_text(put, 12, part->last_name);
    db_bind_bytes(put, 13, sr_slice_of(part->last_digest, sizeof part->last_digest));
    return db_finish(put, err);
}

static sr_result mark_contributed(catalog *self, const char *session, size_t position,
                                  const uint8_t *digest, sr_err *err)
{
    DB_STATEMENT(change);
    if (db_prepare(&change, self->db,
                   "UPDATE overlap_member SET contributed = 1, digest = ?3 WHERE session = ?1"
                   " AND position = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(change, 1, session);
    db_bind_int(change, 2, (int64_t)position);
    db_bind_bytes(change, 3, sr_slice_of(digest, OVERLAP_DIGEST_SIZE));
    return db_finish(change, err);
}

sr_result overlap_contributed(catalog *self, const char *session, const overlap_part *parts,
                              size_t count, const uint8_t digest[OVERLAP_DIGEST_SIZE],
                              const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    OVERLAP_SESSION(found);
    if (db_begin(&change, self->db, err) != SR_OK ||
        overlap_read(&found, self, session, actor->who.member, err) != SR_OK)
        return SR_FAIL;
    size_t position = manifest_position(&found.manifest, actor->who.member);
    if (found.state != OVERLAP_RUNNING)
        return overlap_fail_state(&found, err);
    if (found.members[position].contributed)
        return sr_fail(err, SR_E_EXISTS, "this member's list is in already");
    for (size_t i = 0; i < count; i++)
        if (put_part(self, session, &parts[i], err) != SR_OK)
            return SR_FAIL;
    if (mark_contributed(self, session, position, digest, err) != SR_OK ||
        overlap_record(self, &found.manifest, actor, "OVERLAP_CONTRIBUTED", "", err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

/* ---- return ---------------------------------------------------------------------------------- */

static const overlap_part *find_part(const overlap_session *session, uint64_t number)
{
    for (size_t i = 0; i < session->part_count; i++)
        if (session->parts[i].number == number)
            return &session->parts[i];
    return NULL;
}

/* With this part back, are all of all members? */
static bool is_complete(const overlap_session *session, const overlap_part *now)
{
    for (size_t i = 0; i < session->manifest.member_count; i++)
        if (!session->members[i].contributed)
            return false;
    for (size_t i = 0; i < session->part_count; i++)
    {
        const overlap_part *part = &session->parts[i];
        if (overlap_turn(session, part->number == now->number ? now : part) !=
            session->manifest.member_count)
            return false;
    }
    return true;
}

sr_result overlap_returned(catalog *self, const char *session, const overlap_part *part,
                           const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    OVERLAP_SESSION(found);
    if (db_begin(&change, self->db, err) != SR_OK ||
        overlap_read(&found, self, session, actor->who.member, err) != SR_OK)
        return SR_FAIL;
    const overlap_part *before = find_part(&found, part->number);
    if (found.state != OVERLAP_RUNNING)
        return overlap_fail_state(&found, err);
    if (before == NULL || before->hops + 1 != part->hops)
        return sr_fail(err, SR_E_STATE, "this part was returned already");
    if (put_part(self, session, part, err) != SR_OK)
        return SR_FAIL;
    if (is_complete(&found, part) &&
        (set_state(self, session, OVERLAP_COMPLETE, err) != SR_OK ||
         overlap_record(self, &found.manifest, actor, "OVERLAP_COMPLETE", "", err) != SR_OK))
        return SR_FAIL;
    return db_commit(&change, err);
}
