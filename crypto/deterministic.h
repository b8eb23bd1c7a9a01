/*
 * deterministic.h: deterministic columns: equal values of a column give equal cells, and members
 * can open them. The server can compare, group and return them.
 *
 *     PT       = padded encoded value (padding.h: META || value || zeros || int16)
 *     raw cell = AES-256-SIV(key, AAD "03:det:", PT) = SIV (16) || ciphertext         RFC 5297
 *     key      = 64 bytes from "sealroom-v1/det/" || header                              kdf.h
 *
 * The value is of the representative type (cell_value.h), so that 42 as INT and as BIGINT is one
 * cell; it opens as BIGINT, and text as STRING. TIMESTAMP, DECIMAL, FLOAT and DOUBLE are refused,
 * as in fingerprint.h: they have no exact equality; seal them.
 *
 * Padding is none or fixed (SR_E_INVALID for max: the cell would depend on the other values, and
 * two tables would never meet). Columns that are to be compared need the same header, type and
 * padding.
 *
 * NULL = preserveNulls: NULL;  else PT holds META(T, 1) || 32 random bytes, so that no two NULLs
 * are equal and NULLs do not show as one frequent cell. Fixed padding then needs L >= 33. Without
 * padding the length of a NULL cell (51 bytes) may tell it from values of other lengths.
 *
 * What it tells the server: which cells of a column are equal, how often, and the padded length.
 * SIV is misuse-resistant and needs no nonce. The key has no row or table in it: cells can be moved
 * unnoticed.
 *
 * Constant time in key and values (not in lengths). Errors: SR_E_SECRET when a cell does not
 * open, SR_E_FORMAT when it is malformed, SR_E_LIMIT when a value does not fit its padding.
 */
#ifndef SEALROOM_CRYPTO_DETERMINISTIC_H
#define SEALROOM_CRYPTO_DETERMINISTIC_H

#include "cell.h"
#include "cell_value.h"
#include "kdf.h"
#include "padding.h"

enum
{
    DETERMINISTIC_SIV_SIZE = 16,
    DETERMINISTIC_NULL_RANDOM = 32,
    DETERMINISTIC_NULL_SIZE =
        1 + DETERMINISTIC_NULL_RANDOM, /* smallest fixed L with hidden NULLs */
    DETERMINISTIC_OVERHEAD = DETERMINISTIC_SIV_SIZE + PADDING_TRAILER_SIZE,
};

typedef struct
{
    cell_type type; /* of the payloads */
    bool preserve_nulls;
    padding pad; /* none or fixed */
} deterministic_options;

typedef struct deterministic_column deterministic_column;

/* `header` is the normalised target header, for opening too. */
sr_result deterministic_column_new(deterministic_column **out, const kdf_schedule *schedule,
                                   sr_slice header, const deterministic_options *options,
                                   sr_err *err) SR_MUST_USE;
/* The same column for another thread. */
sr_result deterministic_column_clone(deterministic_column **out, const deterministic_column *column,
                                     sr_err *err) SR_MUST_USE;

/* Raw cells for the payloads of `rows->count` rows; nonces are not used. */
sr_result deterministic_column_encrypt(deterministic_column *column, cell_batch *out,
                                       const cell_input *values, const cell_rows *rows,
                                       sr_err *err) SR_MUST_USE;
/* Encoded values of raw cells, as sealed_column_decrypt gives them. */
sr_result deterministic_column_decrypt(deterministic_column *column, cell_batch *out,
                                       const cell_input *cells, size_t count,
                                       sr_err *err) SR_MUST_USE;

void deterministic_column_free(deterministic_column *column); /* wipes; accepts NULL */
void deterministic_column_clear(deterministic_column **column);
#define DETERMINISTIC_COLUMN(name)                                                                 \
    deterministic_column *name SR_CLEANUP(deterministic_column_clear) = NULL

#endif
