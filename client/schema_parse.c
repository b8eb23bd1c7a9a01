#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "schema.h"

enum
{
    FAULTS_SHOWN = 5,
    FAULTS_TEXT_MAX = FAULTS_SHOWN * (SR_ERR_TEXT_SIZE + 2),
};

/* What is being read, and the faults found so far: each entry is tried, so that one run tells all. */
typedef struct
{
    table_schema *schema;
    bool c3r_compat;
    size_t room;
    size_t faults;
    sr_code code; /* of the first fault, and so of the whole */
    sr_buf text;  /* "…; …" */
} parse;

static void add_fault(parse *p, const sr_err *fault)
{
    sr_err ignored = SR_ERR_INIT;
    if (p->faults == 0)
        p->code = fault->code;
    p->faults++;
    const char *between = p->text.len > 0 ? "; " : "";
    if (p->faults <= FAULTS_SHOWN &&
        sr_buf_printf(&p->text, &ignored, "%s%s", between, fault->text) != SR_OK)
        p->faults = FAULTS_SHOWN + 1; /* no room: the rest is only counted */
}

static sr_result tell_faults(const parse *p, sr_err *err)
{
    int len = (int)p->text.len;
    const char *text = (const char *)p->text.data;
    if (p->faults == 0)
        return SR_OK;
    if (p->faults > FAULTS_SHOWN)
        return sr_fail(err, p->code, "%.*s; and %zu more", len, text, p->faults - FAULTS_SHOWN);
    return sr_fail(err, p->code, "%.*s", len, text);
}

static sr_result only(const parse *p, const sr_json *object, const char *const *known, sr_err *err)
{
    return p->c3r_compat ? SR_OK : sr_json_only(object, known, err);
}

/* ---- one column ------------------------------------------------------------------------------ */

static sr_result parse_type(schema_column *column, const sr_json *node, sr_err *err)
{
    const char *name = "";
    if (sr_json_get_text(node, "type", true, &name, err) != SR_OK)
        return SR_FAIL;
    if (name[0] == '[')
        return sr_fail(err, SR_E_INVALID,
                       "type: choose one: sealed, fingerprint, deterministic or cleartext");
    if (column_type_parse(&column->type, name, err) != SR_OK)
        return sr_fail_in(err, "type");
    return SR_OK;
}

static sr_result parse_data_type(schema_column *column, const sr_json *node, sr_err *err)
{
    const char *name = "STRING";
    if (sr_json_get_text(node, "dataType", false, &name, err) != SR_OK)
        return SR_FAIL;
    if (data_type_parse(&column->data, name, err) != SR_OK)
        return sr_fail_in(err, "dataType");
    const column_type_row *row = column_type_of(column->type);
    data_kind meets = data_type_representative(column->data);
    bool exact =
        meets == DATA_STRING || meets == DATA_BIGINT || meets == DATA_BOOLEAN || meets == DATA_DATE;
    if (row->is_encrypted && row->can_join && !exact)
        return sr_fail(err, SR_E_INVALID,
                       "dataType: a %s column holds text, whole numbers, booleans or dates; seal "
                       "other values",
                       row->name);
    return SR_OK;
}

