/*
 * upload_columns.h: what an upload says of its columns, read and judged: the first step of an upload.
 */
#ifndef SEALROOM_SERVER_RPC_UPLOAD_COLUMNS_H
#define SEALROOM_SERVER_RPC_UPLOAD_COLUMNS_H

#include "model/room.h"
#include "server/engine/engine.h"

typedef struct
{
    room_column *columns;
    engine_column *stored;
    size_t count;
    bool any_encrypted;
} upload_columns;

void upload_columns_clear(upload_columns *columns);

/* From a sealroom.v1.UploadBegin. Headers must be normalised already, types and data types known; cleartext
 * needs the collaboration's leave (allowCleartext); fingerprints and deterministic columns need a data type
 * with exact equality. Errors name the column. */
sr_result upload_columns_read(upload_columns *out, const void *begin,
                              const collaboration_flags *flags, sr_err *err) SR_MUST_USE;

/* One card a column from a sealroom.v1.UploadCommit: there for encrypted columns, empty for cleartext. */
sr_result upload_columns_take_cards(upload_columns *columns, const void *commit,
                                    sr_err *err) SR_MUST_USE;

#endif
