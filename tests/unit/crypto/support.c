#include "support.h"

#include "base/file.h"

kdf_schedule *support_schedule(uint8_t fill, const char *collaboration)
{
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    kdf_schedule *schedule = NULL;
    uint8_t bytes[32];
    char text[44];
    sr_uuid id;
    memset(bytes, fill, sizeof bytes);
    sr_base64_encode(text, sr_slice_of(bytes, sizeof bytes));
    check_ok(secret_from_text(&secret, sr_slice_of(text, sizeof text), &err), &err);
    check_ok(sr_uuid_parse(&id, collaboration, &err), &err);
    check_ok(kdf_schedule_new(&schedule, secret, &id, &err), &err);
    return schedule;
}

kdf_schedule *support_usual_schedule(uint8_t fill)
{
    return support_schedule(fill, "12345678-1234-1234-1234-1234567890ab");
}

/* Our JSON reader refuses NUL characters, and one vector is made of them; its bytes are there in
 * hexadecimal too, which is what the tests read. */
static void without_nul_escapes(sr_buf *text)
{
    static const char escape[] = "\\u0000";
    uint8_t *at = text->data;
    while ((at = memmem(at, text->len - (size_t)(at - text->data), escape, strlen(escape))) != NULL)
        at[strlen(escape) - 1] = '1';
}

sr_json *support_vectors(const char *name)
{
    sr_err err = SR_ERR_INIT;
    sr_json *document = NULL;
    SR_TEXT(path);
    SR_BUF(text, 1 << 20);
    path = sr_text_printf("%s/tests/vectors/c3r/%s", SEALROOM_SOURCE_DIR, name);
    check_ok(sr_file_read(&text, path, &err), &err);
    without_nul_escapes(&text);
    check_ok(sr_json_parse(&document, sr_buf_view(&text), &err), &err);
    check(sr_json_size(document) > 0);
    return document;
}

static const sr_json *find_room(const sr_json *keys, const char *room)
{
    for (size_t i = 0; i < sr_json_size(keys); i++)
        if (strcmp(sr_json_text(sr_json_member(sr_json_item(keys, i), "room")), room) == 0)
            return sr_json_item(keys, i);
    fail_msg("no room %s in keys.json", room);
    return NULL;
}

kdf_schedule *support_room(const char *room)
{
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    SR_JSON(keys);
    kdf_schedule *schedule = NULL;
    sr_uuid id;
    keys = support_vectors("keys.json");
    const sr_json *entry = find_room(keys, room);
    const char *text = sr_json_text(sr_json_member(entry, "secret_b64"));
    const char *given = sr_json_text(sr_json_member(entry, "collaboration_id_given"));
    check_ok(secret_from_text(&secret, sr_slice_text(text), &err), &err);
    check_ok(sr_uuid_parse(&id, given, &err), &err);
    check_ok(kdf_schedule_new(&schedule, secret, &id, &err), &err);
    return schedule;
}

void support_hex(sr_buf *out, const char *hex)
{
    sr_err err = SR_ERR_INIT;
    uint8_t *bytes = NULL;
    sr_slice text = sr_slice_text(hex);
    out->len = 0;
    if (text.len == 0)
        return;
    check_ok(sr_buf_extend(out, &bytes, text.len / 2, &err), &err);
    check_ok(sr_hex_decode(bytes, text.len / 2, text, &err), &err);
}

void check_hex(sr_slice bytes, const char *hex)
{
    SR_TEXT(actual);
    actual = sr_alloc(2 * bytes.len + 1);
    sr_hex_encode(actual, bytes);
    check_text(actual, hex);
}

bool support_value(sr_buf *out, const sr_json *vector)
{
    sr_err err = SR_ERR_INIT;
    const sr_json *value = sr_json_member(vector, "value");
    const sr_json *repeat = sr_json_member(vector, "value_repeat");
    out->len = 0;
    if (sr_json_kind_of(value) == SR_JSON_TEXT)
        check_ok(sr_buf_append_text(out, sr_json_text(value), &err), &err);
    for (int64_t i = sr_json_int(sr_json_member(repeat, "count")); i > 0; i--)
        check_ok(sr_buf_append_text(out, sr_json_text(sr_json_member(repeat, "unit")), &err), &err);
    return sr_json_kind_of(value) == SR_JSON_TEXT || sr_json_kind_of(repeat) == SR_JSON_OBJECT;
}

cell_input support_input(const char *text)
{
    return (cell_input){.value = sr_slice_text(text), .null = text == NULL};
}

cell_input support_cell(const cell_batch *batch, size_t index)
{
    return (cell_input){.value = cell_batch_view(batch, index),
                        .null = cell_batch_is_null(batch, index)};
}
