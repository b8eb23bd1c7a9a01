/*
 * callers.h: how many calls each member has under way. The server runs a fixed number of calls at once
 * (rpc/server.h), and an upload may pause for minutes: without a share of its own size, one member with
 * idle uploads would keep every other out.
 *
 * Safe to use from many threads.
 */
#ifndef SEALROOM_SERVER_RPC_CALLERS_H
#define SEALROOM_SERVER_RPC_CALLERS_H

#include "base/err.h"

typedef struct callers callers;

/* `most`: calls of one member at once, at least 1. */
callers *callers_new(unsigned most);
/* When no call is under way any more. Accepts NULL. */
void callers_free(callers *self);

/* Counts a call of this member. SR_E_LIMIT, with nothing counted, when it has its share already. */
sr_result callers_enter(callers *self, const char *member, sr_err *err) SR_MUST_USE;
/* The call is over. */
void callers_leave(callers *self, const char *member);

#endif