static sr_result parse_normaliser(schema_column *column, const sr_json *node, sr_err *err)
{
    const char *name = "exact";
    if (sr_json_get_text(node, "normaliser", false, &name, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(name, "exact") != 0)
        return sr_fail(err, SR_E_INVALID, "normaliser: only \"exact\" is known");
    return sr_text_put(column->normaliser, sizeof column->normaliser, name)
               ? SR_OK
               : sr_fail(err, SR_E_INVALID, "normaliser: too long");
}

static bool pad_kind_of(padding_kind *out, const char *name)
{
    static const padding_kind kinds[] = {PADDING_NONE, PADDING_FIXED, PADDING_MAX};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    {
        *out = kinds[i];
        if (strcasecmp(name, padding_kind_name(kinds[i])) == 0)
            return true;
    }
    return false;
}

static sr_result parse_pad_length(padding *pad, const sr_json *node, sr_err *err)
{
    int64_t length = 0;
    bool wanted = pad->kind != PADDING_NONE;
    if (!wanted && sr_json_member(node, "length") != NULL)
        return sr_fail(err, SR_E_INVALID, "length: not with type none");
    if (sr_json_get_int(node, "length", wanted, 0, PADDING_LENGTH_MAX, &length, err) != SR_OK)
        return SR_FAIL;
    pad->length = (uint32_t)length;
    return SR_OK;
}

static sr_result parse_pad_object(const parse *p, schema_column *column, const sr_json *node,
                                  sr_err *err)
{
    static const char *const known[] = {"type", "length", "COMMENT", "comment", NULL};
    const char *name = "";
    if (only(p, node, known, err) != SR_OK ||
        sr_json_get_text(node, "type", true, &name, err) != SR_OK)
        return SR_FAIL;
    if (!pad_kind_of(&column->pad.kind, name))
        return sr_fail(err, SR_E_INVALID, "type: expected none, fixed or max");
    if (column->type == COLUMN_DETERMINISTIC && column->pad.kind == PADDING_MAX)
        return sr_fail(err, SR_E_INVALID,
                       "type: a deterministic column is padded to a fixed length or not at all");
    return parse_pad_length(&column->pad, node, err);
}

static sr_result parse_pad(const parse *p, schema_column *column, const sr_json *node, sr_err *err)
{
    const column_type_row *row = column_type_of(column->type);
    const sr_json *pad = NULL;
    if (sr_json_get_object(node, "pad", false, &pad, err) != SR_OK)
        return SR_FAIL;
    if (pad == NULL && row->has_padding)
        return sr_fail(err, SR_E_INVALID, "pad: a %s column needs one, e.g. {\"type\": \"none\"}",
                       row->name);
    if (pad == NULL)
        return SR_OK;
    if (!row->has_padding && !row->may_have_padding)
        return sr_fail(err, SR_E_INVALID, "pad: not on a %s column", row->name);
    if (parse_pad_object(p, column, pad, err) != SR_OK)
        return sr_fail_in(err, "pad");
    return SR_OK;
}

static sr_result parse_header(char *out, const sr_json *node, const char *key, bool required,
                              sr_err *err)
{
    const char *text = NULL;
    out[0] = '\0';
    if (sr_json_get_text(node, key, required, &text, err) != SR_OK)
        return SR_FAIL;
    if (text == NULL)
        return SR_OK;
    if (header_normalise(out, sr_slice_text(text), err) != SR_OK)
        return sr_fail_in(err, "%s", key);
    return SR_OK;
}

/* C3R's default: the source's header, with the type's name behind it unless it is cleartext. */
static sr_result default_target(schema_column *column, sr_err *err)
{
    const column_type_row *row = column_type_of(column->type);
    char text[2 * HEADER_SIZE];
    if (column->target[0] != '\0')
        return SR_OK;
    (void)snprintf(text, sizeof text, "%s%s%s", column->source, row->is_encrypted ? "_" : "",
                   row->is_encrypted ? row->name : "");
    if (header_normalise(column->target, sr_slice_text(text), err) != SR_OK)
        return sr_fail_in(err, "targetHeader (made from the source's)");
    return SR_OK;
}

static sr_result parse_column(const parse *p, schema_column *out, const sr_json *node, sr_err *err)
{
    static const char *const known[] = {"sourceHeader", "targetHeader", "type",
                                        "pad",          "dataType",     "normaliser",
                                        "COMMENT",      "comment",      NULL};
    bool mapped = p->schema->header_row;
    if (sr_json_kind_of(node) != SR_JSON_OBJECT)
        return sr_fail(err, SR_E_INVALID, "expected an object, found %s",
                       sr_json_kind_words(sr_json_kind_of(node)));
    if (!mapped && sr_json_member(node, "sourceHeader") != NULL)
        return sr_fail(err, SR_E_INVALID, "sourceHeader: not in a schema without header row");
    if (only(p, node, known, err) != SR_OK || parse_type(out, node, err) != SR_OK ||
        parse_data_type(out, node, err) != SR_OK || parse_normaliser(out, node, err) != SR_OK ||
        parse_pad(p, out, node, err) != SR_OK)
        return SR_FAIL;
    if (mapped && parse_header(out->source, node, "sourceHeader", true, err) != SR_OK)
        return SR_FAIL;
    if (parse_header(out->target, node, "targetHeader", !mapped, err) != SR_OK)
        return SR_FAIL;
    return mapped ? default_target(out, err) : SR_OK;
}

/* ---- all columns ----------------------------------------------------------------------------- */

static sr_result check_target_unique(const table_schema *schema, const char *target, sr_err *err)
{
    for (size_t i = 0; i < schema->count; i++)
    {
        if (strcmp(schema->columns[i].target, target) == 0)
            return sr_fail(err, SR_E_INVALID, "targetHeader: \"%s\" is taken by another column",
                           target);
    }
    return SR_OK;
}

static schema_column *new_column(parse *p)
{
    table_schema *schema = p->schema;
    if (schema->count == p->room)
    {
        size_t room = p->room == 0 ? 16 : 2 * p->room;
        schema->columns = sr_array_grow(schema->columns, p->room, room, sizeof *schema->columns);
        p->room = room;
    }
    schema->columns[schema->count] = (schema_column){.position = 0};
    return &schema->columns[schema->count];
}

static void add_column(parse *p, const sr_json *node, size_t position, const char *path)
{
    sr_err fault = SR_ERR_INIT;
    schema_column *column = new_column(p);
    if (p->schema->count == HEADER_MOST_COLUMNS)
        (void)sr_fail(&fault, SR_E_LIMIT, "at most %d columns", HEADER_MOST_COLUMNS);
    else if (parse_column(p, column, node, &fault) == SR_OK &&
             check_target_unique(p->schema, column->target, &fault) == SR_OK)
    {
        column->position = position;
        if (!p->schema->header_row)
            (void)snprintf(column->source, sizeof column->source, "_c%zu", position);
        p->schema->count++;
        return;
    }
    (void)sr_fail_in(&fault, "%s", path);
    add_fault(p, &fault);
}

static void add_mapped(parse *p, const sr_json *columns)
{
    char path[64];
    for (size_t i = 0; i < sr_json_size(columns); i++)
    {
        (void)snprintf(path, sizeof path, "columns[%zu]", i);
        add_column(p, sr_json_item(columns, i), 0, path);
    }
}

static void add_position(parse *p, const sr_json *targets, size_t position)
{
    char path[64];
    sr_json_kind kind = sr_json_kind_of(targets);
    if (kind != SR_JSON_ARRAY && kind != SR_JSON_NULL)
    {
        sr_err fault = SR_ERR_INIT;
        (void)sr_fail(&fault, SR_E_INVALID, "columns[%zu]: expected a list of targets or null",
                      position);
        add_fault(p, &fault);
        return;
    }
    for (size_t i = 0; i < sr_json_size(targets); i++)
    {
        (void)snprintf(path, sizeof path, "columns[%zu][%zu]", position, i);
        add_column(p, sr_json_item(targets, i), position, path);
    }
}

static void add_positional(parse *p, const sr_json *columns)
{
    p->schema->positions = sr_json_size(columns);
    for (size_t i = 0; i < p->schema->positions; i++)
        add_position(p, sr_json_item(columns, i), i);
}

static sr_result parse_flags(table_schema *out, const sr_json *root, sr_err *err)
{
    const sr_json *flags = NULL;
    if (sr_json_get_object(root, "flags", false, &flags, err) != SR_OK)
        return SR_FAIL;
    if (flags == NULL)
        return SR_OK;
    out->has_flags = true;
    if (flags_from_json(&out->flags, flags, err) != SR_OK)
        return sr_fail_in(err, "flags");
    return SR_OK;
}

static sr_result parse_root(parse *p, const sr_json *root, sr_err *err)
{
    static const char *const known[] = {"headerRow", "columns", "flags",
                                        "COMMENT",   "comment", NULL};
    const sr_json *columns = NULL;
    if (sr_json_kind_of(root) != SR_JSON_OBJECT)
        return sr_fail(err, SR_E_INVALID, "expected an object with headerRow and columns");
    if (only(p, root, known, err) != SR_OK ||
        sr_json_get_bool(root, "headerRow", true, &p->schema->header_row, err) != SR_OK ||
        sr_json_get_array(root, "columns", true, &columns, err) != SR_OK ||
        parse_flags(p->schema, root, err) != SR_OK)
        return SR_FAIL;
    if (p->schema->header_row)
        add_mapped(p, columns);
    else
        add_positional(p, columns);
    if (p->faults == 0 && p->schema->count == 0)
        return sr_fail(err, SR_E_INVALID, "columns: at least one is needed");
    return tell_faults(p, err);
}

sr_result schema_parse(table_schema *out, sr_slice text, bool c3r_compat, sr_err *err)
{
    SR_JSON(root);
    *out = (table_schema){.columns = NULL};
    if (sr_json_parse(&root, text, err) != SR_OK)
        return SR_FAIL;
    parse p = {.schema = out, .c3r_compat = c3r_compat};
    sr_buf_init(&p.text, FAULTS_TEXT_MAX);
    sr_result result = parse_root(&p, root, err);
    sr_buf_clear(&p.text);
    if (result != SR_OK)
        schema_clear(out);
    return result;
}
