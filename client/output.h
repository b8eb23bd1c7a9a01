/*
 * output.h: results for people and for programs: one table, written as `--output` asks.
 *
 *     table   columns that line up (widths as a terminal counts them), numbers to the right; the default
 *     csv     RFC 4180, header first, NULL empty
 *     json    {"rows": [{"column": "text" …}]}: every value is a text or null
 *
 * A table is gathered first and written at the end, so that columns can line up. Texts are copied.
 */
#ifndef SEALROOM_CLIENT_OUTPUT_H
#define SEALROOM_CLIENT_OUTPUT_H

#include "base/bytes.h"
#include "base/json.h"
#include "options.h"

typedef enum
{
    OUTPUT_TABLE,
    OUTPUT_CSV,
    OUTPUT_JSON,
} output_form;

/* The option row of every command that prints a result. */
#define OUTPUT_OPTION                                                                              \
    {                                                                                              \
        "output", NULL, 'o', OPTION_TEXT, "table|json|csv", "how to print the result"              \
    }

sr_result output_form_of(output_form *out, const options *given, sr_err *err) SR_MUST_USE;

typedef struct output_table output_table;

output_table *output_table_new(const char *const *headers, size_t columns) SR_MUST_USE;
/* `cells` has one item a column; NULL data means NULL (see output_null). */
void output_table_add(output_table *table, const sr_slice *cells);
/* The same from texts; NULL is NULL. */
void output_table_add_texts(output_table *table, const char *const *cells);
size_t output_table_rows(const output_table *table);
/* To standard output in this form; `name` is the key of the list in JSON. */
sr_result output_table_print(const output_table *table, output_form form, const char *name,
                             sr_err *err) SR_MUST_USE;
void output_table_free(output_table *table); /* accepts NULL */
void output_table_clear(output_table **table);
#define OUTPUT_TABLE_OF(name) output_table *name SR_CLEANUP(output_table_clear) = NULL

/* A JSON document of its own to standard output, indented. */
sr_result output_json(const sr_json *document, sr_err *err) SR_MUST_USE;

#endif
