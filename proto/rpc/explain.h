/*
 * explain.h: what a failed call means, in one short line. Internal to rpc/.
 *
 * A status with details of ours is the server's own error and is taken as it is. Any other comes from
 * the gRPC library (here or there) or from a foreign server; the library's texts are long, nested
 * and made for its developers, so that the known ones are recognised by a part of them and
 * replaced. Of an unknown one a short, cleaned piece is kept.
 */
#ifndef SEALROOM_RPC_EXPLAIN_H
#define SEALROOM_RPC_EXPLAIN_H

#include "base/bytes.h"
#include "base/err.h"

/* What the client knows about the call beside its status. */
typedef struct
{
    const char *server; /* "host:port" */
    const char *path;
    unsigned deadline_ms;
    size_t max_message;
    bool cancelled; /* by rpc_stream_cancel or the interrupt flag */
} rpc_circumstances;

/* Fills `err` from a status that is not OK, its text and its binary trailer. Always SR_FAIL. */
sr_result rpc_explain(sr_err *err, const rpc_circumstances *where, int status, sr_slice message,
                      sr_slice details);

#endif
