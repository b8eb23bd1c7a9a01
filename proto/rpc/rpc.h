/*
 * rpc.h: the contents page of the transport, its conventions and its limits.
 *
 *     to serve methods                       rpc/server.h    rpc_server_new … rpc_server_free
 *     to write a method                      rpc/call.h      rpc_call_receive, rpc_call_send, who
 * calls to call a server                       rpc/client.h    rpc_channel_new, rpc_unary,
 * rpc_stream_* to see how an error travels            rpc/details.h to read certificates' text
 * rpc/pem.h
 *
 * gRPC over TLS 1.2 or later, both ends with certificates of one CA; there is no other way in or
 * out. One message at a time is in flight on each side of a call: a send returns when the transport
 * has taken the message (flow control of HTTP/2 included), a receive asks for one message, so a
 * slow reader slows its writer. Messages are bytes here; wire/wire.h gives them meaning.
 *
 * Four kinds of method, told apart only by how many messages each side sends:
 *
 *                               request messages   answer messages
 *     RPC_UNARY                        1                  1
 *     RPC_CLIENT_STREAM                any                1
 *     RPC_SERVER_STREAM                1                  any
 *     RPC_BIDIRECTIONAL                any                any
 *
 * THE END OF A STREAM PROVES NOTHING. With gRPC's C core a client that aborts, crashes or loses its
 * network looks to the server like a client that finished sending. A method that collects a stream
 * and then acts on it (an upload) must require an explicit commit message as the last one, and must
 * drop what it collected when the end comes without it.
 *
 * Errors: a method that fails with an sr_err ends the call with that code's gRPC status, one line
 * of text (what a peer may read of it, under RPC_ERROR_LINE_MAX) and google.rpc.ErrorInfo; the
 * client gets the same sr_err back. Everything that a peer sent is cleaned before it enters an
 * error text.
 *
 * Diagnostics: the gRPC library writes nothing to stderr unless the environment variable
 * SEALROOM_GRPC_TRACE is set (then GRPC_VERBOSITY and GRPC_TRACE mean what its manual says).
 */
#ifndef SEALROOM_RPC_RPC_H
#define SEALROOM_RPC_RPC_H

enum
{
    /* What a batch of data may measure; senders fill messages up to this. */
    RPC_MESSAGE_MAX = 1024 * 1024,
    /* Room for the fields around a full batch. */
    RPC_MESSAGE_SLACK = 64 * 1024,
    /* The default limit on a message, sent or received, on both sides. Larger ones are refused with
     * SR_E_LIMIT before they are read. */
    RPC_MESSAGE_LIMIT = RPC_MESSAGE_MAX + RPC_MESSAGE_SLACK,
    /* Calls that a server handles at once when its configuration does not say (one thread each);
     * further calls wait, within their deadlines. */
    RPC_CALLS_DEFAULT = 64,
    /* How long a call waits for its peer to send or to take a message before it is ended. */
    RPC_IDLE_MS = 10 * 60 * 1000,
    /* An error's line towards a peer is shorter than this. */
    RPC_ERROR_LINE_MAX = 4096,
    /* All headers of a call together, and all trailers. */
    RPC_METADATA_MAX = 16 * 1024,
    /* SHA-256 in hexadecimal, with the NUL. */
    RPC_FINGERPRINT_TEXT_SIZE = 65,
    /* A call's id ("3f9a0c1d-52b7"), with the NUL. */
    RPC_CALL_ID_SIZE = 14,
};

/* How many messages each side of a method sends. */
typedef enum
{
    RPC_UNARY,
    RPC_CLIENT_STREAM,
    RPC_SERVER_STREAM,
    RPC_BIDIRECTIONAL,
} rpc_kind;

#endif
