/*
 * inside.h: what sessions.c and changes.c share.
 */
#ifndef SEALROOM_SERVER_OVERLAP_INSIDE_H
#define SEALROOM_SERVER_OVERLAP_INSIDE_H

#include "sessions.h"

/* overlap_session_get for a caller that holds the catalog's lock. `member` NULL: any session. */
sr_result overlap_read(overlap_session *out, catalog *catalog, const char *session,
                       const char *member, sr_err *err) SR_MUST_USE;

#endif
