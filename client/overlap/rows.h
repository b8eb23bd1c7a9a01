/*
 * rows.h: the rows of a file of identifiers, one after another: each identifier in its normal form, with its segment.
 *
 * Rows without an identifier (NULL, or nothing left of it after normalising) are counted and left out, so is a row
 * without a label: it goes to no segment. A keyed digest sees what was not left out, in the file's order; so the same
 * file can be told again without masking anything.
 *
 * Memory: the longest identifier, and what the CSV reader takes. The identifier that was read last is wiped.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_ROWS_H
#define SEALROOM_CLIENT_OVERLAP_ROWS_H

#include "../progress.h"
#include "crypto/checkpoint.h"
#include "model/manifest.h"
#include "normalise.h"

enum
{
    ROWS_LABEL_SIZE = 64,       /* bytes of a segment's label with its NUL */
    ROWS_ID_MOST = 1024 * 1024, /* bytes of an identifier */
};

/* All borrowed, while the rows are open. */
typedef struct
{
    const char *input;          /* CSV file with a header */
    const char *id_column;      /* header of the identifiers; NULL: the only column there is */
    const char *segment_column; /* header of the labels; NULL: no segments */
    normaliser normaliser;
    const checkpoint_key *key; /* of the digest of the input */
    size_t segments_most;      /* labels that the manifest allows */
    const char *stage;         /* the progress line's word */
    progress *progress;        /* may be NULL */
} rows_config;

/* What was found so far. */
typedef struct
{
    char labels[MANIFEST_SEGMENTS_MOST][ROWS_LABEL_SIZE]; /* in the order of their first rows */
    size_t label_count;                                   /* without segments one, "" */
    uint64_t rows;
    uint64_t left_out; /* rows without identifier or label */
} rows_found;

typedef struct rows rows;

/* SR_E_NOT_FOUND: a column. */
sr_result rows_open(rows **out, const rows_config *config, sr_err *err) SR_MUST_USE;
/* The next identifier, borrowed until the next call, and the index of its label; *end, and no identifier, after the
 * last. SR_E_LIMIT: more labels than the manifest allows, or an identifier of more than ROWS_ID_MOST bytes. */
sr_result rows_next(rows *self, sr_slice *id, size_t *label, bool *end, sr_err *err) SR_MUST_USE;
const rows_found *rows_have(const rows *self); /* borrowed */
/* Of all rows so far: to be asked once, after the last. */
void rows_digest(rows *self, digest_value *out);
void rows_free(rows *self); /* accepts NULL */
void rows_clear(rows **self);
#define ROWS(name) rows *name SR_CLEANUP(rows_clear) = NULL

/* The digest alone of a whole file. */
sr_result rows_digest_file(digest_value *out, const rows_config *config, sr_err *err) SR_MUST_USE;

#endif
