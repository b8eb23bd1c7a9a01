/*
 * upload.h: an upload made by hand, message by message, so that each can be wrong.
 */
#ifndef SEALROOM_TESTS_SERVICES_UPLOAD_H
#define SEALROOM_TESTS_SERVICES_UPLOAD_H

#include "crypto/digest.h"
#include "model/batch.h"
#include "room.h"

enum
{
    UPLOAD_COLUMNS_MOST = 8,
    UPLOAD_KEY = 0x11, /* every byte of the room's key check value */
};

/* A column and its cells; a cell NULL is NULL. Fingerprints are 32 bytes that begin with the text, sealed and
 * deterministic cells the text after 63 bytes of other things. */
typedef struct
{
    const char *name;
    const char *type;
    const char *data_type;
    const char *const *cells;
    bool hidden; /* outside the allow-list */
} upload_column;

typedef struct
{
    const char *collaboration; /* NULL: "lab" */
    const char *table;
    const upload_column *columns;
    size_t column_count;
    uint32_t rows;
    unsigned flags;
    int key; /* every byte of the key check value; -1: none is sent */
} upload_plan;

typedef struct
{
    rpc_stream *stream;
    const upload_plan *plan;
    digest sent;
    uint64_t rows;
} upload;

void upload_clear(upload *up);
#define UPLOAD(name) upload name SR_CLEANUP(upload_clear) = {.stream = NULL}

/* Sends begin, and waits for accepted. */
sr_result upload_begin(upload *up, const upload_plan *plan, const char *member,
                       sr_err *err) SR_MUST_USE;
/* The plan's cells as one batch, as they should be. */
sr_result upload_send_rows(upload *up, sr_err *err) SR_MUST_USE;
/* A batch of any kind: `columns` as they travel, `rows` as announced. */
sr_result upload_send_batch(upload *up, const batch_column *columns, size_t count, uint32_t rows,
                            sr_err *err) SR_MUST_USE;
/* Commit and what comes back; `rows_more` and `spoil` make the count and the digest wrong, `cards` false
 * leaves the cards out. */
typedef struct
{
    uint64_t rows_more;
    bool spoil;
    bool no_cards;
} upload_lies;
sr_result upload_commit(upload *up, const upload_lies *lies, uint32_t *version,
                        sr_err *err) SR_MUST_USE;
/* Ends the stream without commit, and takes the call's status. */
sr_result upload_end(upload *up, sr_err *err) SR_MUST_USE;
/* Sends commit before begin. */
sr_result upload_commit_first(const char *member, sr_err *err) SR_MUST_USE;

/* Begin, rows, commit. */
sr_result upload_whole(const upload_plan *plan, const char *member, sr_err *err) SR_MUST_USE;
/* The two tables of the lab with rules of minimum 2. */
void upload_lab(void);

#endif
