/*
 * call_log.h: what the operator's log (shell/log.h) says of each call: one line, when the call is decided
 * and before its caller hears of it.
 *
 *     event=call call=3f9a0c1d-52b7 method=TableService/Upload member=retailer role=owner
 *     collaboration=0a1b… status=OK ms=812 in=10485760 out=210
 *
 *     call           the call's id; a failure's details carry it to the client, so that member and
 *                    operator can speak of the same call
 *     method         of this server; left out when the caller asked for none of ours (UNIMPLEMENTED)
 *     member, role   of the certificate; left out when it names nobody: then `certificate`, its SHA-256,
 *                    and `peer`, the address, are there instead
 *     collaboration  its id, once the call has found one that the caller may enter
 *     status         of gRPC
 *     code, reason   of a failure: our word for its kind, and what was broken, in fixed words
 *     quota          the name of the quota that refused it
 *     why            the failure's text, only of a kind whose text a peer may not read (IO, FULL,
 *                    CORRUPT, INTERNAL): those are the operator's to mend, and written for it
 *     ms, in, out    duration; bytes of messages received and sent
 *
 *     level error    IO, FULL, CORRUPT, INTERNAL: something is wrong with the server
 *     level warning  a quota refused it, or its certificate names nobody (or is revoked)
 *     level info     everything else; a member's mistakes too
 *
 * No line has data: other failures' texts quote what a caller wrote (names, literals, places in a query),
 * so they are never written. Health checks have no line.
 */
#ifndef SEALROOM_SERVER_RPC_CALL_LOG_H
#define SEALROOM_SERVER_RPC_CALL_LOG_H

#include "rpc/server.h"

/* The server's `ended` (rpc/server.h); `context` is not used. */
void call_log_ended(const rpc_call *call, const char *path, const sr_err *failure, void *context);

#endif
