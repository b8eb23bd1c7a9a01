#include "config.h"

#include "base/file.h"
#include "base/json.h"

enum
{
    FAULTS_MOST = 800, /* bytes of an error text */
    MEBIBYTE = 1024 * 1024,
    MEMORY_DEFAULT = 2048, /* MiB */
    CALLS_DEFAULT = 64,
    QUERY_SECONDS_DEFAULT = 3600,
    GRACE_SECONDS_DEFAULT = 10,
};

void server_config_clear(server_config *config)
{
    sr_free(config->listen);
    sr_free(config->ca);
    sr_free(config->certificate);
    sr_free(config->key);
    sr_free(config->data_folder);
    sr_free(config->key_folder);
    *config = (server_config){.listen = NULL};
}

/* Reading goes on after a fault, so that all of them are told. */
typedef struct
{
    const sr_json *document;
    const char *folder; /* of the file */
    sr_buf faults;
} reading;

static void reading_clear(reading *from)
{
    sr_buf_clear(&from->faults);
}

static void note_fault(reading *from, const char *text)
{
    sr_err full = SR_ERR_INIT;
    if (sr_buf_printf(&from->faults, &full, "%s%s", from->faults.len == 0 ? "" : "; ", text) !=
        SR_OK)
        sr_err_reset(&full); /* enough faults have been told */
}

static void read_text(char **out, reading *from, const char *key)
{
    sr_err err = SR_ERR_INIT;
    const char *text = NULL;
    if (sr_json_get_text(from->document, key, true, &text, &err) == SR_OK)
        *out = sr_text_copy(text);
    else
        note_fault(from, err.text);
}

static void read_path(char **out, reading *from, const char *key, bool must_exist)
{
    SR_TEXT(given);
    SR_TEXT(fault);
    read_text(&given, from, key);
    if (given == NULL)
        return;
    *out = sr_path_join(from->folder, given);
    if (!must_exist || sr_file_exists(*out))
        return;
    fault = sr_text_printf("%s: %s is not there", key, *out);
    note_fault(from, fault);
}

static int64_t read_number(reading *from, const char *key, int64_t otherwise, int64_t least,
                           int64_t most)
{
    sr_err err = SR_ERR_INIT;
    int64_t value = otherwise;
    if (sr_json_get_int(from->document, key, false, least, most, &value, &err) != SR_OK)
        note_fault(from, err.text);
    return value;
}

static void read_log_level(log_level *out, reading *from)
{
    sr_err err = SR_ERR_INIT;
    const char *name = "info";
    if (sr_json_get_text(from->document, "logLevel", false, &name, &err) != SR_OK ||
        log_level_parse(out, name, &err) != SR_OK)
    {
        sr_fail_in(&err, "logLevel");
        note_fault(from, err.text);
    }
}

static void check_names(reading *from)
{
    static const char *const allowed[] = {"listen",
                                          "ca",
                                          "certificate",
                                          "key",
                                          "dataFolder",
                                          "keyFolder",
                                          "threads",
                                          "maxCalls",
                                          "queryTimeLimitSeconds",
                                          "stopGraceSeconds",
                                          "logLevel",
                                          "memoryLimitMegabytes",
                                          NULL};
    sr_err err = SR_ERR_INIT;
    if (sr_json_only(from->document, allowed, &err) != SR_OK)
        note_fault(from, err.text);
}

static void check_private(reading *from, const char *path)
{
    sr_err err = SR_ERR_INIT;
    if (path != NULL && sr_file_exists(path) && sr_file_check_private(path, &err) != SR_OK)
        note_fault(from, err.text);
}

static void read_all(server_config *out, reading *from)
{
    check_names(from);
    read_text(&out->listen, from, "listen");
    read_path(&out->ca, from, "ca", true);
    read_path(&out->certificate, from, "certificate", true);
    read_path(&out->key, from, "key", true);
    read_path(&out->data_folder, from, "dataFolder", false);
    read_path(&out->key_folder, from, "keyFolder", true);
    check_private(from, out->key);
    check_private(from, out->key_folder);
    out->memory_limit =
        (uint64_t)read_number(from, "memoryLimitMegabytes", MEMORY_DEFAULT, 64, 1 << 20) * MEBIBYTE;
    out->threads = (unsigned)read_number(from, "threads", 0, 0, 1024);
    out->max_calls = (unsigned)read_number(from, "maxCalls", CALLS_DEFAULT, 4, 4096);
    out->query_ms = 1000 * (unsigned)read_number(from, "queryTimeLimitSeconds",
                                                 QUERY_SECONDS_DEFAULT, 1, 86400);
    out->stop_grace_ms =
        1000 * (unsigned)read_number(from, "stopGraceSeconds", GRACE_SECONDS_DEFAULT, 0, 3600);
    read_log_level(&out->log_level, from);
}

sr_result server_config_load(server_config *out, const char *path, sr_err *err)
{
    SR_JSON(document);
    SR_TEXT(folder);
    SERVER_CONFIG(made);
    reading from SR_CLEANUP(reading_clear) = {.document = NULL};
    *out = (server_config){.listen = NULL};
    if (sr_json_parse_file(&document, path, err) != SR_OK)
        return SR_FAIL;
    folder = sr_path_folder(path);
    from.document = document;
    from.folder = folder;
    sr_buf_init(&from.faults, FAULTS_MOST);
    read_all(&made, &from);
    if (from.faults.len > 0)
        return sr_fail(err, SR_E_INVALID, "%s: %.*s", path, (int)from.faults.len,
                       (const char *)from.faults.data);
    *out = made;
    made = (server_config){.listen = NULL};
    return SR_OK;
}
