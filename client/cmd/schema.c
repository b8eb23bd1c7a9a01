#include "../schema.h"

#include <stdio.h>
#include <string.h>

#include "../csv_read.h"
#include "base/file.h"
#include "cmd.h"
#include "common.h"

static const option_row schema_option_table[] = {
    {"template", NULL, 't', OPTION_FLAG, NULL, "write a schema with placeholders, to be edited"},
    {"interactive", NULL, 'i', OPTION_FLAG, NULL, NULL},
    {"suggest", NULL, 0, OPTION_FLAG, NULL, NULL},
    {"noHeaders", NULL, 'p', OPTION_FLAG, NULL, "the file has no header row: columns by position"},
    {"flags", NULL, 0, OPTION_TEXT, "FILE",
     "the collaboration's settings: whether cleartext may be offered"},
    {"id", NULL, 0, OPTION_IGNORED, "UUID", NULL},
    {"output", NULL, 'o', OPTION_TEXT, "FILE", "where to write; default: INPUT's name with .json"},
    {"overwrite", NULL, 'f', OPTION_FLAG, NULL, "replace an output that exists"},
    {"fileFormat", NULL, 'e', OPTION_TEXT, "csv",
     "format of the input, when its name does not end in .csv"},
    {"c3r-compat", NULL, 0, OPTION_FLAG, NULL, "read exactly as the Java client c3r-cli does"},
    {"profile", NULL, 'l', OPTION_IGNORED, "NAME", NULL},
    COMMON_C3R_OPTIONS,
    COMMON_END,
};

static sr_result check_mode(const options *given, sr_err *err)
{
    if (options_flag(given, "interactive") || options_flag(given, "suggest"))
        return sr_fail(err, SR_E_USAGE,
                       "schema: only --template is there yet; edit what it writes");
    if (!options_flag(given, "template"))
        return sr_fail(err, SR_E_USAGE,
                       "schema: add --template: it writes a schema with placeholders to edit");
    return SR_OK;
}

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

static sr_result make_template(sr_buf *out, const options *given, const char *input,
                               bool allow_cleartext, sr_err *err)
{
    CSV_READER(reader);
    csv_read_options csv = {.has_header = !options_flag(given, "noHeaders"),
                            .c3r_compat = options_flag(given, "c3r-compat")};
    if (csv_reader_open(&reader, input, &csv, err) != SR_OK)
        return SR_FAIL;
    size_t count = csv_reader_columns(reader);
    const char **headers SR_CLEANUP(clear_array) = sr_array(count, sizeof *headers);
    for (size_t i = 0; i < count; i++)
        headers[i] = csv_reader_header(reader, i);
    if (schema_template(out, headers, count, csv.has_header, allow_cleartext, err) != SR_OK)
        return sr_fail_in(err, "%s", input);
    return SR_OK;
}

static sr_result write_text(const char *path, const options *given, sr_slice text, sr_err *err)
{
    SR_OUT(out);
    if (sr_out_open(&out, path, options_flag(given, "overwrite"), err) != SR_OK ||
        sr_out_write(out, text, err) != SR_OK)
        return SR_FAIL;
    return sr_out_commit(out, err);
}

static sr_result run_schema(const options *given, sr_err *err)
{
    const char *input = NULL;
    collaboration_flags flags = {.allow_cleartext = true};
    SR_BUF(text, SCHEMA_FILE_MAX);
    SR_TEXT(path);
    if (check_mode(given, err) != SR_OK || common_input(given, &input, err) != SR_OK ||
        common_format(given, input, err) != SR_OK)
        return SR_FAIL;
    if (options_text(given, "flags") != NULL && common_flags(given, NULL, &flags, err) != SR_OK)
        return SR_FAIL;
    path = options_text(given, "output") == NULL ? common_name_with(input, ".json")
                                                 : sr_text_copy(options_text(given, "output"));
    if (make_template(&text, given, input, flags.allow_cleartext, err) != SR_OK ||
        write_text(path, given, sr_buf_view(&text), err) != SR_OK)
        return SR_FAIL;
    common_say(strcmp(path, "-") == 0,
               "%s written; now choose each column's type (sealed, fingerprint, deterministic or\n"
               "cleartext), and keep \"pad\" only for sealed and deterministic columns",
               path);
    return SR_OK;
}

const command_row command_schema = {
    .noun = "schema",
    .verb = "",
    .line = "write a schema template for a table, to be edited",
    .usage = "INPUT --template [options]",
    .about = "A schema says which column of a table becomes what: a fingerprint to join on, sealed "
             "to be\n"
             "returned only, deterministic to be compared, grouped and returned, or cleartext. The "
             "template\n"
             "has one entry for each column of the file; edit it before `sealroom encrypt`.\n"
             "\n"
             "  sealroom schema customers.csv --template",
    .options = schema_option_table,
    .arguments = 1,
    .run = run_schema,
};
