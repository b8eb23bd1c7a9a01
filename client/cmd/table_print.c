#include "table_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../terminal.h"
#include "base/text.h"
#include "model/rule.h"

enum
{
    WORDS_MOST = 64 * 1024,
};

/* ---- the rule, in words ---------------------------------------------------------------------- */

typedef struct
{
    char *explanation; /* NULL: no rule yet */
    char *example;
} rule_words;

static void rule_words_clear(rule_words *words)
{
    sr_text_clear(&words->explanation);
    sr_text_clear(&words->example);
}

static sr_result explain(rule_words *out, const room_table *table, const table_context *context,
                         sr_err *err)
{
    RULE(rule);
    SR_BUF(explanation, WORDS_MOST);
    SR_BUF(example, WORDS_MOST);
    const char *partner = context == NULL ? NULL : context->partner;
    const char *partner_key = context == NULL ? NULL : context->partner_key;
    *out = (rule_words){NULL, NULL};
    if (table->rule_json == NULL)
        return SR_OK;
    if (rule_parse(&rule, sr_slice_text(table->rule_json), err) != SR_OK ||
        rule_explain(&explanation, rule, err) != SR_OK ||
        rule_example(&example, rule, table->name, partner == NULL ? "your_table" : partner,
                     partner_key == NULL ? "your_key" : partner_key, err) != SR_OK ||
        sr_buf_take_text(&out->explanation, &explanation, err) != SR_OK ||
        sr_buf_take_text(&out->example, &example, err) != SR_OK)
        return sr_fail_in(err, "table \"%s\": its rule", table->name);
    return SR_OK;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static sr_json *column_to_json(const room_column *column)
{
    char data_words[DATA_TYPE_TEXT_SIZE];
    sr_json *object = sr_json_object_new();
    data_type_print(data_words, column->data);
    sr_json_set_text(object, "name", column->name);
    sr_json_set_text(object, "type", column_type_of(column->type)->name);
    sr_json_set_text(object, "dataType", data_words);
    sr_json_set_text(object, "normaliser", column->normaliser);
    sr_json_set_bool(object, "allowed", column->allowed);
    if (column->repeats == ROOM_REPEATS_UNKNOWN)
        sr_json_set_null(object, "repeats");
    else
        sr_json_set_bool(object, "repeats", column->repeats == ROOM_REPEATS_SOME);
    return object;
}

static void set_facts(sr_json *object, const room_table *table)
{
    sr_uuid_text id = sr_uuid_print(&table->id);
    sr_time_text uploaded = sr_time_print(table->uploaded_us);
    sr_json *columns = sr_json_array_new();
    sr_json_set_text(object, "name", table->name);
    sr_json_set_text(object, "id", id.text);
    sr_json_set_text(object, "owner", table->owner);
    sr_json_set_int(object, "version", table->version);
    if (table->rows == 0) /* only the owner learns it */
        sr_json_set_null(object, "rows");
    else
        sr_json_set_int(object, "rows", (int64_t)table->rows);
    sr_json_set_text(object, "uploaded", uploaded.text);
    sr_json_set_text(object, "subjectColumn",
                     table->subject_column[0] == '\0' ? NULL : table->subject_column);
    sr_json_set_bool(object, "nullBitsUnknown", table->null_bits_unknown);
    for (size_t i = 0; i < table->column_count; i++)
        sr_json_add_take(columns, column_to_json(&table->columns[i]));
    sr_json_set_take(object, "columns", columns);
}

sr_result table_to_json(sr_json **out, const room_table *table, const table_context *context,
                        sr_err *err)
{
    rule_words words SR_CLEANUP(rule_words_clear) = {NULL, NULL};
    SR_JSON(object);
    SR_JSON(rule);
    *out = NULL;
    if (explain(&words, table, context, err) != SR_OK)
        return SR_FAIL;
    object = sr_json_object_new();
    set_facts(object, table);
    if (table->rule_json != NULL &&
        sr_json_parse(&rule, sr_slice_text(table->rule_json), err) != SR_OK)
        return SR_FAIL;
    if (rule == NULL)
        sr_json_set_null(object, "rule");
    else
        sr_json_set_take(object, "rule", rule);
    rule = NULL;
    sr_json_set_text(object, "ruleInWords", words.explanation);
    sr_json_set_text(object, "example", words.example);
    sr_json_set_text(object, "columnCards", context == NULL ? NULL : context->cards);
    *out = object;
    object = NULL;
    return SR_OK;
}

/* ---- for people ------------------------------------------------------------------------------ */

static const char *repeats_words(room_repeats repeats)
{
    switch (repeats)
    {
    case ROOM_REPEATS_NEVER:
        return "no";
    case ROOM_REPEATS_SOME:
        return "yes";
    case ROOM_REPEATS_UNKNOWN:
        break;
    }
    return "not told";
}

static sr_result print_columns(const room_table *table, output_form form, sr_err *err)
{
    static const output_column headers[] = {{"column", OUTPUT_TEXT},
                                            {"type", OUTPUT_TEXT},
                                            {"data type", OUTPUT_TEXT},
                                            {"in queries", OUTPUT_TEXT},
                                            {"values repeat", OUTPUT_TEXT}};
    OUTPUT(columns);
    columns = output_new(form, headers, sizeof headers / sizeof headers[0]);
    for (size_t i = 0; i < table->column_count; i++)
    {
        char data_words[DATA_TYPE_TEXT_SIZE];
        const room_column *column = &table->columns[i];
        data_type_print(data_words, column->data);
        const char *const cells[] = {column->name, column_type_of(column->type)->name, data_words,
                                     column->allowed ? "yes" : "no, its owner left it out",
                                     repeats_words(column->repeats)};
        if (output_texts(columns, cells, err) != SR_OK)
            return SR_FAIL;
    }
    return output_finish(columns, stdout, err);
}

static void print_heading(const room_table *table)
{
    sr_time_text uploaded = sr_time_print(table->uploaded_us);
    (void)printf("table    %s of %s\nversion  %" PRIu32 ", uploaded %s\n", table->name,
                 table->owner, table->version, uploaded.text);
    if (table->rows > 0)
        (void)printf("rows     %" PRIu64 " (only its owner sees this)\n", table->rows);
    (void)putchar('\n');
}

/* A rule's names are its owner's, and pass through the server. */
static void print_lines(const char *text)
{
    while (*text != '\0')
    {
        size_t len = strcspn(text, "\n");
        output_safe_text(sr_slice_of(text, len), stdout);
        (void)putchar('\n');
        text += len + (text[len] == '\n' ? 1 : 0);
    }
}

static void print_rule(const rule_words *words, const room_table *table,
                       const table_context *context)
{
    if (words->explanation == NULL)
        (void)printf(
            "\nNo analysis rule yet: no query may touch this table until its owner sets one "
            "with\n`sealroom table rule %s RULE.json`.\n",
            table->name);
    else
    {
        (void)putchar('\n');
        print_lines(words->explanation);
        (void)printf("\nA query that the rule allows:\n  ");
        print_lines(words->example);
    }
    if (table->null_bits_unknown)
        (void)puts(
            "\nNote: the file was encrypted elsewhere and hides its NULLs; each one counts as a "
            "subject.");
    if (context != NULL && context->cards != NULL)
    {
        (void)putchar('\n');
        terminal_fold(context->cards, TERMINAL_LINE, stdout);
    }
}

sr_result table_print(const room_table *table, const table_context *context, output_form form,
                      sr_err *err)
{
    rule_words words SR_CLEANUP(rule_words_clear) = {NULL, NULL};
    SR_JSON(document);
    if (form == OUTPUT_JSON)
        return table_to_json(&document, table, context, err) == SR_OK
                   ? output_document(document, stdout, err)
                   : SR_FAIL;
    if (explain(&words, table, context, err) != SR_OK)
        return SR_FAIL;
    if (form == OUTPUT_TABLE)
        print_heading(table);
    if (print_columns(table, form, err) != SR_OK)
        return SR_FAIL;
    if (form == OUTPUT_TABLE)
        print_rule(&words, table, context);
    return SR_OK;
}
