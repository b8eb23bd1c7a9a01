/*
 * padding.h: padding of encoded values, so that a cell's length says less (C3R-FORMAT 1.6).
 *
 *     padded = E || zero bytes (P - len(E)) || int16 (P - len(E))        E = META || payload
 *     P      = none: len(E)     fixed L: L     max L: L + (longest len(E) of the column's values)
 *
 * The int16 is there even without padding. L counts the META byte: fixed L holds L - 1 bytes of
 * text. `max` needs a first pass over the column, which `padding_longest_add` does; NULLs do not
 * count there.
 *
 * Limits: L from 0 to 10000; P at most 12000 for fixed and max; and the finished sealed cell at
 * most 16383 characters, so that without padding E is at most 12220 bytes. Beyond: SR_E_LIMIT.
 */
#ifndef SEALROOM_CRYPTO_PADDING_H
#define SEALROOM_CRYPTO_PADDING_H

#include "cell.h"
#include "cell_value.h"

enum
{
    PADDING_LENGTH_MAX = 10000, /* L */
    PADDING_TARGET_MAX = 12000, /* P of fixed and max */
    PADDING_PLAIN_MAX = 12220,  /* P of none */
    PADDING_TRAILER_SIZE = 2,
};

typedef enum
{
    PADDING_NONE = 0,
    PADDING_FIXED,
    PADDING_MAX,
} padding_kind;

typedef struct
{
    padding_kind kind;
    uint32_t length; /* L; 0 for none */
    size_t longest;  /* for max: the result of the first pass */
} padding;

const char *padding_kind_name(padding_kind kind); /* "none", "fixed", "max" */

/* Checks L and the longest value against the limits: call it when a column is made. */
sr_result padding_check(const padding *rule, sr_err *err) SR_MUST_USE;
/* First pass: raises *longest to the longest len(E) among the values that are not NULL. */
void padding_longest_add(size_t *longest, const cell_input *values, size_t count);

/* P for an encoded value of `encoded_len` bytes; SR_E_LIMIT when it does not fit. */
sr_result padding_target(size_t *out, const padding *rule, size_t encoded_len,
                         sr_err *err) SR_MUST_USE;
/* Fills what follows the first `encoded_len` bytes of `bytes`, which holds `target` + 2 bytes. */
void padding_fill(uint8_t *bytes, size_t encoded_len, size_t target);
/* len(E) inside a padded plaintext of `len` bytes. A trailer that is negative or too large, no
 * value at all, or padding that is not zero, is SR_E_FORMAT. */
sr_result padding_strip(size_t *encoded_len, sr_slice padded, sr_err *err) SR_MUST_USE;
#endif
