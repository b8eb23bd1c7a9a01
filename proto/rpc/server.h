/*
 * server.h: serving methods over mutual TLS.
 *
 *     static const rpc_method methods[] = {
 *         {"/sealroom.v1.TableService/Upload", RPC_CLIENT_STREAM, serve_upload, NULL},
 *     };
 *     RPC_SERVER(server);
 *     rpc_server_new(&server, &config, methods, 1, err)    binds the port; nobody is served yet
 *     rpc_server_start(server, err)                        serves, in threads of its own
 *     …
 *     rpc_server_stop(server, 10000)                       graceful; returns when all is quiet
 *
 * The way of a call, in order:
 *     1. TLS: the client's certificate is required and verified against the CA; without one, with a
 *        foreign or an expired one there is no connection, hence no call.
 *     2. A path that no row names ends with UNIMPLEMENTED.
 *     3. `authorize` decides (every method but health); what it attaches to the call
 * (rpc_call_set_user) is there for the handler.
 *     4. The handler runs: straight-line code in a thread of this call alone (call.h).
 *     5. `ended` is told, and its result becomes the call's status.
 *
 * At most `max_calls` handlers run at once; further calls wait in the transport.
 *
 * grpc.health.v1.Health (Check and Watch) is served by the runtime itself, for "" and for the
 * service of every row: SERVING from start until stop begins, then NOT_SERVING. It asks no role.
 * Watchers occupy at most a quarter of the calls; more are refused.
 *
 * Hardening: SO_REUSEPORT is off (two servers cannot share a port unnoticed), compressed messages
 * are refused (a small one could unfold without limit), handshakes have ten seconds, silent
 * connections are pinged.
 */
#ifndef SEALROOM_RPC_SERVER_H
#define SEALROOM_RPC_SERVER_H

#include "base/bytes.h"
#include "base/err.h"

#include "call.h"
#include "rpc.h"

/* One method. `context` is handed to the handler as it is, for every call: shared, so immutable or
 * locked. SR_OK ends the call with status OK; for RPC_UNARY and RPC_CLIENT_STREAM the handler must
 * then have sent exactly one message (else the caller gets SR_E_INTERNAL). SR_FAIL ends it with
 * `err`. */
typedef sr_result (*rpc_handler)(rpc_call *call, void *context, sr_err *err);

typedef struct
{
    const char *path; /* "/package.Service/Method" */
    rpc_kind kind;
    rpc_handler handle;
    void *context;
} rpc_method;

/* Decides whether this peer may call this path, before the handler runs. SR_FAIL refuses with `err`
 * (SR_E_UNKNOWN_PEER, SR_E_ROLE). Called from the threads of calls, so several at once. */
typedef sr_result (*rpc_authorize)(rpc_call *call, const char *path, void *context, sr_err *err);

/* Told of each call (but health's) when it is decided and before its caller hears of it: `failure` NULL for
 * OK; `path` NULL, with a failure of code SR_E_NONE, when no row names it (UNIMPLEMENTED). From the threads
 * of calls, so several at once. */
typedef void (*rpc_ended)(const rpc_call *call, const char *path, const sr_err *failure,
                          void *context);

/* Everything is copied by rpc_server_new; the key's copies are wiped as soon as the library has it.
 */
typedef struct
{
    const char *listen;          /* "host:port" or "[v6]:port"; port 0: any free one */
    const char *ca_pem;          /* verifies clients */
    const char *certificate_pem; /* ours, chain after it */
    const char *key_pem;         /* its private key, unencrypted */
    size_t max_message;          /* bytes, both ways; 0: RPC_MESSAGE_LIMIT */
    unsigned max_calls;          /* handlers at once; 0: RPC_CALLS_DEFAULT */
    unsigned idle_ms;        /* longest wait for a peer in the middle of a call; 0: RPC_IDLE_MS */
    rpc_authorize authorize; /* NULL allows everybody with a certificate (tests) */
    void *authorize_context;
    rpc_ended ended; /* NULL: nobody is told */
    void *ended_context;
} rpc_server_config;

typedef struct rpc_server rpc_server;

/* Checks the configuration and binds the port. The rows are borrowed: they must outlive the server.
 * Fails with SR_E_INVALID (address or certificates), SR_E_IO (port in use or not ours to bind);
 * nothing is left behind. */
sr_result rpc_server_new(rpc_server **out, const rpc_server_config *config,
                         const rpc_method *methods, size_t count, sr_err *err) SR_MUST_USE;

/* The port that was bound: the real one when the configuration said 0. */
unsigned rpc_server_port(const rpc_server *server);

/* Serves from now on, in background threads; returns at once. */
sr_result rpc_server_start(rpc_server *server, sr_err *err) SR_MUST_USE;

/* Stops: health turns NOT_SERVING, no new call is taken, running calls may finish within
 * `grace_ms`, then they are cancelled (rpc_call_cancelled turns true, sends and receives fail).
 * Returns when every handler has returned and every thread is joined: a handler that computes for
 * long must ask rpc_call_cancelled. May be called once from any thread but a handler's; later calls
 * do nothing. */
void rpc_server_stop(rpc_server *server, unsigned grace_ms);

/* Stops without grace if still running; releases everything. Accepts NULL. */
void rpc_server_free(rpc_server *server);
void rpc_server_clear(rpc_server **server);
#define RPC_SERVER(name) rpc_server *name SR_CLEANUP(rpc_server_clear) = NULL

#endif
