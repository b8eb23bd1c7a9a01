#include "common.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../commands.h"
#include "base/file.h"
#include "base/json.h"
#include "crypto/secret.h"

sr_result common_input(const options *given, const char **out, sr_err *err)
{
    *out = options_argument(given, 0);
    if (*out != NULL)
        return SR_OK;
    return sr_fail(err, SR_E_USAGE,
                   "which input? give the path of a file, or - for standard input");
}

/* ---- keys ------------------------------------------------------------------------------------ */

sr_result common_id(const options *given, sr_uuid *out, sr_err *err)
{
    const char *text = options_text(given, "id");
    sr_err why = SR_ERR_INIT;
    if (text == NULL)
        return sr_fail(err, SR_E_USAGE,
                       "which collaboration? give --collab NAME to ask the server, or --id UUID");
    if (sr_uuid_parse(out, text, &why) != SR_OK)
        return sr_fail(err, SR_E_USAGE, "--id: %s", why.text);
    return SR_OK;
}

sr_result common_secret(const options *given, collaboration_secret **out, sr_err *err)
{
    const char *path = options_text(given, "secret-file");
    uint64_t fd = 0;
    *out = NULL;
    if (path != NULL && options_text(given, "secret-fd") != NULL)
        return sr_fail(err, SR_E_USAGE, "give --secret-file or --secret-fd, not both");
    if (path != NULL)
        return secret_from_file(out, path, err);
    if (options_text(given, "secret-fd") == NULL)
    {
        if (getenv("SEALROOM_SHARED_SECRET") == NULL && getenv("C3R_SHARED_SECRET") == NULL)
            return sr_fail(err, SR_E_SECRET,
                           "no secret: give --secret-file FILE (or --secret-fd N, or the "
                           "environment variable SEALROOM_SHARED_SECRET)");
        return secret_from_env(out, NULL, err);
    }
    if (options_number(given, "secret-fd", 0, 0, 1u << 20, &fd, err) != SR_OK)
        return SR_FAIL;
    return secret_from_fd(out, (int)fd, err);
}

sr_result common_keys(const options *given, kdf_schedule **out, sr_err *err)
{
    sr_uuid id;
    SECRET(secret);
    *out = NULL;
    if (common_id(given, &id, err) != SR_OK || common_secret(given, &secret, err) != SR_OK)
        return SR_FAIL;
    return kdf_schedule_new(out, secret, &id, err);
}

/* ---- settings -------------------------------------------------------------------------------- */

static sr_result load_flags(const char *path, collaboration_flags *out, sr_err *err)
{
    SR_JSON(document);
    if (sr_json_parse_file(&document, path, err) != SR_OK)
        return SR_FAIL;
    if (flags_from_json(out, document, err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

sr_result common_flags(const options *given, const table_schema *schema, collaboration_flags *out,
                       sr_err *err)
{
    const char *path = options_text(given, "flags");
    bool in_schema = schema != NULL && schema->has_flags;
    if (path == NULL && !in_schema)
        return sr_fail(err, SR_E_USAGE,
                       "which settings does the collaboration have? give --collab NAME to ask the "
                       "server, or --flags FILE (a JSON object with allowCleartext, "
                       "allowDuplicates, allowJoinsOnColumnsWithDifferentNames, preserveNulls)");
    if (path == NULL)
    {
        *out = schema->flags;
        return SR_OK;
    }
    if (load_flags(path, out, err) != SR_OK)
        return SR_FAIL;
    if (in_schema && flags_to_byte(out) != flags_to_byte(&schema->flags))
        return sr_fail(err, SR_E_INVALID, "%s and the schema's \"flags\" contradict each other",
                       path);
    return SR_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? name + strlen(name) : dot;
}

sr_result common_format(const options *given, const char *input, sr_err *err)
{
    const char *format = options_text(given, "fileFormat");
    const char *extension = extension_of(sr_path_name(input));
    if (format == NULL && strcmp(input, "-") == 0)
        return SR_OK;
    if (format == NULL)
        format = extension[0] == '.' ? extension + 1 : "";
    if (strcasecmp(format, "csv") == 0)
        return SR_OK;
    if (strcasecmp(format, "parquet") == 0)
        return sr_fail(err, SR_E_INVALID, "%s: Parquet files are not supported yet", input);
    if (options_text(given, "fileFormat") != NULL)
        return sr_fail(err, SR_E_USAGE, "--fileFormat: expected csv");
    return sr_fail(err, SR_E_INVALID, "%s: the name does not tell the format; add --fileFormat csv",
                   input);
}

char *common_output_name(const char *input)
{
    const char *name = sr_path_name(input);
    const char *extension = extension_of(name);
    if (strcmp(input, "-") == 0)
        return sr_text_copy("-");
    return sr_text_printf("%.*s.out%s", (int)(extension - name), name, extension);
}

char *common_name_with(const char *input, const char *extension)
{
    const char *name = sr_path_name(input);
    if (strcmp(input, "-") == 0)
        return sr_text_copy("-");
    return sr_text_printf("%.*s%s", (int)(extension_of(name) - name), name, extension);
}

void common_warn_of_rows(const char *input, const csv_counts *counts, bool c3r_compat)
{
    if (counts->hash_rows > 0)
        command_warn("%s: rows that start with '#' were %s: %" PRIu64, input,
                     c3r_compat ? "dropped, as c3r-cli does" : "kept (c3r-cli drops them)",
                     counts->hash_rows);
    if (counts->blank_rows > 0)
        command_warn("%s: blank lines were kept as rows (c3r-cli drops them): %" PRIu64, input,
                     counts->blank_rows);
}

void common_say(bool data_on_stdout, const char *format, ...)
{
    FILE *to = data_on_stdout ? stderr : stdout;
    va_list args;
    va_start(args, format);
    (void)vfprintf(to, format, args);
    va_end(args);
    (void)fputc('\n', to);
}
