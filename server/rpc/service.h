/*
 * service.h: what the handlers share: the server's parts, the caller, one request in and one answer out,
 * and the look-up with which nearly every request begins.
 *
 * Requests are checked by wire/wire.h before a handler sees them (shape, UTF-8, no NUL); names and ids are
 * checked by the catalog. A failure inside names no data (see base/err.h on what a peer may read).
 */
#ifndef SEALROOM_SERVER_RPC_SERVICE_H
#define SEALROOM_SERVER_RPC_SERVICE_H

#include "answers.h"
#include "callers.h"
#include "intake.h"
#include "rpc/server.h"
#include "server/catalog/catalog.h"
#include "server/engine/pool.h"
#include "server/overlap/lists.h"
#include "server/overlap/work.h"
#include "server/shell/keys.h"
#include "server/shell/revocation.h"

/* What this server allows in overlap sessions, and gives to them. */
typedef struct
{
    uint64_t least_minimum; /* a manifest's minimum is this at least */
    const quotas *quotas;
    overlap_work *work;
} overlap_limits;

/* Everything is borrowed and outlives the rpc_server. Handlers run in many threads at once. */
typedef struct
{
    catalog *catalog;
    engine_pool *engines;
    const server_keys *keys;
    callers *callers; /* NULL: members have no share to keep to (tests) */
    intake *intake;
    revocation *revocations; /* NULL: no certificate is revoked */
    const char *sql_parser;  /* path of the program sealroom-sql */
    unsigned query_ms;       /* a query runs no longer than this */
    overlap_lists *lists;    /* of overlap sessions */
    overlap_limits overlap;
    answers *answers; /* given before; NULL: none are kept (tests) */
} service_context;

/* rpc_authorize: checks that the caller's certificate is not revoked and finds its principal in it, leaves a
 * catalog_actor with the call, counts the call into its member's share (callers.h), and asks the permission
 * table. The context is the service_context. */
sr_result service_authorize(rpc_call *call, const char *path, void *context,
                            sr_err *err) SR_MUST_USE;
/* Who calls; borrowed from the call. */
const catalog_actor *service_actor(const rpc_call *call);
/* The same for whoever may see a call that nobody was authorized for: then NULL. */
const catalog_actor *service_actor_or_null(const rpc_call *call);

/* The collaboration that the call is about, for the operator's log; "" while it has found none. */
const char *service_collaboration(const rpc_call *call);
/* service_enter does it; only for handlers that find their collaboration without it. */
void service_note_collaboration(rpc_call *call, const sr_uuid *id);

/* The one request of a unary or server-streaming call, unpacked (`Type **`, WIRE_MESSAGE). */
sr_result service_receive(void *request, rpc_call *call, const void *descriptor,
                          sr_err *err) SR_MUST_USE;
/* Packs and sends one message. */
sr_result service_send(rpc_call *call, const void *message, sr_err *err) SR_MUST_USE;

/* The collaboration that the request names, if the caller's member belongs to it and has accepted; with
 * `abilities` not 0 the member must have all of them (SR_E_ROLE names what is missing). */
sr_result service_enter(room_collaboration *out, const service_context *context, rpc_call *call,
                        const char *id_or_name, unsigned abilities, sr_err *err) SR_MUST_USE;

/* Work on a session on behalf of a call: given up when its caller goes away. */
overlap_job service_job(const service_context *service, const rpc_call *call,
                        const manifest *session);

#endif
