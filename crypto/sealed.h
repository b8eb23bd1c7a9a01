/*
 * sealed.h: sealed columns: every cell differs, only members can open them, and the server can only
 * return them.
 *
 *     PT         = padded encoded value                                               padding.h
 *     CELLKEY(n) = SHA256(ROOT || n)               n: the row's 32-byte nonce C3R-FORMAT 1.2 IV(h,
 * n)   = first 12 bytes of SHA256(h || n)          h: the target header raw cell   = n (32) || IV
 * (12) || AES-256-GCM(CELLKEY(n), IV, AAD "02:enc:", PT) || tag (16) NULL       = preserveNulls:
 * NULL;  else the NULL form, padded and sealed like any value
 *
 * Must never repeat: a row nonce under one secret (two rows would share key and IV, which breaks
 * GCM); draw nonces with random.h. Two sealed columns of a row must have different headers.
 *
 * Opening uses nonce and IV found in the cell, so that a cell still opens after SELECT … AS;
 * nothing binds a cell to its row or table (C3R's format). `sealed_column_made_here` tells whether
 * the IV is the one that this header gives.
 *
 * Constant time in keys and values (not in lengths). Errors: SR_E_SECRET when a cell does not open
 * (wrong secret, or changed), SR_E_FORMAT when it is malformed, SR_E_LIMIT when a value does not
 * fit its padding.
 *
 * Cost: the key of a row is derived once per row and column. With several sealed columns, derive
 * the keys of a batch of rows once into a `sealed_row_keys` and pass it to all of them:
 *
 *     cell_rows rows = {.count = n, .nonces = nonces};
 *     sealed_row_keys_fill(keys, nonces, n);
 *     rows.keys = keys;
 *     for each sealed column: sealed_column_encrypt(column, out, values, &rows, err)
 */
#ifndef SEALROOM_CRYPTO_SEALED_H
#define SEALROOM_CRYPTO_SEALED_H

#include "cell.h"
#include "cell_value.h"
#include "kdf.h"
#include "padding.h"

enum
{
    SEALED_IV_SIZE = 12,
    SEALED_TAG_SIZE = 16,
    SEALED_OVERHEAD = CELL_NONCE_SIZE + SEALED_IV_SIZE + SEALED_TAG_SIZE + PADDING_TRAILER_SIZE,
};

typedef struct
{
    cell_type type; /* of the payloads */
    bool preserve_nulls;
    padding pad;
} sealed_options;

typedef struct sealed_column sealed_column;

/* `header` is the normalised target header; for opening alone any header does, and options may be
 * those of a STRING column without padding. */
sr_result sealed_column_new(sealed_column **out, const kdf_schedule *schedule, sr_slice header,
                            const sealed_options *options, sr_err *err) SR_MUST_USE;
/* The same column for another thread. */
sr_result sealed_column_clone(sealed_column **out, const sealed_column *column,
                              sr_err *err) SR_MUST_USE;

/* Raw cells for the payloads of these rows; nonces are needed (asserted). */
sr_result sealed_column_encrypt(sealed_column *column, cell_batch *out, const cell_input *values,
                                const cell_rows *rows, sr_err *err) SR_MUST_USE;
/* Encoded values (META || payload, for cell_value_decode) of raw cells. A NULL cell stays NULL; a
 * sealed NULL comes back as NULL too. One cell that does not open fails the batch and is named by
 * `out->bad`; to go on past it, open the cells one by one. */
sr_result sealed_column_decrypt(sealed_column *column, cell_batch *out, const cell_input *cells,
                                size_t count, sr_err *err) SR_MUST_USE;
/* Whether a raw cell carries the IV of this column's header. Public data. */
bool sealed_column_made_here(const sealed_column *column, sr_slice raw);

void sealed_column_free(sealed_column *column); /* wipes; accepts NULL */
void sealed_column_clear(sealed_column **column);
#define SEALED_COLUMN(name) sealed_column *name SR_CLEANUP(sealed_column_clear) = NULL

/* ---- row keys shared by the sealed columns of a table ---------------------------------------- */

typedef struct sealed_row_keys sealed_row_keys;

sealed_row_keys *sealed_row_keys_new(const kdf_schedule *schedule) SR_MUST_USE;
/* Derives the keys of these rows, in place of those before. Afterwards it is read only: threads
 * that work on different columns of the same rows may share it. */
void sealed_row_keys_fill(sealed_row_keys *keys, const cell_nonce *nonces, size_t count);
void sealed_row_keys_free(sealed_row_keys *keys); /* wipes; accepts NULL */
void sealed_row_keys_clear(sealed_row_keys **keys);
#define SEALED_ROW_KEYS(name) sealed_row_keys *name SR_CLEANUP(sealed_row_keys_clear) = NULL

#endif
