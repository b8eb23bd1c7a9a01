/* Opening, collaborations, members, the key check value. */
#include "catalog.h"

#include <string.h>

#include "base/text.h"
#include "inside.h"

/* ---- opening --------------------------------------------------------------------------------- */

sr_result catalog_open(catalog **out, const char *file, sr_err *err)
{
    CATALOG(made);
    *out = NULL;
    made = sr_alloc(sizeof *made);
    pthread_mutex_init(&made->lock, NULL);
    if (db_open(&made->db, file, err) != SR_OK)
        return SR_FAIL;
    if (catalog_migrate(made, err) != SR_OK)
        return sr_fail_in(err, "%s", file);
    *out = made;
    made = NULL;
    return SR_OK;
}

void catalog_set_quotas(catalog *self, const quotas *in_force)
{
    self->quotas = *in_force;
}

void catalog_free(catalog *self)
{
    if (self == NULL)
        return;
    db_free(self->db);
    pthread_mutex_destroy(&self->lock);
    sr_free(self);
}

void catalog_clear(catalog **self)
{
    catalog_free(*self);
    *self = NULL;
}

catalog *catalog_lock(catalog *self)
{
    pthread_mutex_lock(&self->lock);
    return self;
}

void catalog_unlock(catalog **self)
{
    pthread_mutex_unlock(&(*self)->lock);
}

sr_result catalog_read_text(char *out, size_t size, const char *text, sr_err *err)
{
    if (!sr_text_put(out, size, text))
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds a text that is too long");
    return SR_OK;
}

sr_result catalog_read_role(principal_role *out, const char *text, sr_err *err)
{
    if (role_parse(out, text, err) != SR_OK)
        return sr_fail(err, SR_E_CORRUPT, "the catalog holds a role that is none");
    return SR_OK;
}

/* ---- reading a collaboration ----------------------------------------------------------------- */

static sr_result read_members(room_collaboration *out, catalog *self, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT name, abilities, accepted FROM member WHERE collaboration = ?1"
                   " ORDER BY position",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, &out->id);
    for (;;)
    {
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        size_t count = out->member_count;
        out->members = sr_array_grow(out->members, count, count + 1, sizeof *out->members);
        room_member *member = &out->members[out->member_count++];
        if (catalog_read_text(member->name, sizeof member->name, db_text(find, 0), err) != SR_OK)
            return SR_FAIL;
        member->abilities = (unsigned)db_int(find, 1);
        member->accepted = db_int(find, 2) != 0;
    }
}

