/*
 * encrypt.h: the encryption pipeline, from a table file to rows of cells.
 *
 *     table file → read → collect (check, draw nonces, sort) → produce (encrypt, in nonce order) → sink
 *
 * `collect` reads the table once. It checks every value against its column (data type, padding,
 * duplicates), notes the longest value of each column padded to `max`, and puts the plaintext rows into
 * an external sort under fresh row nonces (sorter.h). `produce` takes them back in ascending order of
 * nonces (C3R-FORMAT 1.3), so padding is known by then and no second pass over the file is needed,
 * and standard input works like a file. Encryption runs on all cores in batches; order is kept.
 *
 * Nothing of the table is on disk in clear. Memory is bounded by `memory`, not by the table.
 *
 * A sink takes the finished rows: a file (csv_sink.h), an upload. Without a sink the run stops after
 * collect and has checked everything (`--dryRun`).
 *
 * Errors name row and column and never a value: `in.csv: row 12: column "email": …`.
 */
#ifndef SEALROOM_CLIENT_ENCRYPT_H
#define SEALROOM_CLIENT_ENCRYPT_H

#include "crypto/cell.h"
#include "crypto/kdf.h"
#include "csv_read.h"
#include "model/flags.h"
#include "progress.h"
#include "schema.h"

enum
{
    ENCRYPT_MEMORY_DEFAULT = 128 * 1024 * 1024,
    ENCRYPT_MEMORY_MIN = 32 * 1024 * 1024,
    ENCRYPT_CLEARTEXT_MAX = 16383, /* longest cleartext cell with c3r_compat, as C3R has it */
};

/* A batch of finished rows, column by column in the schema's order. Borrowed during the call. */
typedef struct
{
    size_t rows;
    const table_schema *schema;
    const cell_batch *cells; /* one a column: raw cells (crypto/cell.h), not base64 */
    /* source_nulls[column][row]: the value was NULL, also where preserveNulls=false hid that in the
     * cell. An upload sends it as the NULL bit of columns that can be subjects. */
    const bool *const *source_nulls;
    sr_slice prepared; /* what `prepare` appended; empty without it */
} encrypt_rows;

typedef struct
{
    uint64_t rows;
    csv_counts input;
    size_t spilled_runs; /* 0: all rows fitted in memory */
} encrypt_report;

/* Where finished rows go. Calls come in this order, from one thread, but for `prepare`. */
typedef struct
{
    void *self;
    /* Before the first row; padding lengths are known. */
    sr_result (*begin)(void *self, const table_schema *schema, sr_err *err);
    /* Optional. In the workers' threads, for several batches at once: makes bytes of a batch. */
    sr_result (*prepare)(const void *self, const encrypt_rows *rows, sr_buf *out, sr_err *err);
    /* Batches in nonce order. */
    sr_result (*rows)(void *self, const encrypt_rows *rows, sr_err *err);
    /* After the last row, if nothing failed: only now the sink may make anything visible. */
    sr_result (*end)(void *self, const encrypt_report *report, sr_err *err);
} encrypt_sink;

typedef struct
{
    const char *input; /* path of a CSV file, "-" is standard input */
    const char *null_text;
    bool c3r_compat;
    const table_schema *schema;
    collaboration_flags flags;
    const kdf_schedule *keys; /* NULL only when every column is cleartext */
    size_t memory;            /* 0: ENCRYPT_MEMORY_DEFAULT; less than the minimum is raised to it */
    size_t threads;           /* 0: one for each processor */
    const char *scratch;      /* folder of scratch files; NULL: $TMPDIR or /tmp */
    progress *progress;       /* NULL: none */
} encrypt_options;

/* The map of the pipeline. `sink` NULL: check only. */
sr_result encrypt_table(encrypt_report *out, const encrypt_options *options,
                        const encrypt_sink *sink, sr_err *err) SR_MUST_USE;

#endif
