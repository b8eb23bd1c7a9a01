/*
 * overlap_message.h: an overlap session as its members see it.
 */
#ifndef SEALROOM_SERVER_RPC_OVERLAP_MESSAGE_H
#define SEALROOM_SERVER_RPC_OVERLAP_MESSAGE_H

#include "server/overlap/sessions.h"
#include "service.h"

/* sealroom.v1.OverlapSession for `member`, released with wire_free. What is due is told apart by member; the
 * names of parts, in an order without meaning, only to the member whose turn it is. */
sr_result overlap_session_message(void *out, const overlap_session *session,
                                  const char *collaboration, const char *member,
                                  sr_err *err) SR_MUST_USE;

/* The same of the session as it is now, for the caller. SR_E_NOT_FOUND when it takes no part. */
sr_result overlap_message_of(void *out, const service_context *service, rpc_call *call,
                             const char *session, sr_err *err) SR_MUST_USE;

/* sealroom.v1.ListSessionsResponse for `member`: newest first, as many of overlap_session_list as fit into a message. One
 * session is read at a time. */
sr_result overlap_list_message(void *out, catalog *catalog, const room_collaboration *room,
                               const char *member, sr_err *err) SR_MUST_USE;

#endif
