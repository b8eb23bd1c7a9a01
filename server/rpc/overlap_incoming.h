/*
 * overlap_incoming.h: what the calls that carry points share (overlap_contribute.c, overlap_reblind.c): entering a
 * session that runs, and a list that comes in. It is written as it arrives, judged point by point, and counts only
 * with its commit; whatever ends the call before leaves nothing.
 */
#ifndef SEALROOM_SERVER_RPC_OVERLAP_INCOMING_H
#define SEALROOM_SERVER_RPC_OVERLAP_INCOMING_H

#include "server/overlap/coordinate.h"
#include "service.h"

typedef struct
{
    rpc_call *call;
    const service_context *service;
    overlap_session session;
    size_t position; /* of the caller */
    group_suite suite;
    digest_value manifest_hash;
    overlap_writer writer;
    char *receiving; /* path of the list that is coming in */
    uint64_t messages;
    uint64_t points; /* of all parts */
    intake_upload *counted;
} overlap_incoming;

void overlap_incoming_clear(overlap_incoming *self);

/* The session, if it runs and the caller takes part. `hash`: of the manifest that the caller works for, unless it
 * is empty; SR_E_STATE when it is another one. */
sr_result overlap_incoming_enter(overlap_incoming *self, const char *session, sr_slice hash,
                                 sr_err *err) SR_MUST_USE;
/* The next message of the call; its end is SR_E_CANCELLED, for the commit is missing. */
sr_result overlap_incoming_receive(void *out, overlap_incoming *self, const void *descriptor,
                                   sr_err *err) SR_MUST_USE;
/* A list of at most so many points is to come. SR_E_LIMIT: quotas maxOverlapDisk, minFreeDisk. */
sr_result overlap_incoming_begin(overlap_incoming *self, uint64_t most, sr_err *err) SR_MUST_USE;
sr_result overlap_incoming_points(overlap_incoming *self, sr_slice points, sr_err *err) SR_MUST_USE;
/* The same of a list that is in already and has `most` points: read and counted, not written. SR_E_LIMIT: it has more;
 * SR_E_STATE: the session's time is over. */
sr_result overlap_incoming_skip(overlap_incoming *self, uint64_t most, sr_slice points,
                                sr_err *err) SR_MUST_USE;
/* The list that was received becomes the part's file for its next turn. */
sr_result overlap_incoming_pass_on(overlap_incoming *self, overlap_part *part, bool returned,
                                   sr_err *err) SR_MUST_USE;
sr_result overlap_incoming_tell(overlap_incoming *self, bool committed, sr_err *err) SR_MUST_USE;

#endif
