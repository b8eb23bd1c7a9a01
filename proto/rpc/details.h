/*
 * details.h: an sr_err on its way to a peer and back.
 *
 *     server                                              client
 *     sr_err ──┬─ code ──────────── grpc-status ─────────────┬── sr_err
 *              ├─ text for a peer ─ grpc-message ────────────┤
 *              └─ detail ────────── grpc-status-details-bin ─┘
 *
 * The binary trailer is google.rpc.Status (https://cloud.google.com/apis/design/errors) with one
 * google.rpc.ErrorInfo: reason, domain "sealroom", and metadata `code` (sr_code_name) and, where
 * set, `field`, `table`, `column`, `position`, `call`. Foreign clients decode it with their stock
 * libraries.
 *
 * Of an error whose code a peer may not read only the code, its fixed words and `call` travel; the
 * words end with the call, so that whoever reads them can name it to the operator.
 *
 * Backwards nothing is believed: bytes that do not parse, another domain, or a code that does not
 * belong to the status received leave an error made of the status alone; texts are cut to their
 * sizes and cleaned (rpc_text_clean). No function here fails: there is always some error to show.
 */
#ifndef SEALROOM_RPC_DETAILS_H
#define SEALROOM_RPC_DETAILS_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    /* Largest trailer that is written, and read: ErrorInfo's parts at their largest fit. */
    RPC_DETAILS_MAX = 4096,
};

/* Replaces the contents of `out` (max at least RPC_DETAILS_MAX) by the trailer for this error. */
void rpc_details_pack(sr_buf *out, const sr_err *failure);

/* The line for the peer, as it travels (rpc_text_clean). */
void rpc_details_line(char out[SR_ERR_TEXT_SIZE], const sr_err *failure);

/* Makes an error of what arrived. `status` is the gRPC status (0 counts as UNKNOWN), `message` its
 * text, `details` the trailer or empty. Returns whether the details were ours and were taken. */
bool rpc_details_unpack(sr_err *out, int status, sr_slice message, sr_slice details);

/* A peer's text as one printable line in `out` (size > 0): invalid UTF-8, control characters (C0,
 * DEL, C1) and the characters that turn the direction of writing become '?'; cut, at a character's
 * border, to fit. Nothing that a peer sends can forge a log line or move a terminal's cursor. */
void rpc_text_clean(char *out, size_t size, sr_slice text);

#endif
