/*
 * call.h: one call as its handler sees it.
 *
 *     static sr_result serve_list(rpc_call *call, void *context, sr_err *err)
 *     {
 *         SR_BUF(message, RPC_MESSAGE_LIMIT);
 *         bool end = false;
 *         if (rpc_call_receive(call, &message, &end, err) != SR_OK)
 *             return SR_FAIL;
 *         … unpack, work, pack into `answer` …
 *         return rpc_call_send(call, sr_buf_view(&answer), err);
 *     }
 *
 * A handler is straight-line code; every function here may block. A call belongs to the thread of
 * its handler; only rpc_call_cancelled may be asked from elsewhere (the watchdog that interrupts an
 * engine), as long as the handler has not returned. What accessors return is borrowed from the
 * call.
 *
 * Back-pressure: send returns when the transport took the message, which waits for the peer's flow
 * control window; receive asks the peer for one message.
 *
 * THE END OF A STREAM PROVES NOTHING: a client that aborted often looks like one that finished
 * (rpc.h). Act on a stream only after its explicit commit message.
 */
#ifndef SEALROOM_RPC_CALL_H
#define SEALROOM_RPC_CALL_H

#include "base/bytes.h"
#include "base/err.h"

#include "rpc.h"

typedef struct rpc_call rpc_call;

/* Replaces the contents of `message` (whose max should be the server's message limit) by the next
 * message. At the end of the stream *end is true and `message` empty. RPC_UNARY and
 * RPC_SERVER_STREAM methods receive once; a request without its message fails with SR_E_INVALID
 * there. SR_E_CANCELLED when the caller went away or its deadline passed. */
sr_result rpc_call_receive(rpc_call *call, sr_buf *message, bool *end, sr_err *err) SR_MUST_USE;

/* Sends one message; the bytes are copied. SR_E_LIMIT above the server's limit, SR_E_CANCELLED when
 * the caller went away or its deadline passed. */
sr_result rpc_call_send(rpc_call *call, sr_slice message, sr_err *err) SR_MUST_USE;

/* True once the caller cancelled or vanished, its deadline passed, or the server's grace ran out.
 * From any thread, cheap (an atomic load). */
bool rpc_call_cancelled(const rpc_call *call);

/* Milliseconds until the caller's deadline, never negative; INT64_MAX when it set none. */
int64_t rpc_call_time_left_ms(const rpc_call *call);

/* "/package.Service/Method". */
const char *rpc_call_path(const rpc_call *call);

/* ---- for the operator's log --------------------------------------------------------------------- */

typedef struct
{
    char id[RPC_CALL_ID_SIZE]; /* random: names this call in the log and in its failure's details */
    int64_t begun_us;          /* monotonic; when its thread took it up */
    uint64_t bytes_in;         /* of its messages so far */
    uint64_t bytes_out;
} rpc_call_facts;

const rpc_call_facts *rpc_call_facts_view(const rpc_call *call);

/* ---- who calls ------------------------------------------------------------------------------- */

/* The URIs among the subject alternative names of the verified certificate, in its order;
 * NULL beyond the last one. Cleaned of nothing: parse strictly. A URI with a NUL inside is left
 * out. */
size_t rpc_call_peer_uri_count(const rpc_call *call);
const char *rpc_call_peer_uri(const rpc_call *call, size_t index);

/* SHA-256 of the certificate (DER), 64 lower-case hexadecimal digits: what
 * `openssl x509 -fingerprint -sha256` prints, without colons. "" when there is none (never over
 * TLS). */
const char *rpc_call_peer_fingerprint(const rpc_call *call);

/* The peer's certificate as PEM; "" when there is none. */
const char *rpc_call_peer_certificate(const rpc_call *call);

/* "ipv4:127.0.0.1:40000", "ipv6:[::1]:40000": for logs only, it identifies nobody. */
const char *rpc_call_peer_address(const rpc_call *call);

/* What `authorize` found out about the caller, for the handler. Taken: `release` (may be NULL) is
 * called with it when the call ends. Setting twice releases the first. */
void rpc_call_set_user(rpc_call *call, void *user, void (*release)(void *user));
void *rpc_call_user(const rpc_call *call); /* NULL when nothing was set */

#endif
