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

/* SQLite says that it is busy in a row, or with a failure when the reader is this connection. */
static sr_result cut_log(bool *done, catalog *self, sr_err *err)
{
    int64_t busy = 1;
    sr_result result = db_number(self->db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, err);
    *done = result == SR_OK && busy == 0;
    if (result == SR_OK || err->code != SR_E_STATE)
        return result;
    sr_err_reset(err);
    return SR_OK;
}

sr_result overlap_cut_log(bool *done, catalog *self, sr_err *err)
{
    CATALOG_LOCK(self);
    return cut_log(done, self, err);
}

/* The session has ended whether it works or not; the keeper tries again. */
static void try_to_cut_log(catalog *self)
{
    bool done = false;
    sr_err ignored = SR_ERR_INIT;
    if (cut_log(&done, self, &ignored) != SR_OK)
        sr_err_reset(&ignored);
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
    try_to_cut_log(self);
    return SR_OK;
}

/* ---- expire ---------------------------------------------------------------------------------- */

typedef struct
{
    char id[SR_UUID_TEXT_SIZE]; /* "" before the first, and when there are no more */
    catalog_actor opener;
} expired;

/* The next session, by id, whose time is over. After a failure `one` has its id if that could be read. */
static sr_result next_expired(expired *one, catalog *self, int64_t now_us, sr_err *err)
{
    CATALOG_LOCK(self);
    DB_STATEMENT(find);
    bool there = false;
    expired last = *one;
    *one = (expired){.id = ""};
    if (db_prepare(&find, self->db,
                   "SELECT id, opened_by, role, certificate FROM overlap_session"
                   " WHERE state IN ('open', 'running', 'complete') AND expires_us <= ?1"
                   " AND id > ?2 ORDER BY id LIMIT 1",
                   err) != SR_OK)
        return SR_FAIL;
    db_bind_int(find, 1, now_us);
    db_bind_text(find, 2, last.id);
    if (db_step(find, &there, err) != SR_OK)
        return SR_FAIL;
    if (!there)
        return SR_OK;
    catalog_actor *opener = &one->opener;
    if (catalog_read_text(one->id, sizeof one->id, db_text(find, 0), err) != SR_OK ||
        catalog_read_text(opener->who.member, sizeof opener->who.member, db_text(find, 1), err) !=
            SR_OK ||
        catalog_read_role(&opener->who.role, db_text(find, 2), err) != SR_OK)
        return SR_FAIL;
    return catalog_read_text(opener->certificate, sizeof opener->certificate, db_text(find, 3),
                             err);
}

sr_result overlap_expire(size_t *ended, catalog *self, int64_t now_us, sr_err *err)
{
    expired one = {.id = ""};
    *ended = 0;
    sr_err_reset(err);
    do
    {
        sr_err why = SR_ERR_INIT;
        sr_result result = next_expired(&one, self, now_us, &why);
        if (result == SR_OK && one.id[0] != '\0')
        {
            result =
                overlap_end(self, one.id, OVERLAP_EXPIRED, "its time is over", &one.opener, &why);
            *ended += result == SR_OK ? 1 : 0;
        }
        if (result != SR_OK && why.code != SR_E_STATE && err->code == SR_E_NONE)
            *err = why; /* SR_E_STATE: somebody else ended it in between */
    } while (one.id[0] != '\0');
    return err->code == SR_E_NONE ? SR_OK : SR_FAIL;
}
