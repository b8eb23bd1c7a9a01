/*
 * data_type.h: the types of plaintext values, and cleartext values as text and as numbers.
 *
 *   STRING (VARCHAR, CHAR, TEXT, VARCHAR(n))   BOOLEAN     DATE (yyyy-mm-dd)
 *   SMALLINT   INTEGER (INT)   BIGINT          DECIMAL(p,s), p 1..38, s 0..p
 *       (DECIMAL(p) has scale 0; DECIMAL alone is DECIMAL(18,3))
 *   REAL (FLOAT)   DOUBLE                      TIMESTAMP (yyyy-mm-dd hh:mm:ss[.ffffff], 'T' allowed, UTC)
 *
 * The representative type decides which columns may be joined (C3R-FORMAT 1.5): all text is STRING, all
 * whole numbers are BIGINT, BOOLEAN, DATE; the rest only joins itself and never as a fingerprint.
 */
#ifndef SEALROOM_MODEL_DATA_TYPE_H
#define SEALROOM_MODEL_DATA_TYPE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

typedef enum
{
    DATA_STRING,
    DATA_SMALLINT,
    DATA_INTEGER,
    DATA_BIGINT,
    DATA_DECIMAL,
    DATA_REAL,
    DATA_DOUBLE,
    DATA_BOOLEAN,
    DATA_DATE,
    DATA_TIMESTAMP,
    DATA_KIND_COUNT_
} data_kind;

typedef struct
{
    data_kind kind;
    uint8_t precision; /* DECIMAL only */
    uint8_t scale;     /* DECIMAL only */
} data_type;

enum
{
    DATA_TYPE_TEXT_SIZE = 24, /* "DECIMAL(38,38)" and its NUL fit */
};

/* Any case, aliases as above, blanks inside the brackets allowed. */
sr_result data_type_parse(data_type *out, const char *text, sr_err *err) SR_MUST_USE;
/* The canonical name, into out[DATA_TYPE_TEXT_SIZE]. */
void data_type_print(char *out, data_type type);
bool data_type_equal(data_type a, data_type b);
data_kind data_type_representative(data_type type);
bool data_type_is_number(data_type type); /* SUM and AVG make sense */

/* One value, unpacked. DECIMAL is the unscaled number as 128-bit two's complement. */
typedef struct
{
    data_kind kind;
    int64_t integer; /* SMALLINT, INTEGER, BIGINT; BOOLEAN 0/1; DATE days; TIMESTAMP microseconds */
    __extension__ __int128 unscaled; /* DECIMAL */
    double real;                     /* REAL, DOUBLE */
    sr_slice text;                   /* STRING: borrowed from the input */
} data_value;

/* Reads a cleartext cell, strictly: no blanks around it, no exponent in DECIMAL, no digit beyond the scale
 * but zeros, no NaN and no infinity, years 0001 to 9999, "true" and "false" in any case. A STRING is taken
 * as it is: whether it is UTF-8 was asked where it came in. The error says what was expected and never
 * repeats the value. */
sr_result data_value_parse(data_value *out, data_type type, sr_slice text, sr_err *err) SR_MUST_USE;
/* Appends the canonical text (ISO dates, plain decimals, shortest round-trip doubles). */
sr_result data_value_print(sr_buf *out, data_type type, const data_value *value,
                           sr_err *err) SR_MUST_USE;

#endif
