/*
 * server_call.h: the life of a call as the server drives it. Internal to rpc/; handlers see call.h.
 *
 *     rpc_call_new         an empty call, to be filled by the library
 *     rpc_call_request     asks the library for the next caller; `accepted` is told when there is one
 *     rpc_call_begin       in the call's thread: who calls, what, and watching for cancellation
 *     (handler)
 *     rpc_call_end         sends the status and waits until the library is done with the call
 *     rpc_call_free
 *
 * `core` and `queue` are the library's server and completion queue (core.h on handles).
 */
#ifndef SEALROOM_RPC_SERVER_CALL_H
#define SEALROOM_RPC_SERVER_CALL_H

#include "call.h"
#include "core.h"
#include "rpc.h"

rpc_call *rpc_call_new(void *owner, size_t max_message, unsigned idle_ms) SR_MUST_USE;
void *rpc_call_owner(const rpc_call *call);

/* False when the library takes no more requests. `accepted` runs in a polling thread; until then the
 * call belongs to the library. */
bool rpc_call_request(rpc_call *call, void *core, void *queue,
                      void (*accepted)(rpc_call *call, bool ok)) SR_MUST_USE;

void rpc_call_begin(rpc_call *call);
/* The kind of the row that was found: decides what receive and send insist on. */
void rpc_call_set_kind(rpc_call *call, rpc_kind kind);
/* SR_E_INTERNAL when the handler broke its kind's promise (see rpc_method). */
sr_result rpc_call_check_answered(const rpc_call *call, sr_err *err) SR_MUST_USE;

/* Ends with status OK (NULL), or with this failure. */
void rpc_call_end(rpc_call *call, const sr_err *failure);
/* Ends with UNIMPLEMENTED: no code of ours stands for it. */
void rpc_call_end_unknown(rpc_call *call);

/* A call that was never accepted, or has ended. */
void rpc_call_free(rpc_call *call);

/* Sleeps until the call is cancelled or the time is over; returns rpc_call_cancelled. */
bool rpc_call_wait_cancelled(rpc_call *call, unsigned ms);

#endif
