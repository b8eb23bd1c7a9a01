/*
 * schema.h: the schema of a table: which column of the input becomes which encrypted column.
 *
 * The file is C3R's (C3R-FORMAT 1.8), JSON, in two forms:
 *
 *     { "headerRow": true,  "columns": [ {"sourceHeader": s, "targetHeader": t?, "type": T, …}, … ] }
 *     { "headerRow": false, "columns": [ [ {"targetHeader": t, "type": T, …}, … ], [], null, … ] }
 *
 *     type          sealed | fingerprint | cleartext, and ours: deterministic       any case
 *     pad           {"type": "none"} or {"type": "fixed" or "max", "length": 0..10000}
 *                   needed for sealed, allowed for deterministic (none, fixed), refused elsewhere
 *     targetHeader  default: the source's, with "_sealed", "_fingerprint" or "_deterministic" behind
 *
 * Ours, and ignored by C3R: `"dataType"` of a column (data_type.h; default STRING), `"normaliser"`
 * ("exact" only, so far), and beside the columns `"flags"`, an object with the collaboration's four
 * settings (flags.h). A key that nobody knows is refused, because it is most likely a slip; "COMMENT"
 * is not (C3R's templates have it), and with `c3r_compat` any key passes.
 *
 * Errors are SR_E_INVALID, name the path inside the JSON, and say what was expected; several faults
 * are told at once: `schema.json: columns[0].type: …; columns[2].pad.length: …`.
 */
#ifndef SEALROOM_CLIENT_SCHEMA_H
#define SEALROOM_CLIENT_SCHEMA_H

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/padding.h"
#include "model/column_type.h"
#include "model/data_type.h"
#include "model/flags.h"
#include "model/header.h"

enum
{
    SCHEMA_NORMALISER_SIZE = 32,
    SCHEMA_FILE_MAX = 16 * 1024 * 1024, /* bytes of the JSON text */
};

typedef struct
{
    char source[HEADER_SIZE]; /* normalised; "_c3" in a positional schema */
    size_t position;          /* in a positional schema: index of the source column */
    char target[HEADER_SIZE]; /* normalised */
    column_type type;
    data_type data;
    padding pad; /* `longest` is 0 until the table has been read */
    char normaliser[SCHEMA_NORMALISER_SIZE];
} schema_column;

typedef struct
{
    bool header_row;
    schema_column *columns; /* in the order of the output */
    size_t count;
    size_t positions; /* positional: columns that the input must have; else 0 */
    bool has_flags;
    collaboration_flags flags;
} table_schema;

void schema_clear(table_schema *schema);
#define SCHEMA(name) table_schema name SR_CLEANUP(schema_clear) = {.columns = NULL}

sr_result schema_parse(table_schema *out, sr_slice text, bool c3r_compat, sr_err *err) SR_MUST_USE;
/* The path is the subject of errors. */
sr_result schema_load(table_schema *out, const char *path, bool c3r_compat,
                      sr_err *err) SR_MUST_USE;

/* Refuses a column of the schema that these settings do not allow (allowCleartext). */
sr_result schema_check_flags(const table_schema *schema, const collaboration_flags *flags,
                             sr_err *err) SR_MUST_USE;

/* For each column of the schema the index of its source among the input's raw headers, into
 * indexes[schema->count]. Only headers in use are looked at: one that is missing (SR_E_NOT_FOUND),
 * there twice, or malformed is refused by name. With `c3r_compat` every header must be well-formed,
 * and of two equal ones the last is taken. */
sr_result schema_bind(size_t *indexes, const table_schema *schema, const char *const *headers,
                      size_t count, bool c3r_compat, sr_err *err) SR_MUST_USE;

/* A schema to be edited, as `c3r-cli schema --template` writes it: placeholders for type and padding,
 * target = source. Without `header_row` a positional one. Headers must be well-formed. */
sr_result schema_template(sr_buf *out, const char *const *headers, size_t count, bool header_row,
                          bool allow_cleartext, sr_err *err) SR_MUST_USE;

#endif
