/*
 * client.h: calling a server over mutual TLS.
 *
 *     RPC_CHANNEL(channel);
 *     rpc_channel_new(&channel, &config, err)              does not connect yet
 *     rpc_unary(channel, "/sealroom.v1.QueryService/Ping", request, &answer, 5000, err)
 *
 * A stream, here an upload (client streaming):
 *
 *     RPC_STREAM(stream);
 *     rpc_stream_open(&stream, channel, "/sealroom.v1.TableService/Upload", 600000, err)
 *     rpc_stream_send(stream, batch, err)          … as often as needed; waits for the server's
 * pace rpc_stream_send(stream, commit, err)         the server acts on this message, not on the end
 *     rpc_stream_send_end(stream, err)
 *     rpc_stream_receive(stream, &answer, &end, err)
 *     rpc_stream_finish(stream, err)               the call's status
 *
 * Whichever function notices first that the call has failed returns the server's own error, details
 * included; the later ones return the same again.
 *
 * Failures that come from no server:
 *     SR_E_UNAVAILABLE   "cannot reach HOST:PORT: " and why: connection refused, name not found,
 * the server's certificate was not accepted, ours was not …; at once, without retry SR_E_TIMEOUT
 * the deadline passed; every call has one SR_E_CANCELLED     rpc_stream_cancel, or the interrupt
 * flag SR_E_LIMIT         a message larger than the limit, sent or received
 *
 * Threads: a channel may be shared; a stream belongs to one thread, only rpc_stream_cancel may come
 * from another while the stream lives. Signal handlers set the channel's interrupt flag: calls look
 * at it ten times a second.
 */
#ifndef SEALROOM_RPC_CLIENT_H
#define SEALROOM_RPC_CLIENT_H

#include <signal.h>

#include "base/bytes.h"
#include "base/err.h"

#include "rpc.h"

/* Everything but `interrupt` is copied by rpc_channel_new. */
typedef struct
{
    const char *server;          /* "host:port" or "[v6]:port" */
    const char *server_name;     /* name that the server's certificate must carry; NULL: the host */
    const char *ca_pem;          /* verifies the server */
    const char *certificate_pem; /* ours, chain after it */
    const char *key_pem;         /* its private key, unencrypted */
    size_t max_message;          /* bytes, both ways; 0: RPC_MESSAGE_LIMIT */
    /* Non-zero makes running and later calls fail with SR_E_CANCELLED; may be NULL; borrowed. Set by a
     * handler that runs in the calling thread (the runtime's own threads take no signals). */
    const volatile sig_atomic_t *interrupt;
} rpc_channel_config;

typedef struct rpc_channel rpc_channel;
typedef struct rpc_stream rpc_stream;

/* Checks the configuration; the first call connects. SR_E_INVALID names what is unusable. */
sr_result rpc_channel_new(rpc_channel **out, const rpc_channel_config *config,
                          sr_err *err) SR_MUST_USE;
/* All its streams must be freed before. Accepts NULL. */
void rpc_channel_free(rpc_channel *channel);
void rpc_channel_clear(rpc_channel **channel);
#define RPC_CHANNEL(name) rpc_channel *name SR_CLEANUP(rpc_channel_clear) = NULL

/* One message there, one back, which replaces the contents of `answer` (empty after a failure). */
sr_result rpc_unary(rpc_channel *channel, sr_buf *answer, const char *path, sr_slice request,
                    unsigned deadline_ms, sr_err *err) SR_MUST_USE;

/* ---- streams --------------------------------------------------------------------------------- */

/* Starts a call of any kind and connects when needed; the deadline is for the whole call. */
sr_result rpc_stream_open(rpc_stream **out, rpc_channel *channel, const char *path,
                          unsigned deadline_ms, sr_err *err) SR_MUST_USE;
/* Sends one message; returns when the transport took it. The bytes are copied. */
sr_result rpc_stream_send(rpc_stream *stream, sr_slice message, sr_err *err) SR_MUST_USE;
/* Says that no more messages follow; receiving goes on. */
sr_result rpc_stream_send_end(rpc_stream *stream, sr_err *err) SR_MUST_USE;
/* Replaces the contents of `message` by the next one; *end is true, and `message` empty, when the
 * server ended the call with status OK. Another status is a failure. */
sr_result rpc_stream_receive(rpc_stream *stream, sr_buf *message, bool *end,
                             sr_err *err) SR_MUST_USE;
/* Ends sending if that was not done, drops messages that were not received, and waits for the
 * call's status: SR_OK only if the server said so. */
sr_result rpc_stream_finish(rpc_stream *stream, sr_err *err) SR_MUST_USE;
/* Makes the call fail with SR_E_CANCELLED, on both sides; from any thread. */
void rpc_stream_cancel(rpc_stream *stream);
/* Cancels if it is still running. Accepts NULL. */
void rpc_stream_free(rpc_stream *stream);
void rpc_stream_clear(rpc_stream **stream);
#define RPC_STREAM(name) rpc_stream *name SR_CLEANUP(rpc_stream_clear) = NULL

#endif
