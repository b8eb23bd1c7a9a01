/*
 * column_type.h: the table of column types. A type is one row here (capabilities, storage) and one file
 * in crypto/ (its primitive). Engine, rules and schema read only this row; none of them asks "is it a
 * fingerprint?".
 *
 *                   join   group  count  filter return sum   stored as
 *   cleartext       yes    yes    yes    yes    yes    yes   its data type
 *   fingerprint     yes    no     yes    no     no     no    16-byte token (UUID)
 *   sealed          no     no     no     no     yes    no    bytes
 *   deterministic   same   yes    yes    equal  yes    no    bytes
 *
 * "same": joins only columns of the same header, because its key depends on the header whatever the
 * collaboration's flags say. "equal": =, <>, IN only; no order, range, LIKE or function.
 */
#ifndef SEALROOM_MODEL_COLUMN_TYPE_H
#define SEALROOM_MODEL_COLUMN_TYPE_H

#include "base/err.h"

typedef enum
{
    COLUMN_CLEARTEXT,
    COLUMN_FINGERPRINT,
    COLUMN_SEALED,
    COLUMN_DETERMINISTIC,
    COLUMN_TYPE_COUNT_
} column_type;

typedef enum
{
    STORED_AS_DATA_TYPE, /* the engine's type for the column's data type */
    STORED_AS_TOKEN,     /* 16 bytes, re-keyed on arrival */
    STORED_AS_BYTES,
    STORED_AS_RANDOM_BYTES, /* no two cells have anything in common: not compressed */
} column_storage;

typedef struct
{
    const char *name;        /* in schemas, on the wire, in messages */
    const char *cell_prefix; /* of the encrypted file's cell text; "" for cleartext */
    column_storage storage;
    bool can_join;
    bool joins_same_header_only; /* even where different names are allowed */
    bool can_group;
    bool can_count;   /* COUNT and COUNT DISTINCT mean something */
    bool can_compare; /* WHERE with = <> IN */
    bool can_order;   /* WHERE with < > LIKE, and scalar functions */
    bool can_return;  /* may leave in a result */
    bool can_sum;
    bool can_be_subject;
    bool has_padding;      /* schema: pad required (sealed) */
    bool may_have_padding; /* schema: pad optional */
    bool is_encrypted;     /* needs the collaboration secret */
    unsigned raw_width;    /* bytes of every raw cell on the wire; 0 when it varies */
} column_type_row;

const column_type_row *column_type_of(column_type type); /* never NULL */
/* Any case, trimmed. */
sr_result column_type_parse(column_type *out, const char *name, sr_err *err) SR_MUST_USE;

#endif