static sr_result read_collaboration(room_collaboration *out, catalog *self, const sr_uuid *id,
                                    sr_err *err)
{
    DB_STATEMENT(find);
    ROOM_COLLABORATION(made);
    bool row = false;
    *out = (room_collaboration){.members = NULL};
    if (db_prepare(&find, self->db,
                   "SELECT name, creator, flags, created_us, key_check IS NOT NULL"
                   " FROM collaboration WHERE id = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, id);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_NOT_FOUND, "no such collaboration");
    made.id = *id;
    if (catalog_read_text(made.name, sizeof made.name, db_text(find, 0), err) != SR_OK ||
        catalog_read_text(made.creator, sizeof made.creator, db_text(find, 1), err) != SR_OK ||
        flags_from_byte(&made.flags, (uint8_t)db_int(find, 2), err) != SR_OK ||
        read_members(&made, self, err) != SR_OK)
        return SR_FAIL;
    made.created_us = db_int(find, 3);
    made.key_check_known = db_int(find, 4) != 0;
    *out = made;
    made = (room_collaboration){.members = NULL};
    return SR_OK;
}

sr_result catalog_read_abilities(unsigned *out, bool *there, catalog *self,
                                 const sr_uuid *collaboration, const char *member, sr_err *err)
{
    DB_STATEMENT(find);
    *out = 0;
    if (db_prepare(&find, self->db,
                   "SELECT abilities FROM member WHERE collaboration = ?1 AND name = ?2"
                   " AND accepted = 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    db_bind_text(find, 2, member);
    if (db_step(find, there, err) != SR_OK)
        return SR_FAIL;
    *out = *there ? (unsigned)db_int(find, 0) : 0;
    return SR_OK;
}

/* ---- finding --------------------------------------------------------------------------------- */

static sr_result find_id(sr_uuid *out, catalog *self, const char *id_or_name, const char *member,
                         sr_err *err)
{
    DB_STATEMENT(find);
    sr_uuid asked;
    sr_err not_an_id = SR_ERR_INIT;
    bool row = false;
    if (db_prepare(&find, self->db,
                   "SELECT c.id FROM collaboration c JOIN member m ON m.collaboration = c.id"
                   " WHERE m.name = ?1 AND (c.name = ?2 OR c.id = ?3) LIMIT 2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, member);
    db_bind_text(find, 2, id_or_name);
    if (sr_uuid_parse(&asked, id_or_name, &not_an_id) == SR_OK)
        db_bind_uuid(find, 3, &asked);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_NOT_FOUND, "no collaboration \"%s\" for member \"%s\"", id_or_name,
                       member);
    if (db_uuid(out, find, 0, err) != SR_OK || db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (row)
        return sr_fail(err, SR_E_INVALID, "several collaborations are called \"%s\": use the id",
                       id_or_name);
    return SR_OK;
}

sr_result catalog_collaboration_find(room_collaboration *out, catalog *self, const char *id_or_name,
                                     const char *member, sr_err *err)
{
    CATALOG_LOCK(self);
    sr_uuid id;
    *out = (room_collaboration){.members = NULL};
    if (find_id(&id, self, id_or_name, member, err) != SR_OK)
        return SR_FAIL;
    return read_collaboration(out, self, &id, err);
}

/* `member` NULL: all of them. */
static sr_result list_all(room_collaboration **out, size_t *count, catalog *self,
                          const char *member, sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db,
                   "SELECT c.id FROM collaboration c WHERE ?1 IS NULL OR EXISTS"
                   " (SELECT 1 FROM member m WHERE m.collaboration = c.id AND m.name = ?1)"
                   " ORDER BY c.name, c.id",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, member);
    for (;;)
    {
        bool row = false;
        sr_uuid id;
        if (db_step(find, &row, err) != SR_OK)
            return SR_FAIL;
        if (!row)
            return SR_OK;
        *out = sr_array_grow(*out, *count, *count + 1, sizeof **out);
        if (db_uuid(&id, find, 0, err) != SR_OK ||
            read_collaboration(&(*out)[*count], self, &id, err) != SR_OK)
            return SR_FAIL;
        (*count)++;
    }
}

static sr_result list_or_nothing(room_collaboration **out, size_t *count, catalog *self,
                                 const char *member, sr_err *err)
{
    CATALOG_LOCK(self);
    *out = NULL;
    *count = 0;
    if (list_all(out, count, self, member, err) == SR_OK)
        return SR_OK;
    catalog_collaborations_free(*out, *count);
    *out = NULL;
    *count = 0;
    return SR_FAIL;
}

sr_result catalog_collaboration_list(room_collaboration **out, size_t *count, catalog *self,
                                     const char *member, sr_err *err)
{
    return list_or_nothing(out, count, self, member, err);
}

sr_result catalog_collaboration_all(room_collaboration **out, size_t *count, catalog *self,
                                    sr_err *err)
{
    return list_or_nothing(out, count, self, NULL, err);
}

void catalog_collaborations_free(room_collaboration *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        room_collaboration_clear(&list[i]);
    sr_free(list);
}

/* ---- changing -------------------------------------------------------------------------------- */

static sr_result exists(bool *out, catalog *self, const char *sql, const char *first,
                        const char *second, sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db, sql, err) != SR_OK)
        return SR_FAIL;
    db_bind_text(find, 1, first);
    if (second != NULL)
        db_bind_text(find, 2, second);
    return db_step(find, out, err);
}

static sr_result check_new(catalog *self, const sr_uuid *id, const char *name, const char *creator,
                           sr_err *err)
{
    sr_uuid as_id;
    sr_err not_an_id = SR_ERR_INIT;
    bool taken = false;
    sr_uuid_text text = sr_uuid_print(id);
    if (model_name_check("collaboration", name, err) != SR_OK)
        return SR_FAIL;
    if (sr_uuid_parse(&as_id, name, &not_an_id) == SR_OK)
        return sr_fail(err, SR_E_INVALID, "collaboration name \"%s\" could be read as an id", name);
    if (exists(&taken, self, "SELECT 1 FROM collaboration WHERE id = ?1", text.text, NULL, err) !=
        SR_OK)
        return SR_FAIL;
    if (taken)
        return sr_fail(err, SR_E_EXISTS, "this collaboration id is taken");
    if (exists(&taken, self, "SELECT 1 FROM collaboration WHERE creator = ?1 AND name = ?2",
               creator, name, err) != SR_OK)
        return SR_FAIL;
    if (taken)
        return sr_fail(err, SR_E_EXISTS, "member \"%s\" has a collaboration \"%s\" already",
                       creator, name);
    return SR_OK;
}

static sr_result insert_member(catalog *self, const sr_uuid *collaboration, const char *member,
                               unsigned abilities, bool accepted, sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO member (collaboration, name, position, abilities, accepted)"
                   " VALUES (?1, ?2,"
                   " (SELECT count(*) FROM member WHERE collaboration = ?1), ?3, ?4)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(insert, 1, collaboration);
    db_bind_text(insert, 2, member);
    db_bind_int(insert, 3, abilities);
    db_bind_int(insert, 4, accepted ? 1 : 0);
    return db_finish(insert, err);
}

static sr_result insert_collaboration(catalog *self, const sr_uuid *id, const char *name,
                                      const collaboration_flags *flags, const catalog_actor *actor,
                                      sr_err *err)
{
    DB_STATEMENT(insert);
    if (db_prepare(&insert, self->db,
                   "INSERT INTO collaboration (id, name, creator, flags, created_us)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(insert, 1, id);
    db_bind_text(insert, 2, name);
    db_bind_text(insert, 3, actor->who.member);
    db_bind_int(insert, 4, flags_to_byte(flags));
    db_bind_int(insert, 5, sr_now_us());
    if (db_finish(insert, err) != SR_OK)
        return SR_FAIL;
    return insert_member(self, id, actor->who.member, ABILITY_ALL, true, err);
}

sr_result catalog_collaboration_create(room_collaboration *out, catalog *self, const sr_uuid *id,
                                       const char *name, const collaboration_flags *flags,
                                       const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    sr_uuid chosen = id == NULL ? sr_uuid_random() : *id;
    *out = (room_collaboration){.members = NULL};
    if (db_begin(&change, self->db, err) != SR_OK ||
        check_new(self, &chosen, name, actor->who.member, err) != SR_OK ||
        catalog_check_collaborations(self, actor->who.member, err) != SR_OK ||
        insert_collaboration(self, &chosen, name, flags, actor, err) != SR_OK ||
        catalog_record(self, &chosen, actor, "COLLABORATION_CREATED", name, NULL, 0, err) !=
            SR_OK ||
        db_commit(&change, err) != SR_OK)
        return SR_FAIL;
    return read_collaboration(out, self, &chosen, err);
}

static sr_result check_invitation(catalog *self, const sr_uuid *collaboration, const char *member,
                                  unsigned abilities, const catalog_actor *actor, sr_err *err)
{
    ROOM_COLLABORATION(room);
    if (model_name_check("member", member, err) != SR_OK)
        return SR_FAIL;
    if ((abilities & ~(unsigned)ABILITY_ALL) != 0)
        return sr_fail(err, SR_E_INVALID, "unknown abilities");
    if (read_collaboration(&room, self, collaboration, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(room.creator, actor->who.member) != 0)
        return sr_fail(err, SR_E_ROLE, "only its creator \"%s\" invites to collaboration \"%s\"",
                       room.creator, room.name);
    const room_member *found = room_member_find(&room, member);
    if (found != NULL)
        return sr_fail(err, SR_E_EXISTS, "member \"%s\" %s already", member,
                       found->accepted ? "belongs to it" : "is invited");
    return catalog_check_members(self, &room, err);
}

sr_result catalog_member_invite(catalog *self, const sr_uuid *collaboration, const char *member,
                                unsigned abilities, const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    SR_TEXT(words);
    SR_TEXT(text);
    if (db_begin(&change, self->db, err) != SR_OK ||
        check_invitation(self, collaboration, member, abilities, actor, err) != SR_OK ||
        insert_member(self, collaboration, member, abilities, false, err) != SR_OK)
        return SR_FAIL;
    words = abilities_print(abilities);
    text = sr_text_printf("%s (%s)", member, words);
    if (catalog_record(self, collaboration, actor, "MEMBER_INVITED", text, NULL, 0, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

static sr_result check_acceptance(catalog *self, const sr_uuid *collaboration,
                                  const catalog_actor *actor, sr_err *err)
{
    ROOM_COLLABORATION(room);
    if (read_collaboration(&room, self, collaboration, err) != SR_OK)
        return SR_FAIL;
    const room_member *member = room_member_find(&room, actor->who.member);
    if (member == NULL)
        return sr_fail(err, SR_E_NOT_FOUND, "member \"%s\" is not invited", actor->who.member);
    if (member->accepted)
        return sr_fail(err, SR_E_STATE, "member \"%s\" has accepted already", actor->who.member);
    return SR_OK;
}

sr_result catalog_member_accept(catalog *self, const sr_uuid *collaboration,
                                const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    DB_STATEMENT(update);
    if (db_begin(&change, self->db, err) != SR_OK ||
        check_acceptance(self, collaboration, actor, err) != SR_OK ||
        db_prepare(&update, self->db,
                   "UPDATE member SET accepted = 1 WHERE collaboration = ?1 AND name = ?2",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_uuid(update, 1, collaboration);
    db_bind_text(update, 2, actor->who.member);
    if (db_finish(update, err) != SR_OK ||
        catalog_record(self, collaboration, actor, "INVITATION_ACCEPTED", actor->who.member, NULL,
                       0, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

/* ---- the key check value --------------------------------------------------------------------- */

sr_result catalog_key_compare(catalog_key_answer *out, catalog *self, const sr_uuid *collaboration,
                              const uint8_t *value, sr_err *err)
{
    DB_STATEMENT(find);
    bool row = false;
    *out = CATALOG_KEY_UNKNOWN;
    if (db_prepare(&find, self->db, "SELECT key_check FROM collaboration WHERE id = ?1", err) !=
        SR_OK)
        return SR_FAIL;
    db_bind_uuid(find, 1, collaboration);
    if (db_step(find, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row)
        return sr_fail(err, SR_E_NOT_FOUND, "no such collaboration");
    sr_slice known = db_bytes(find, 0);
    if (known.len == 0)
        return SR_OK;
    bool same = known.len == CATALOG_KEY_CHECK_SIZE && sr_equal_ct(known.data, value, known.len);
    *out = same ? CATALOG_KEY_MATCH : CATALOG_KEY_MISMATCH;
    return SR_OK;
}

sr_result catalog_key_check(catalog_key_answer *out, catalog *self, const sr_uuid *collaboration,
                            const uint8_t value[CATALOG_KEY_CHECK_SIZE], sr_err *err)
{
    CATALOG_LOCK(self);
    return catalog_key_compare(out, self, collaboration, value, err);
}
