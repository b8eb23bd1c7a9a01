/*
 * decrypt.h: a CSV file with encrypted cells back to plaintext, in the order of its rows.
 *
 * What a cell is, its prefix says (crypto/cell.h), not its column: results of queries mix them. A
 * value that merely contains "enc:" is cleartext; with `c3r_compat` the test is the Java client's,
 * which looks at the bytes behind the third (C3R-FORMAT 1.6).
 *
 *     sealed, deterministic   opened; typed values printed as crypto/cell_render.h says
 *     fingerprint             stays as it is and is counted, or fails the run on request
 *     other text              stays as it is
 *
 * A cell that does not open fails the run, unless `keep_going`: then it stays as it is and is counted.
 * Cells are opened on all cores; memory is bounded. Errors name row and column, never a value.
 */
#ifndef SEALROOM_CLIENT_DECRYPT_H
#define SEALROOM_CLIENT_DECRYPT_H

#include "base/file.h"
#include "crypto/kdf.h"
#include "csv_read.h"
#include "progress.h"

typedef struct
{
    const char *input; /* path, "-" is standard input */
    const char *null_in;
    const char *null_out;
    bool c3r_compat;
    bool fail_on_fingerprints;
    bool keep_going;
    const kdf_schedule *keys;
    size_t threads;     /* 0: one for each processor */
    progress *progress; /* NULL: none */
} decrypt_options;

typedef struct
{
    csv_counts input;
    uint64_t opened;
    uint64_t fingerprints;
    uint64_t bad; /* with keep_going: cells that did not open */
} decrypt_report;

/* Writes to `out` and leaves the commit to the caller; `out` NULL: check only. */
sr_result decrypt_table(decrypt_report *report, const decrypt_options *options, sr_out *out,
                        sr_err *err) SR_MUST_USE;

#endif
