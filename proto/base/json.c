/*
 * The door to jansson, reading half (json_write.c is the other). An sr_json is a json_t under
 * another name, so that jansson's types stay out of our headers.
 */
#include "json.h"

#include <jansson.h>
#include <string.h>

#include "file.h"

enum
{
    DEPTH = 64,
    DEPTH_DEEP = 2000,
    FILE_MAX = 16 * 1024 * 1024,
};

static const json_t *inside(const sr_json *node)
{
    return (const json_t *)node;
}

static const sr_json *outside(const json_t *node)
{
    return (const sr_json *)node;
}

/* ---- parsing --------------------------------------------------------------------------------- */

/* jansson's own words quote the document, which may hold what must not be repeated. */
static const char *words_of(enum json_error_code code)
{
    switch (code)
    {
    case json_error_premature_end_of_input:
        return "the text ends too early";
    case json_error_end_of_input_expected:
        return "text after the end of the document";
    case json_error_invalid_utf8:
        return "not valid UTF-8";
    case json_error_duplicate_key:
        return "a member's name appears twice";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character in a text";
    case json_error_numeric_overflow:
        return "a number is too large";
    default:
        return "not valid JSON here";
    }
}

/* Counts brackets before anything recurses. Texts are skipped; whether they are well formed is the
 * parser's business. */
