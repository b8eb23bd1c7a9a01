/*
 * session.h: inside of link_session, for the files of this folder: the channel, and one helper for calls
 * with one message there and one back.
 */
#ifndef SEALROOM_CLIENT_LINK_SESSION_H
#define SEALROOM_CLIENT_LINK_SESSION_H

#include "link.h"
#include "rpc/client.h"

struct link_session
{
    rpc_channel *channel;
};

/* Sends `request`, unpacks the answer as `descriptor` into *answer (`Type **`; release with wire_free). */
sr_result link_call(void *answer, link_session *link, const char *path, const void *request,
                    const void *descriptor, sr_err *err) SR_MUST_USE;
/* The same for what may take longer than LINK_CALL_MS. */
sr_result link_call_within(void *answer, link_session *link, const char *path, const void *request,
                           const void *descriptor, unsigned limit_ms, sr_err *err) SR_MUST_USE;
/* Requests carry "" for "the only collaboration there is"; this gives its name, owned (sr_free). */
sr_result link_collaboration_name(char **out, link_session *link, const char *given,
                                  sr_err *err) SR_MUST_USE;

/* Requests borrow the caller's texts; protobuf-c's structs do not say const where they mean it. */
char *link_borrow(const char *text);

#endif
