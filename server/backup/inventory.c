#include "inventory.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/uuid.h"
#include "consistency.h"

enum
{
    FORMAT_VERSION = 1,
    INVENTORY_MOST = 16 * 1024 * 1024, /* bytes; as much as is read again */
    SUM_TEXT_SIZE = 2 * DIGEST_SIZE + 1,
};

static const char format_name[] = "sealroom-backup";

void inventory_clear(inventory *about)
{
    for (size_t i = 0; i < about->file_count; i++)
        sr_free(about->files[i].name);
    sr_free(about->files);
    sr_json_free(about->collaborations);
    sr_free(about->time);
    sr_free(about->program);
    *about = (inventory){.file_count = 0};
}

void inventory_add(inventory *about, const char *name, const files_content *content)
{
    about->files =
        sr_array_grow(about->files, about->file_count, about->file_count + 1, sizeof *about->files);
    about->files[about->file_count++] =
        (inventory_file){.name = sr_text_copy(name), .content = *content};
}

bool inventory_is_key(const char *name)
{
    return strncmp(name, INVENTORY_KEYS "/", sizeof INVENTORY_KEYS) == 0;
}

char *inventory_path(const char *folder, const char *keys, const char *name)
{
    if (keys != NULL && inventory_is_key(name))
        return sr_path_join(keys, name + sizeof INVENTORY_KEYS);
    return sr_path_join(folder, name);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static void print_sum(char out[SUM_TEXT_SIZE], const digest_value *sum)
{
    sr_hex_encode(out, sr_slice_of(sum->bytes, DIGEST_SIZE));
}

/* A copy, for a parent takes its children. */
static sr_result copy_json(sr_json **out, const sr_json *node, sr_err *err)
{
    SR_BUF(text, INVENTORY_MOST);
    *out = NULL;
    if (sr_json_write(node, false, &text, err) != SR_OK)
        return SR_FAIL;
    return sr_json_parse(out, sr_buf_view(&text), err);
}

static sr_json *files_json(const inventory *about)
{
    sr_json *files = sr_json_array_new();
    for (size_t i = 0; i < about->file_count; i++)
    {
        char sum[SUM_TEXT_SIZE];
        sr_json *file = sr_json_object_new();
        print_sum(sum, &about->files[i].content.sum);
        sr_json_set_text(file, "name", about->files[i].name);
        sr_json_set_int(file, "size", (int64_t)about->files[i].content.size);
        sr_json_set_text(file, "sha256", sum);
        sr_json_add_take(files, file);
    }
    return files;
}

static sr_result content_json(sr_json **out, const inventory *about, sr_err *err)
{
    sr_json *rooms = NULL;
    *out = NULL;
    if (copy_json(&rooms, about->collaborations, err) != SR_OK)
        return SR_FAIL;
    *out = sr_json_object_new();
    sr_json_set_text(*out, "time", about->time);
    sr_json_set_text(*out, "program", about->program);
    sr_json_set_int(*out, "catalogVersion", about->catalog_version);
    sr_json_set_text(*out, "keys", about->keys_apart ? "apart" : "here");
    sr_json_set_take(*out, "collaborations", rooms);
    sr_json_set_take(*out, "files", files_json(about));
    return SR_OK;
}

static sr_result digest_content(char out[SUM_TEXT_SIZE], const sr_json *content, sr_err *err)
{
    SR_BUF(text, INVENTORY_MOST);
    if (sr_json_write_canonical(content, &text, err) != SR_OK)
        return SR_FAIL;
    digest_value sum = digest_of(sr_buf_view(&text));
    print_sum(out, &sum);
    return SR_OK;
}

sr_result inventory_write(const inventory *about, const char *folder, sr_err *err)
{
    SR_JSON(document);
    SR_BUF(text, INVENTORY_MOST);
    SR_TEXT(path);
    sr_json *content = NULL;
    char sum[SUM_TEXT_SIZE];
    path = sr_path_join(folder, INVENTORY_NAME);
    document = sr_json_object_new();
    if (content_json(&content, about, err) != SR_OK)
        return SR_FAIL;
    sr_json_set_text(document, "format", format_name);
    sr_json_set_int(document, "version", FORMAT_VERSION);
    if (digest_content(sum, content, err) != SR_OK)
    {
        sr_json_free(content);
        return sr_fail_in(err, "%s", path);
    }
    sr_json_set_text(document, "digest", sum);
    sr_json_set_take(document, "content", content);
    if (sr_json_write(document, true, &text, err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return sr_file_write(path, sr_buf_view(&text), 0600, false, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* "<uuid><ending>" in a folder, and nothing else: a name from outside must not lead outside. */
static bool is_name_in(const char *name, const char *folder, const char *ending)
{
    sr_uuid id;
    sr_err ignored = SR_ERR_INIT;
    char copy[sizeof(sr_uuid_text)];
    size_t before = strlen(folder) + 1;
    size_t all = before + sizeof copy - 1 + strlen(ending);
    if (strlen(name) != all || strncmp(name, folder, before - 1) != 0 || name[before - 1] != '/' ||
        strcmp(name + all - strlen(ending), ending) != 0)
        return false;
    sr_copy(copy, name + before, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    return sr_uuid_parse(&id, copy, &ignored) == SR_OK;
}

static bool is_name(const char *name)
{
    return strcmp(name, INVENTORY_CATALOG) == 0 ||
           is_name_in(name, CONSISTENCY_ENGINES, ".duckdb") ||
           is_name_in(name, INVENTORY_KEYS, ".key");
}

static sr_result read_file(inventory *out, const sr_json *node, sr_err *err)
{
    static const char *const fields[] = {"name", "size", "sha256", NULL};
    const char *name = NULL;
    const char *sum = NULL;
    int64_t size = 0;
    files_content content;
    if (sr_json_only(node, fields, err) != SR_OK ||
        sr_json_get_text(node, "name", true, &name, err) != SR_OK ||
        sr_json_get_int(node, "size", true, 0, INT64_MAX, &size, err) != SR_OK ||
        sr_json_get_text(node, "sha256", true, &sum, err) != SR_OK ||
        sr_hex_decode(content.sum.bytes, DIGEST_SIZE, sr_slice_text(sum), err) != SR_OK)
        return SR_FAIL;
    if (!is_name(name))
        return sr_fail(err, SR_E_CORRUPT, "names a file that no backup has");
    content.size = (uint64_t)size;
    inventory_add(out, name, &content);
    return SR_OK;
}

static sr_result read_content(inventory *out, const sr_json *content, sr_err *err)
{
    const char *text = NULL;
    const char *program = NULL;
    const char *keys = NULL;
    const sr_json *rooms = NULL;
    const sr_json *files = NULL;
    if (sr_json_get_text(content, "time", true, &text, err) != SR_OK ||
        sr_json_get_text(content, "program", true, &program, err) != SR_OK ||
        sr_json_get_int(content, "catalogVersion", true, 1, INT32_MAX, &out->catalog_version,
                        err) != SR_OK ||
        sr_json_get_text(content, "keys", true, &keys, err) != SR_OK ||
        sr_json_get_array(content, "collaborations", true, &rooms, err) != SR_OK ||
        sr_json_get_array(content, "files", true, &files, err) != SR_OK)
        return SR_FAIL;
    out->time = sr_text_copy(text);
    out->program = sr_text_copy(program);
    out->keys_apart = strcmp(keys, "apart") == 0;
    for (size_t i = 0; i < sr_json_size(files); i++)
        if (read_file(out, sr_json_item(files, i), err) != SR_OK)
            return sr_fail_in(err, "files[%zu]", i);
    return copy_json(&out->collaborations, rooms, err);
}

static sr_result read_document(inventory *out, const sr_json *document, sr_err *err)
{
    static const char *const fields[] = {"format", "version", "digest", "content", NULL};
    const char *format = NULL;
    const char *wanted = NULL;
    const sr_json *content = NULL;
    int64_t version = 0;
    char sum[SUM_TEXT_SIZE];
    if (sr_json_get_text(document, "format", true, &format, err) != SR_OK ||
        sr_json_get_int(document, "version", true, 1, INT32_MAX, &version, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(format, format_name) != 0)
        return sr_fail(err, SR_E_CORRUPT, "not a manifest of a backup");
    if (version > FORMAT_VERSION)
        return sr_fail(err, SR_E_STATE, "written in a form that is newer than this program");
    if (sr_json_only(document, fields, err) != SR_OK ||
        sr_json_get_text(document, "digest", true, &wanted, err) != SR_OK ||
        sr_json_get_object(document, "content", true, &content, err) != SR_OK ||
        digest_content(sum, content, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(sum, wanted) != 0)
        return sr_fail(err, SR_E_CORRUPT, "damaged: its digest does not fit");
    return read_content(out, content, err);
}

sr_result inventory_read(inventory *out, const char *folder, sr_err *err)
{
    SR_JSON(document);
    SR_TEXT(path);
    INVENTORY(made);
    *out = (inventory){.file_count = 0};
    path = sr_path_join(folder, INVENTORY_NAME);
    if (!sr_file_exists(path))
        return sr_fail(err, SR_E_NOT_FOUND, "%s: is not there, so this is no finished backup",
                       path);
    if (files_check(path, err) != SR_OK || sr_json_parse_file(&document, path, err) != SR_OK)
        return SR_FAIL;
    if (read_document(&made, document, err) != SR_OK)
    {
        if (err->code == SR_E_INVALID || err->code == SR_E_FORMAT)
            err->code = SR_E_CORRUPT;
        return sr_fail_in(err, "%s", path);
    }
    *out = made;
    made = (inventory){.file_count = 0};
    return SR_OK;
}
