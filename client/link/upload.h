/*
 * upload.h: a table on its way to the server. The steps are those of TableService.Upload
 * (proto/sealroom/v1/table.proto):
 *
 *     link_upload_new     begin →  ← accepted (version)
 *     link_upload_rows    batch → …  ← progress
 *     link_upload_commit  commit (rows, digest, column cards) →  ← committed
 *
 * Nothing is visible to anybody before the commit is answered; freeing an upload that was not committed
 * cancels it and leaves nothing on the server.
 *
 * Cells are raw: cleartext as UTF-8 text, fingerprints 32 bytes, sealed and deterministic the bytes that
 * their base64 holds. Rows are gathered until a message is full (LINK_BATCH_BYTES or LINK_BATCH_ROWS);
 * sending waits for the server's pace.
 */
#ifndef SEALROOM_CLIENT_UPLOAD_H
#define SEALROOM_CLIENT_UPLOAD_H

#include "link.h"

enum
{
    LINK_BATCH_BYTES = 512 * 1024, /* of cells, at which a batch is sent */
    LINK_BATCH_ROWS = 8192,
};

/* Makes the card of one column for a table and version, when the version is known; `card` has room for
 * ROOM_CARD_MOST bytes. */
typedef sr_result (*link_card_maker)(void *context, uint8_t *card, size_t *card_len,
                                     const char *table, uint32_t version, const room_column *column,
                                     sr_err *err);

typedef struct
{
    const char *collaboration;
    const char *table;
    const room_column *columns;
    size_t column_count;
    const uint8_t *key_check;  /* 16 bytes; NULL when every column is cleartext */
    uint8_t flags;             /* flags_to_byte of the settings in use */
    bool null_bits_unknown;    /* an encrypted file that hides NULLs */
    bool append;               /* to the rows of the current version */
    link_card_maker make_card; /* called for encrypted columns */
    void *card_context;
} link_upload_plan;

typedef struct link_upload link_upload;

sr_result link_upload_new(link_upload **out, link_session *link, const link_upload_plan *plan,
                          sr_err *err) SR_MUST_USE;
/* One row: a cell for each column, NULL where `nulls` says so. Copied. */
sr_result link_upload_row(link_upload *upload, const sr_slice *cells, const bool *nulls,
                          sr_err *err) SR_MUST_USE;

typedef struct
{
    uint32_t version;
    uint64_t rows;       /* that were sent */
    uint64_t table_rows; /* of the version: more than were sent after an append */
    char **warnings;
    size_t warning_count;
} link_committed;

void link_committed_clear(link_committed *committed);
sr_result link_upload_commit(link_committed *out, link_upload *upload, sr_err *err) SR_MUST_USE;
void link_upload_free(link_upload *upload); /* accepts NULL */
void link_upload_clear(link_upload **upload);

#endif
