/*
 * json.h: JSON documents (RFC 8259) behind one door (jansson).
 *
 * Reading: parse once, then ask nodes; a node is borrowed from its document and lives as long. The
 * `sr_json_get_*` readers check the type and name the member in their error; callers put the path
 * in front with sr_fail_in, so that a fault reads
 *
 *     schema.json: columns[2]: pad: length: expected a whole number from 0 to 10000
 *
 * Faults are SR_E_INVALID (too deep: SR_E_LIMIT), and no text quotes a value of the document.
 * Duplicate names, trailing text, invalid UTF-8, NUL characters and whole numbers outside int64 are
 * refused; depth is limited to 64 unless asked otherwise. Writing: build with `sr_json_object_new`
 * / `sr_json_array_new`; a child put into a parent is taken (moved) by it.
 */
#ifndef SEALROOM_BASE_JSON_H
#define SEALROOM_BASE_JSON_H

#include <stdint.h>

#include "bytes.h"
#include "err.h"

typedef struct sr_json sr_json;

typedef enum
{
    SR_JSON_NULL,
    SR_JSON_BOOL,
    SR_JSON_INT,
    SR_JSON_REAL,
    SR_JSON_TEXT,
    SR_JSON_ARRAY,
    SR_JSON_OBJECT,
} sr_json_kind;

/* ---- reading --------------------------------------------------------------------------------- */

/* A syntax error names line and column. Release the document with sr_json_free. */
sr_result sr_json_parse(sr_json **out, sr_slice text, sr_err *err) SR_MUST_USE;
/* The same for trees deeper than 64, up to 2,000. */
sr_result sr_json_parse_deep(sr_json **out, sr_slice text, sr_err *err) SR_MUST_USE;
/* Reads and parses a file of at most 16 MiB; the path is the subject of errors. */
sr_result sr_json_parse_file(sr_json **out, const char *path, sr_err *err) SR_MUST_USE;
void sr_json_free(sr_json *document); /* accepts NULL */
void sr_json_clear(sr_json **document);
#define SR_JSON(name) sr_json *name SR_CLEANUP(sr_json_clear) = NULL

sr_json_kind sr_json_kind_of(const sr_json *node); /* NULL counts as SR_JSON_NULL */
const char *sr_json_kind_words(sr_json_kind kind); /* "a text", "a list", … */
size_t sr_json_size(const sr_json *node);          /* items or members; 0 for anything else */
const sr_json *sr_json_item(const sr_json *array, size_t index);       /* NULL when not there */
const sr_json *sr_json_member(const sr_json *object, const char *key); /* NULL when not there */
/* Members by position, in the document's order; NULL past the end. Each call walks from the start. */
const char *sr_json_key_at(const sr_json *object, size_t index);
const sr_json *sr_json_member_at(const sr_json *object, size_t index);
/* Values without checks beyond the kind: empty, 0 or false for another kind. */
const char *sr_json_text(const sr_json *node); /* "" when not a text; borrowed */
int64_t sr_json_int(const sr_json *node);
bool sr_json_bool(const sr_json *node);

/* Checked readers of one member. A missing key fails, unless `required` is false: then the output
 * stays as the caller preset it. JSON null counts as missing. */
sr_result sr_json_get_text(const sr_json *object, const char *key, bool required, const char **out,
                           sr_err *err) SR_MUST_USE;
sr_result sr_json_get_int(const sr_json *object, const char *key, bool required, int64_t least,
                          int64_t most, int64_t *out, sr_err *err) SR_MUST_USE;
sr_result sr_json_get_bool(const sr_json *object, const char *key, bool required, bool *out,
                           sr_err *err) SR_MUST_USE;
sr_result sr_json_get_array(const sr_json *object, const char *key, bool required,
                            const sr_json **out, sr_err *err) SR_MUST_USE;
sr_result sr_json_get_object(const sr_json *object, const char *key, bool required,
                             const sr_json **out, sr_err *err) SR_MUST_USE;
/* Refuses members whose names are not in the NULL-terminated list. */
sr_result sr_json_only(const sr_json *object, const char *const *allowed, sr_err *err) SR_MUST_USE;

/* ---- writing --------------------------------------------------------------------------------- */

sr_json *sr_json_object_new(void) SR_MUST_USE;
sr_json *sr_json_array_new(void) SR_MUST_USE;
/* Text must be valid UTF-8 (asserted); NULL text writes null. */
void sr_json_set_text(sr_json *object, const char *key, const char *value);
void sr_json_set_int(sr_json *object, const char *key, int64_t value);
void sr_json_set_bool(sr_json *object, const char *key, bool value);
void sr_json_set_null(sr_json *object, const char *key);
void sr_json_set_take(sr_json *object, const char *key, sr_json *child);
void sr_json_add_text(sr_json *array, const char *value);
void sr_json_add_int(sr_json *array, int64_t value);
void sr_json_add_null(sr_json *array);
void sr_json_add_take(sr_json *array, sr_json *child);
/* Appends the text to `out`: `pretty` indents by two and ends with a newline; otherwise compact.
 * Members keep the order in which they were set. */
sr_result sr_json_write(const sr_json *node, bool pretty, sr_buf *out, sr_err *err) SR_MUST_USE;
/* Canonical: compact with members sorted by key, for digests and signatures. */
sr_result sr_json_write_canonical(const sr_json *node, sr_buf *out, sr_err *err) SR_MUST_USE;

#endif