static bool is_deeper_than(sr_slice text, size_t limit)
{
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < text.len; i++)
    {
        uint8_t c = text.data[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '[' || c == '{') && ++depth > limit)
            return true;
        else if (!in_text && (c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return false;
}

static sr_result parse(sr_json **out, sr_slice text, size_t depth, sr_err *err)
{
    json_error_t error;
    *out = NULL;
    if (text.len > 0 && memchr(text.data, 0, text.len) != NULL) /* jansson takes one for the end */
        return sr_fail(err, SR_E_INVALID, "a NUL character in the document");
    if (is_deeper_than(text, depth))
        return sr_fail(err, SR_E_LIMIT, "nested deeper than %zu levels", depth);
    const char *data = text.len == 0 ? "" : (const char *)text.data;
    json_t *root = json_loadb(data, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (root == NULL)
        return sr_fail(err, SR_E_INVALID, "line %d, column %d: %s", error.line, error.column,
                       words_of(json_error_code(&error)));
    *out = (sr_json *)root;
    return SR_OK;
}

sr_result sr_json_parse(sr_json **out, sr_slice text, sr_err *err)
{
    return parse(out, text, DEPTH, err);
}

sr_result sr_json_parse_deep(sr_json **out, sr_slice text, sr_err *err)
{
    return parse(out, text, DEPTH_DEEP, err);
}

sr_result sr_json_parse_file(sr_json **out, const char *path, sr_err *err)
{
    SR_BUF(text, FILE_MAX);
    *out = NULL;
    if (sr_file_read(&text, path, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_parse(out, sr_buf_view(&text), err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

void sr_json_free(sr_json *document)
{
    json_decref((json_t *)document);
}

void sr_json_clear(sr_json **document)
{
    sr_json_free(*document);
    *document = NULL;
}

/* ---- asking nodes ---------------------------------------------------------------------------- */

sr_json_kind sr_json_kind_of(const sr_json *node)
{
    if (node == NULL)
        return SR_JSON_NULL;
    switch (json_typeof(inside(node)))
    {
    case JSON_OBJECT:
        return SR_JSON_OBJECT;
    case JSON_ARRAY:
        return SR_JSON_ARRAY;
    case JSON_STRING:
        return SR_JSON_TEXT;
    case JSON_INTEGER:
        return SR_JSON_INT;
    case JSON_REAL:
        return SR_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return SR_JSON_BOOL;
    case JSON_NULL:
    default:
        return SR_JSON_NULL;
    }
}

const char *sr_json_kind_words(sr_json_kind kind)
{
    static const char *const words[] = {
        [SR_JSON_NULL] = "null",        [SR_JSON_BOOL] = "true or false",
        [SR_JSON_INT] = "a number",     [SR_JSON_REAL] = "a number with a fraction",
        [SR_JSON_TEXT] = "a text",      [SR_JSON_ARRAY] = "a list",
        [SR_JSON_OBJECT] = "an object",
    };
    return words[kind];
}

size_t sr_json_size(const sr_json *node)
{
    return json_array_size(inside(node)) + json_object_size(inside(node)); /* one of them is 0 */
}

const sr_json *sr_json_item(const sr_json *array, size_t index)
{
    return outside(json_array_get(inside(array), index));
}

const sr_json *sr_json_member(const sr_json *object, const char *key)
{
    return outside(json_object_get(inside(object), key));
}

static void *iterator_at(const sr_json *object, size_t index)
{
    json_t *node = (json_t *)inside(object);
    void *at = json_object_iter(node);
    for (; at != NULL && index > 0; index--)
        at = json_object_iter_next(node, at);
    return at;
}

const char *sr_json_key_at(const sr_json *object, size_t index)
{
    return json_object_iter_key(iterator_at(object, index));
}

const sr_json *sr_json_member_at(const sr_json *object, size_t index)
{
    return outside(json_object_iter_value(iterator_at(object, index)));
}

const char *sr_json_text(const sr_json *node)
{
    const char *text = json_string_value(inside(node));
    return text == NULL ? "" : text;
}

int64_t sr_json_int(const sr_json *node)
{
    return json_integer_value(inside(node));
}

bool sr_json_bool(const sr_json *node)
{
    return node != NULL && json_is_true(inside(node));
}

/* ---- checked readers ------------------------------------------------------------------------- */

/* The member, or NULL when it may be missing and is. */
static sr_result find(const sr_json *object, const char *key, bool required, sr_json_kind wanted,
                      const sr_json **out, sr_err *err)
{
    const sr_json *node = sr_json_member(object, key);
    sr_json_kind found = sr_json_kind_of(node);
    *out = NULL;
    if (sr_json_kind_of(object) != SR_JSON_OBJECT)
        return sr_fail(err, SR_E_INVALID, "expected an object, not %s",
                       sr_json_kind_words(sr_json_kind_of(object)));
    if (found == SR_JSON_NULL && required)
        return sr_fail(err, SR_E_INVALID, "%s: missing; expected %s", key,
                       sr_json_kind_words(wanted));
    if (found != SR_JSON_NULL && found != wanted)
        return sr_fail(err, SR_E_INVALID, "%s: expected %s, not %s", key,
                       sr_json_kind_words(wanted), sr_json_kind_words(found));
    *out = found == SR_JSON_NULL ? NULL : node;
    return SR_OK;
}

sr_result sr_json_get_text(const sr_json *object, const char *key, bool required, const char **out,
                           sr_err *err)
{
    const sr_json *node;
    if (find(object, key, required, SR_JSON_TEXT, &node, err) != SR_OK)
        return SR_FAIL;
    if (node != NULL)
        *out = sr_json_text(node);
    return SR_OK;
}

sr_result sr_json_get_int(const sr_json *object, const char *key, bool required, int64_t least,
                          int64_t most, int64_t *out, sr_err *err)
{
    const sr_json *node;
    if (find(object, key, required, SR_JSON_INT, &node, err) != SR_OK)
        return SR_FAIL;
    if (node == NULL)
        return SR_OK;
    int64_t value = sr_json_int(node);
    if (value < least || value > most)
        return sr_fail(err, SR_E_INVALID, "%s: expected a whole number from %lld to %lld", key,
                       (long long)least, (long long)most);
    *out = value;
    return SR_OK;
}

sr_result sr_json_get_bool(const sr_json *object, const char *key, bool required, bool *out,
                           sr_err *err)
{
    const sr_json *node;
    if (find(object, key, required, SR_JSON_BOOL, &node, err) != SR_OK)
        return SR_FAIL;
    if (node != NULL)
        *out = sr_json_bool(node);
    return SR_OK;
}

sr_result sr_json_get_array(const sr_json *object, const char *key, bool required,
                            const sr_json **out, sr_err *err)
{
    const sr_json *node;
    if (find(object, key, required, SR_JSON_ARRAY, &node, err) != SR_OK)
        return SR_FAIL;
    if (node != NULL)
        *out = node;
    return SR_OK;
}

sr_result sr_json_get_object(const sr_json *object, const char *key, bool required,
                             const sr_json **out, sr_err *err)
{
    const sr_json *node;
    if (find(object, key, required, SR_JSON_OBJECT, &node, err) != SR_OK)
        return SR_FAIL;
    if (node != NULL)
        *out = node;
    return SR_OK;
}

static bool is_listed(const char *name, const char *const *list)
{
    while (*list != NULL && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

/* "a, b, c": what would have been right. */
static void join_names(char *out, size_t size, const char *const *list)
{
    size_t at = 0;
    out[0] = '\0';
    for (; *list != NULL && at < size; list++)
        at += (size_t)snprintf(out + at, size - at, "%s%s", at == 0 ? "" : ", ", *list);
}

sr_result sr_json_only(const sr_json *object, const char *const *allowed, sr_err *err)
{
    json_t *node = (json_t *)inside(object);
    for (void *at = json_object_iter(node); at != NULL; at = json_object_iter_next(node, at))
    {
        char known[512];
        if (is_listed(json_object_iter_key(at), allowed))
            continue;
        join_names(known, sizeof known, allowed);
        return sr_fail(err, SR_E_INVALID, "%s: unknown member; known are: %s",
                       json_object_iter_key(at), known);
    }
    return SR_OK;
}
