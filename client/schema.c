#include "schema.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"

void schema_clear(table_schema *schema)
{
    sr_free(schema->columns);
    *schema = (table_schema){.columns = NULL};
}

sr_result schema_load(table_schema *out, const char *path, bool c3r_compat, sr_err *err)
{
    SR_BUF(text, SCHEMA_FILE_MAX);
    *out = (table_schema){.columns = NULL};
    if (sr_file_read(&text, path, err) != SR_OK)
        return SR_FAIL;
    if (schema_parse(out, sr_buf_view(&text), c3r_compat, err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

sr_result schema_check_flags(const table_schema *schema, const collaboration_flags *flags,
                             sr_err *err)
{
    for (size_t i = 0; i < schema->count && !flags->allow_cleartext; i++)
    {
        const schema_column *column = &schema->columns[i];
        if (!column_type_of(column->type)->is_encrypted)
            return sr_fail(err, SR_E_INVALID,
                           "column \"%s\" is cleartext, and the collaboration's allowCleartext is "
                           "false",
                           column->target);
    }
    return SR_OK;
}

/* ---- binding to the input's headers ---------------------------------------------------------- */

/* Normalised headers of the input; those that are malformed stay empty (and match nothing). */
typedef char header_text[HEADER_SIZE];

static sr_result normalise_all(header_text *out, const char *const *headers, size_t count,
                               bool strict, sr_err *err)
{
    for (size_t i = 0; i < count; i++)
    {
        sr_err ignored = SR_ERR_INIT;
        sr_err *told = strict ? err : &ignored;
        if (header_normalise(out[i], sr_slice_text(headers[i]), told) == SR_OK)
            continue;
        if (strict)
            return sr_fail_in(err, "header %zu", i + 1);
        out[i][0] = '\0';
    }
    return SR_OK;
}

static sr_result bind_column(size_t *index, const schema_column *column, const header_text *headers,
                             size_t count, bool c3r_compat, sr_err *err)
{
    size_t found = count;
    for (size_t i = 0; i < count; i++)
    {
        if (strcmp(headers[i], column->source) != 0)
            continue;
        if (found != count && !c3r_compat)
            return sr_fail(err, SR_E_INVALID,
                           "columns %zu and %zu of the input are both named \"%s\"; rename one of "
                           "them",
                           found + 1, i + 1, column->source);
        found = i;
    }
    if (found == count)
        return sr_fail(err, SR_E_NOT_FOUND,
                       "the input has no column \"%s\", which the schema names", column->source);
    *index = found;
    return SR_OK;
}

static sr_result bind_positions(size_t *indexes, const table_schema *schema, size_t count,
                                sr_err *err)
{
    if (schema->positions != count)
        return sr_fail(err, SR_E_INVALID,
                       "the schema has an entry for %zu columns, and the input has %zu",
                       schema->positions, count);
    for (size_t i = 0; i < schema->count; i++)
        indexes[i] = schema->columns[i].position;
    return SR_OK;
}

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

sr_result schema_bind(size_t *indexes, const table_schema *schema, const char *const *headers,
                      size_t count, bool c3r_compat, sr_err *err)
{
    if (!schema->header_row)
        return bind_positions(indexes, schema, count, err);
    header_text *names SR_CLEANUP(clear_array) = sr_array(count, sizeof *names);
    if (normalise_all(names, headers, count, c3r_compat, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < schema->count; i++)
    {
        if (bind_column(&indexes[i], &schema->columns[i], (const header_text *)names, count,
                        c3r_compat, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- template -------------------------------------------------------------------------------- */

static sr_json *template_pad(void)
{
    sr_json *pad = sr_json_object_new();
    sr_json_set_text(pad, "COMMENT", "omit this pad entry unless column type is sealed");
    sr_json_set_text(pad, "type", "[none|fixed|max]");
    sr_json_set_text(pad, "length",
                     "omit length property for type none, otherwise specify value in [0, 10000]");
    return pad;
}

static sr_json *template_column(const char *header, bool header_row, bool allow_cleartext)
{
    sr_json *column = sr_json_object_new();
    if (header_row)
        sr_json_set_text(column, "sourceHeader", header);
    sr_json_set_text(column, "targetHeader", header);
    sr_json_set_text(column, "type",
                     allow_cleartext ? "[sealed|fingerprint|cleartext]" : "[sealed|fingerprint]");
    sr_json_set_take(column, "pad", template_pad());
    return column;
}

static sr_result template_add(sr_json *columns, const char *raw, bool header_row,
                              bool allow_cleartext, sr_err *err)
{
    char header[HEADER_SIZE];
    if (header_normalise(header, sr_slice_text(raw), err) != SR_OK)
        return SR_FAIL;
    sr_json *column = template_column(header, header_row, allow_cleartext);
    if (header_row)
    {
        sr_json_add_take(columns, column);
        return SR_OK;
    }
    sr_json *targets = sr_json_array_new();
    sr_json_add_take(targets, column);
    sr_json_add_take(columns, targets);
    return SR_OK;
}

sr_result schema_template(sr_buf *out, const char *const *headers, size_t count, bool header_row,
                          bool allow_cleartext, sr_err *err)
{
    SR_JSON(root);
    root = sr_json_object_new();
    SR_JSON(columns);
    columns = sr_json_array_new();
    for (size_t i = 0; i < count; i++)
    {
        if (template_add(columns, headers[i], header_row, allow_cleartext, err) != SR_OK)
            return sr_fail_in(err, "column %zu", i + 1);
    }
    sr_json_set_bool(root, "headerRow", header_row);
    sr_json_set_take(root, "columns", columns);
    columns = NULL;
    return sr_json_write(root, true, out, err);
}
