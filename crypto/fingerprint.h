/*
 * fingerprint.h: fingerprint columns: equal values give equal cells, and nothing gives the value
 * back.
 *
 *     raw cell = HMAC-SHA256(FPKEY, value || META(T, 0))              32 bytes C3R-FORMAT 1.5 NULL
 * = preserveNulls: NULL;  else HMAC-SHA256(FPKEY, 32 random bytes || META(T, 1))
 *
 * T and value are of the representative type (cell_value.h), so 42 as INT, SMALLINT and BIGINT
 * meet, and the text "42" does not. TIMESTAMP, DECIMAL, FLOAT and DOUBLE are refused: they have no
 * exact equality across systems. FPKEY belongs to the target header, or to the whole collaboration
 * when joins across different names are allowed (kdf.h).
 *
 * What it tells the server: which cells are equal, and how often. Whoever holds the secret can test
 * a guess against a cell. With preserveNulls=false a NULL cannot be told from a value and equals no
 * other cell. Text is not normalised: case, Unicode form and inner spaces matter.
 *
 * Constant time in key and values (not in their lengths). Errors: SR_E_INVALID for a type without a
 * fingerprint, SR_E_FORMAT for a payload that does not fit the type.
 */
#ifndef SEALROOM_CRYPTO_FINGERPRINT_H
#define SEALROOM_CRYPTO_FINGERPRINT_H

#include "cell.h"
#include "cell_value.h"
#include "kdf.h"

enum
{
    FINGERPRINT_SIZE = 32,
};

typedef struct
{
    cell_type type; /* of the payloads */
    bool preserve_nulls;
    bool joins_across_names; /* allowJoinsOnColumnsWithDifferentNames */
} fingerprint_options;

typedef struct fingerprint_column fingerprint_column;

/* `header` is the normalised target header. */
sr_result fingerprint_column_new(fingerprint_column **out, const kdf_schedule *schedule,
                                 sr_slice header, const fingerprint_options *options,
                                 sr_err *err) SR_MUST_USE;
/* The same column for another thread. */
sr_result fingerprint_column_clone(fingerprint_column **out, const fingerprint_column *column,
                                   sr_err *err) SR_MUST_USE;

/* Raw cells for the payloads of `rows->count` rows; nonces are not used. */
sr_result fingerprint_column_encrypt(fingerprint_column *column, cell_batch *out,
                                     const cell_input *values, const cell_rows *rows,
                                     sr_err *err) SR_MUST_USE;
/* There is no decrypt: a fingerprint is one-way. */

void fingerprint_column_free(fingerprint_column *column); /* wipes; accepts NULL */
void fingerprint_column_clear(fingerprint_column **column);
#define FINGERPRINT_COLUMN(name)                                                                   \
    fingerprint_column *name SR_CLEANUP(fingerprint_column_clear) = NULL

#endif
