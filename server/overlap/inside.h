/*
 * inside.h: what sessions.c, changes.c and ending.c share.
 */
#ifndef SEALROOM_SERVER_OVERLAP_INSIDE_H
#define SEALROOM_SERVER_OVERLAP_INSIDE_H

#include "sessions.h"

/* overlap_session_get for a caller that holds the catalog's lock. `member` NULL: any session. */
sr_result overlap_read(overlap_session *out, catalog *catalog, const char *session,
                       const char *member, sr_err *err) SR_MUST_USE;

/* The audit record of a change, filed for every member of the session, in the caller's transaction; `more` follows the
 * session's id in its text. */
sr_result overlap_record(catalog *catalog, const manifest *about, const catalog_actor *actor,
                         const char *action, const char *more, sr_err *err) SR_MUST_USE;
/* SR_E_STATE: what the session is. Always SR_FAIL. */
sr_result overlap_fail_state(const overlap_session *session, sr_err *err);

#endif
