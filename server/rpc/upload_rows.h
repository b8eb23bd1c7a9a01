/*
 * upload_rows.h: the batches of an upload on their way into the engine: split, checked, re-keyed, staged.
 *
 *   cleartext        must be UTF-8; the engine checks it against its data type
 *   fingerprint      must be 32 bytes; what is staged is its token under this collaboration's server key
 *   sealed           a length that C3R's format can have; opaque otherwise
 *   deterministic    likewise
 */
#ifndef SEALROOM_SERVER_RPC_UPLOAD_ROWS_H
#define SEALROOM_SERVER_RPC_UPLOAD_ROWS_H

#include "crypto/token.h"
#include "upload_columns.h"

enum
{
    UPLOAD_SEALED_LEAST = 32 + 12 + 16 + 3, /* nonce, IV, tag, and the shortest plaintext */
    UPLOAD_DETERMINISTIC_LEAST = 16 + 3,    /* SIV and the shortest plaintext */
    UPLOAD_CELL_MOST = 12288,               /* raw bytes of a cell of 16383 characters */
};

/* Stages one sealroom.v1.UploadBatch. Errors name column and row, never a value. */
sr_result upload_rows_stage(engine_stage *stage, const upload_columns *columns,
                            const token_maker *tokens, const void *batch, sr_err *err) SR_MUST_USE;

#endif
