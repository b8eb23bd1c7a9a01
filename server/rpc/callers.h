/*
 * callers.h: the calls of each member: how many are under way (maxCallsPerMember) and how many begin in a
 * minute (maxCallsPerMinute; server/quota/quota.h). The server runs a fixed number of calls at once
 * (rpc/server.h), and an upload may pause for minutes: without a share of its own size, one member with
 * idle uploads would keep every other out.
 *
 * The rate is a bucket of one minute's calls, which fills evenly: a member that was quiet may begin a
 * minute's worth at once, and from then on one call each time that one has flowed in. An upload is one
 * call, however many batches it sends. Time is monotonic: setting the clock neither gives calls nor
 * takes them.
 *
 * Safe to use from many threads.
 */
#ifndef SEALROOM_SERVER_RPC_CALLERS_H
#define SEALROOM_SERVER_RPC_CALLERS_H

#include "base/err.h"
#include "server/quota/quota.h"

typedef struct callers callers;

/* The limits are copied. */
callers *callers_new(const quotas *in_force);
/* When no call is under way any more. Accepts NULL. */
void callers_free(callers *self);

/* Counts a call of this member. SR_E_LIMIT, with nothing counted, when it has its share already, or its
 * bucket is empty: then the text says after how many seconds there is room. */
sr_result callers_enter(callers *self, const char *member, sr_err *err) SR_MUST_USE;
/* The same at a time of the caller's (monotonic, microseconds, never going back), for tests. */
sr_result callers_enter_at(callers *self, const char *member, int64_t now_us,
                           sr_err *err) SR_MUST_USE;
/* The call is over. */
void callers_leave(callers *self, const char *member);

#endif
