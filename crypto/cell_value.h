/*
 * cell_value.h: the typed value inside an encrypted cell (C3R-FORMAT 1.4).
 *
 *     encoded value = META || payload        META = type << 1 | (1 for NULL)       integers
 * big-endian
 *
 *     type       no.  payload
 *     STRING      1   UTF-8 bytes                       BIGINT      2   int64
 *     BOOLEAN     3   one byte, 0 or 1                  CHAR        4   UTF-8 bytes
 *     DATE        5   int32, days since 1970-01-01      DECIMAL     6   int32 precision, int32
 * scale, text DOUBLE      7   IEEE-754 binary64                 FLOAT       8   IEEE-754 binary32
 *     INT         9   int32                             SMALLINT   10   int16
 *     TIMESTAMP  11   byte isUTC, int32 unit (0 ms, 1 us, 2 ns), int64
 *     VARCHAR    12   int32 longest length in UTF-16 units, UTF-8 bytes
 *     UNKNOWN     0   never encrypted
 *
 * NULL has an empty payload, or for DECIMAL, TIMESTAMP and VARCHAR the parameters (the ints before
 * the value) when they are known. CSV values are always STRING, so there payload and text are the
 * same.
 *
 * All column types take *payloads*: the bytes after META.
 *
 * Decoding refuses (SR_E_FORMAT): unknown types, too few or too many bytes, booleans beyond 1,
 * units beyond 2, texts that are not UTF-8, decimals that are not plain or exceed their precision
 * or scale, varchars longer than their maximum. It runs on values that have just been opened and
 * may branch on them.
 */
#ifndef SEALROOM_CRYPTO_CELL_VALUE_H
#define SEALROOM_CRYPTO_CELL_VALUE_H

#include "base/bytes.h"
#include "base/err.h"

typedef enum
{
    CELL_UNKNOWN = 0,
    CELL_STRING,
    CELL_BIGINT,
    CELL_BOOLEAN,
    CELL_CHAR,
    CELL_DATE,
    CELL_DECIMAL,
    CELL_DOUBLE,
    CELL_FLOAT,
    CELL_INT,
    CELL_SMALLINT,
    CELL_TIMESTAMP,
    CELL_VARCHAR,
    CELL_TYPE_COUNT_ /* number of types, not a type */
} cell_type;

typedef enum
{
    CELL_UNIT_MILLIS = 0,
    CELL_UNIT_MICROS,
    CELL_UNIT_NANOS,
} cell_unit;

typedef struct
{
    cell_type type;
    bool null;
    bool has_parameters; /* of a NULL: whether the parameters below are known; else always true */
    int32_t precision;   /* DECIMAL */
    int32_t scale;       /* DECIMAL */
    int32_t max_length;  /* VARCHAR, UTF-16 units */
    bool is_utc;         /* TIMESTAMP */
    cell_unit unit;      /* TIMESTAMP */
    int64_t integer;     /* BIGINT, INT, SMALLINT, BOOLEAN (0, 1), DATE, TIMESTAMP */
    double real;         /* DOUBLE, FLOAT */
    sr_slice text;       /* STRING, CHAR, VARCHAR, DECIMAL; borrowed */
} cell_value;

const char *cell_type_name(cell_type type); /* "BIGINT" … */
/* False (and CELL_UNKNOWN) for a name that no encryptable type has. */
bool cell_type_from_name(cell_type *out, const char *name) SR_MUST_USE;

uint8_t cell_meta(cell_type type, bool null);
/* The type under which equal values meet: CHAR and VARCHAR count as STRING, INT and SMALLINT as
 * BIGINT; BOOLEAN and DATE are themselves; CELL_UNKNOWN for types that cannot be compared exactly.
 */
cell_type cell_type_representative(cell_type type);

/* Appends META || payload. Values that decoding would refuse are refused. */
sr_result cell_value_encode(sr_buf *out, const cell_value *value, sr_err *err) SR_MUST_USE;
/* Appends the payload alone, as the column types take it. */
sr_result cell_value_encode_payload(sr_buf *out, const cell_value *value, sr_err *err) SR_MUST_USE;
/* Texts are borrowed from `encoded`. */
sr_result cell_value_decode(cell_value *out, sr_slice encoded, sr_err *err) SR_MUST_USE;
/* Checks a payload that is about to be encrypted without looking into texts (their UTF-8 is
 * checked by whoever read the file). Cheap for STRING. */
sr_result cell_value_check_payload(cell_type type, bool null, sr_slice payload,
                                   sr_err *err) SR_MUST_USE;

/* META || payload of the representative type, where it differs from the payload itself: the result
 * is borrowed from `payload` or lies in `room`. Asserts that the type has a representative and that
 * the payload passed cell_value_check_payload. */
sr_slice cell_value_representative(uint8_t room[8], cell_type type, sr_slice payload);

#endif
