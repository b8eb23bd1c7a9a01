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

/* Asks the engine whether the values of each column that a query may join by repeat (room_column.repeats), for
 * a version that is stored. A fact of the owner's own rows, asked once for all: what a later query is told
 * does not depend on that query. Fingerprints come first, and no more than 32 columns are asked for; those left
 * out, REAL and DOUBLE (their equality is not exact) and any that the engine has no memory for stay
 * ROOM_REPEATS_UNKNOWN. */
sr_result upload_columns_learn_repeats(upload_columns *columns, engine *rows, engine_table table,
                                       sr_err *err) SR_MUST_USE;

#endif
