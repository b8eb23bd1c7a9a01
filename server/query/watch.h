/*
 * watch.h: a thread that interrupts an engine session when its query is cancelled or its deadline has passed.
 * One per running query, from the first statement to the last row.
 */
#ifndef SEALROOM_SERVER_QUERY_WATCH_H
#define SEALROOM_SERVER_QUERY_WATCH_H

#include "query.h"

typedef struct query_watch query_watch;

/* Watches until it is freed; the session must live longer. */
sr_result query_watch_new(query_watch **out, engine_session *session, const query_request *request,
                          sr_err *err) SR_MUST_USE;
void query_watch_free(query_watch *watch); /* joins the thread; accepts NULL */

/* SR_FAIL with SR_E_CANCELLED or SR_E_TIMEOUT when the query was stopped; SR_OK otherwise. */
sr_result query_watch_check(query_watch *watch, sr_err *err) SR_MUST_USE;
/* For a failure of the engine: puts the reason why it was stopped in its place, if there is one. */
sr_result query_watch_explain(query_watch *watch, sr_err *err);

#endif
