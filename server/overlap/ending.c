/* How overlap sessions end. */
#include "inside.h"
#include "server/catalog/inside.h"

/* Runs a statement with the session as ?1. */
static sr_result run_about(catalog *self, const char *sql, const char *session, sr_err *err)
{
    DB_STATEMENT(change);
    if (db_prepare(&change, self->db, sql, err) != SR_OK)
        return SR_FAIL;
    db_bind_text(change, 1, session);
    return db_finish(change, err);
}

/* ---- end ------------------------------------------------------------------------------------- */

static sr_result write_end(catalog *self, const overlap_session *found, const char *session,
                           overlap_state state, const char *text, const catalog_actor *actor,
                           sr_err *err)
{
    static const char *const actions[OVERLAP_STATE_COUNT_] = {
        [OVERLAP_RELEASED] = "OVERLAP_RELEASED",
        [OVERLAP_CANCELLED] = "OVERLAP_CANCELLED",
        [OVERLAP_EXPIRED] = "OVERLAP_EXPIRED",
        [OVERLAP_FAILED] = "OVERLAP_FAILED",
    };
    DB_STATEMENT(change);
    bool released = state == OVERLAP_RELEASED;
    if (db_prepare(&change, self->db,
                   "UPDATE overlap_session SET state = ?2, reason = ?3, report = ?4 WHERE id = ?1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_text(change, 1, session);
    db_bind_text(change, 2, overlap_state_name(state));
    db_bind_text(change, 3, released ? "" : text);
    db_bind_text(change, 4, released ? text : "");
    if (db_finish(change, err) != SR_OK ||
        run_about(self, "DELETE FROM overlap_part WHERE session = ?1", session, err) != SR_OK ||
        run_about(self, "UPDATE overlap_member SET share = NULL WHERE session = ?1", session,
                  err) != SR_OK)
        return SR_FAIL;
    return overlap_record(self, &found->manifest, actor, actions[state], "", err);
}

static bool is_over(overlap_state state)
{
    return state != OVERLAP_OPEN && state != OVERLAP_RUNNING && state != OVERLAP_COMPLETE;
}

sr_result overlap_end(catalog *self, const char *session, overlap_state state, const char *text,
                      const catalog_actor *actor, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_TRANSACTION(change);
    OVERLAP_SESSION(found);
    if (db_begin(&change, self->db, err) != SR_OK ||
        overlap_read(&found, self, session, NULL, err) != SR_OK)
        return SR_FAIL;
    if (is_over(found.state) || (state == OVERLAP_RELEASED && found.state != OVERLAP_COMPLETE))
        return overlap_fail_state(&found, err);
    if (write_end(self, &found, session, state, text, actor, err) != SR_OK ||
        db_commit(&change, err) != SR_OK)
        return SR_FAIL;
    return db_run(self->db, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

/* ---- expire ---------------------------------------------------------------------------------- */

/* The first session whose time is over, with who opened it; *there false when there is none. */
static sr_result find_expired(char id[SR_UUID_TEXT_SIZE], catalog_actor *actor, bool *there,
                              catalog *self, int64_t now_us, sr_err *err)
{
    DB_STATEMENT(find);
    if (db_prepare(&find, self->db,
                   "SELECT id, opened_by, role, certificate FROM overlap_session"
                   " WHERE state IN ('open', 'running', 'complete') AND expires_us <= ?1 LIMIT 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, now_us);
    if (db_step(find, there, err) != SR_OK)
        return SR_FAIL;
    if (!*there)
        return SR_OK;
    if (catalog_read_text(id, SR_UUID_TEXT_SIZE, db_text(find, 0), err) != SR_OK ||
        catalog_read_text(actor->who.member, sizeof actor->who.member, db_text(find, 1), err) !=
            SR_OK ||
        catalog_read_role(&actor->who.role, db_text(find, 2), err) != SR_OK)
        return SR_FAIL;
    return catalog_read_text(actor->certificate, sizeof actor->certificate, db_text(find, 3), err);
}

sr_result overlap_expire(size_t *ended, catalog *self, int64_t now_us, sr_err *err)
{
    *ended = 0;
    for (;;)
    {
        char id[SR_UUID_TEXT_SIZE];
        catalog_actor actor;
        bool there = false;
        {
            CATALOG_LOCK(self);
            if (find_expired(id, &actor, &there, self, now_us, err) != SR_OK)
                return SR_FAIL;
        }
        if (!there)
            return SR_OK;
        sr_result done = overlap_end(self, id, OVERLAP_EXPIRED, "its time is over", &actor, err);
        if (done != SR_OK && err->code != SR_E_STATE)
            return SR_FAIL;
        if (done != SR_OK)
            sr_err_reset(err); /* somebody else ended it in between */
        (*ended)++;
    }
}
