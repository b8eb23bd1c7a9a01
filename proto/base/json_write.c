/* The door to jansson, writing half. */
#include <assert.h>
#include <jansson.h>

#include "json.h"
#include "text.h"

static json_t *inside(sr_json *node)
{
    return (json_t *)node;
}

/* jansson fails here only for want of memory or for misuse, which the setters have asserted away.
 */
static void must(bool done)
{
    assert(done);
    (void)done;
}

static json_t *text_node(const char *value)
{
    if (value == NULL)
        return json_null();
    assert(sr_utf8_is_valid(sr_slice_text(value)));
    return json_string(value);
}

sr_json *sr_json_object_new(void)
{
    json_t *object = json_object();
    must(object != NULL);
    return (sr_json *)object;
}

sr_json *sr_json_array_new(void)
{
    json_t *array = json_array();
    must(array != NULL);
    return (sr_json *)array;
}

static void set(sr_json *object, const char *key, json_t *value)
{
    must(json_object_set_new(inside(object), key, value) == 0);
}

static void add(sr_json *array, json_t *value)
{
    must(json_array_append_new(inside(array), value) == 0);
}

void sr_json_set_text(sr_json *object, const char *key, const char *value)
{
    set(object, key, text_node(value));
}

void sr_json_set_int(sr_json *object, const char *key, int64_t value)
{
    set(object, key, json_integer(value));
}

void sr_json_set_bool(sr_json *object, const char *key, bool value)
{
    set(object, key, json_boolean(value));
}

void sr_json_set_null(sr_json *object, const char *key)
{
    set(object, key, json_null());
}

void sr_json_set_take(sr_json *object, const char *key, sr_json *child)
{
    set(object, key, inside(child));
}

void sr_json_add_text(sr_json *array, const char *value)
{
    add(array, text_node(value));
}

void sr_json_add_int(sr_json *array, int64_t value)
{
    add(array, json_integer(value));
}

void sr_json_add_null(sr_json *array)
{
    add(array, json_null());
}

void sr_json_add_take(sr_json *array, sr_json *child)
{
    add(array, inside(child));
}

/* ---- to text --------------------------------------------------------------------------------- */

typedef struct
{
    sr_buf *out;
    sr_err *err;
} sink;

static int append_to_sink(const char *text, size_t len, void *data)
{
    const sink *to = data;
    return sr_buf_append(to->out, sr_slice_of(text, len), to->err) == SR_OK ? 0 : -1;
}

static sr_result write_node(const sr_json *node, size_t flags, const char *end, sr_buf *out,
                            sr_err *err)
{
    size_t before = out->len;
    sink to = {out, err};
    sr_err_reset(err);
    if (json_dump_callback((const json_t *)node, append_to_sink, &to, flags | JSON_ENCODE_ANY) ==
            0 &&
        sr_buf_append_text(out, end, err) == SR_OK)
        return SR_OK;
    sr_buf_cut(out, before);
    if (err->code == SR_E_NONE)
        return sr_fail(err, SR_E_LIMIT, "a JSON document nested too deep to be written");
    return SR_FAIL;
}

sr_result sr_json_write(const sr_json *node, bool pretty, sr_buf *out, sr_err *err)
{
    if (pretty)
        return write_node(node, JSON_INDENT(2), "\n", out, err);
    return write_node(node, JSON_COMPACT, "", out, err);
}

sr_result sr_json_write_canonical(const sr_json *node, sr_buf *out, sr_err *err)
{
    return write_node(node, JSON_COMPACT | JSON_SORT_KEYS, "", out, err);
}
