/*
 * output.h: prints a result as a table for people, or as JSON or CSV for programs (`--output`).
 *
 *     table    columns aligned by what a terminal shows, header underlined, NULL as an empty cell
 *     csv      as csv_write.h writes it, NULL as nothing
 *     json     a list of objects, one a row, keys are the column names; numbers and booleans of columns
 *              that hold such are written as such, NULL as null; or any document (output_document)
 *
 * Control characters and bytes that are no UTF-8 are shown as '?' in a table: a partner's text must
 * not move the cursor. Rows are kept until output_finish prints them all, at most OUTPUT_MAX bytes.
 */
#ifndef SEALROOM_CLIENT_OUTPUT_H
#define SEALROOM_CLIENT_OUTPUT_H

#include <stdio.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json.h"
#include "csv_read.h"

enum
{
    OUTPUT_MAX = 512 * 1024 * 1024,
    OUTPUT_CUT_LEAST = 24,
};

/* `--output table|json|csv`; a table by default. */
typedef enum
{
    OUTPUT_TABLE,
    OUTPUT_JSON,
    OUTPUT_CSV,
} output_form;

typedef enum
{
    OUTPUT_TEXT,
    OUTPUT_NUMBER,  /* right-aligned; text that is a JSON number is written as one */
    OUTPUT_BOOLEAN, /* "true" or "false" */
} output_kind;

typedef struct
{
    const char *name;
    output_kind kind;
} output_column;

/* Typical use:
 *
 *     OUTPUT(table);
 *     table = output_new(form, columns, count);
 *     for each row: output_texts(table, texts, err)
 *     output_finish(table, stdout, err)
 */
typedef struct output output;

/* NULL is the default, a table; anything but table, json and csv is SR_E_USAGE. */
sr_result output_form_parse(output_form *out, const char *name, sr_err *err) SR_MUST_USE;
/* Copies the columns. */
output *output_new(output_form form, const output_column *columns, size_t count) SR_MUST_USE;
/* Copies the fields, as many as there are columns. */
sr_result output_row(output *self, const csv_field *fields, sr_err *err) SR_MUST_USE;
/* The same with texts; a NULL pointer is NULL. */
sr_result output_texts(output *self, const char *const *texts, sr_err *err) SR_MUST_USE;
/* In a table, cuts the last column so that a row fits into `width` columns (terminal.h), though never
 * to fewer than OUTPUT_CUT_LEAST. */
void output_fit(output *self, size_t width);
/* So far. */
size_t output_rows(const output *self);
/* Prints everything. A failed write is SR_E_IO. */
sr_result output_finish(output *self, FILE *to, sr_err *err) SR_MUST_USE;
void output_free(output *self); /* wipes; accepts NULL */
void output_clear(output **self);
#define OUTPUT(name) output *name SR_CLEANUP(output_clear) = NULL

/* A JSON document, indented. */
sr_result output_document(const sr_json *document, FILE *to, sr_err *err) SR_MUST_USE;
/* One line of text with '?' for what a terminal might act on; for texts of others. */
void output_safe_text(sr_slice text, FILE *to);

#endif
