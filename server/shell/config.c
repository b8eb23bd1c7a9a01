#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "rpc/address.h"

enum
{
    KIBIBYTE_BITS = 10,
    SECOND_MS = 1000,
    MEMBERS_AT_LEAST = 4, /* how many it takes to use all calls that may run at once */
};

static const uint64_t memory_least = UINT64_C(64) << 20;
static const uint64_t size_most = UINT64_C(16) << 40;

void server_config_clear(server_config *config)
{
    sr_free(config->listen);
    sr_free(config->ca);
    sr_free(config->certificate);
    sr_free(config->key);
    sr_free(config->data_folder);
    sr_free(config->key_folder);
    sr_free(config->revocation_list);
    *config = (server_config){.listen = NULL};
}

/* ---- the report ------------------------------------------------------------------------------ */

void config_report_clear(config_report *report)
{
    for (size_t i = 0; i < report->fault_count; i++)
        sr_free(report->faults[i]);
    for (size_t i = 0; i < report->advice_count; i++)
        sr_free(report->advice[i]);
    *report = (config_report){.fault_count = 0};
}

static void note_fault(config_report *report, const sr_err *err)
{
    if (report->fault_count < CONFIG_LINES_MOST)
        report->faults[report->fault_count++] = sr_text_copy(err->text);
}

static void advise(config_report *report, const char *line)
{
    if (report->advice_count < CONFIG_LINES_MOST)
        report->advice[report->advice_count++] = sr_text_copy(line);
}

/* ---- values ---------------------------------------------------------------------------------- */

static sr_result fail_size(uint64_t least, sr_err *err)
{
    return sr_fail(err, SR_E_INVALID,
                   "expected bytes, or a text such as \"512M\" or \"2G\", %s 16384G",
                   least == 0 ? "at most" : "from 64M to");
}

static int unit_bits(const char *unit)
{
    static const char units[] = "KMG";
    if (unit[0] == '\0')
        return 0;
    const char *found = strchr(units, unit[0]);
    return found == NULL || unit[1] != '\0' ? -1 : KIBIBYTE_BITS * (int)(found - units + 1);
}

static sr_result parse_size(uint64_t *out, const char *text, uint64_t least, sr_err *err)
{
    char *end = NULL;
    *out = 0;
    if (text[0] < '0' || text[0] > '9') /* strtoull takes signs and blanks */
        return fail_size(least, err);
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    int bits = unit_bits(end);
    if (errno != 0 || bits < 0 || number > size_most >> bits || number << bits < least)
        return fail_size(least, err);
    *out = number << bits;
    return SR_OK;
}

sr_result config_parse_size(uint64_t *out, const char *text, sr_err *err)
{
    return parse_size(out, text, memory_least, err);
}

/* What the fields' readers have in common. */
typedef struct
{
    const sr_json *document;
    const char *folder; /* of the file */
    server_config *out;
} reading;

typedef struct config_field config_field;
typedef sr_result (*field_reader)(const reading *from, const config_field *field, sr_err *err);

/* One row a field. `at` is its place in server_config. */
struct config_field
{
    const char *name;
    field_reader read;
    size_t at;
    int64_t least; /* of numbers, in the unit of the file; the struct has them times `scale` */
    int64_t most;
    int64_t otherwise;
    int64_t scale;
};

static void *place_of(const reading *from, const config_field *field)
{
    return (char *)from->out + field->at;
}

static sr_result read_text(char **out, const reading *from, const config_field *field, sr_err *err)
{
    const char *text = NULL;
    if (sr_json_get_text(from->document, field->name, true, &text, err) != SR_OK)
        return SR_FAIL;
    if (text[0] == '\0')
        return sr_fail(err, SR_E_INVALID, "%s: empty", field->name);
    *out = sr_text_copy(text);
    return SR_OK;
}

static sr_result read_listen(const reading *from, const config_field *field, sr_err *err)
{
    char **out = place_of(from, field);
    rpc_address address;
    if (read_text(out, from, field, err) != SR_OK)
        return SR_FAIL;
    return rpc_address_parse(&address, *out, field->name, err);
}

static sr_result read_path(const reading *from, const config_field *field, sr_err *err)
{
    SR_TEXT(given);
    char **out = place_of(from, field);
    if (read_text(&given, from, field, err) != SR_OK)
        return SR_FAIL;
    *out = sr_path_join(from->folder, given);
    return SR_OK;
}

/* A file, or with `folder` a folder, that is there. */
static sr_result check_kind(const char *path, bool folder, const config_field *field, sr_err *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
    {
        (void)sr_fail_errno(err, errno, "%s", path);
        return sr_fail_in(err, "%s", field->name);
    }
    if (folder && !S_ISDIR(status.st_mode))
        return sr_fail(err, SR_E_INVALID, "%s: %s: not a folder", field->name, path);
    if (!folder && !S_ISREG(status.st_mode))
        return sr_fail(err, SR_E_INVALID, "%s: %s: not a file", field->name, path);
    return SR_OK;
}

static sr_result read_file(const reading *from, const config_field *field, sr_err *err)
{
    char **out = place_of(from, field);
    if (read_path(from, field, err) != SR_OK)
        return SR_FAIL;
    return check_kind(*out, false, field, err);
}

static sr_result read_optional_file(const reading *from, const config_field *field, sr_err *err)
{
    if (sr_json_member(from->document, field->name) == NULL)
        return SR_OK;
    return read_file(from, field, err);
}

static sr_result check_private(const char *path, const config_field *field, sr_err *err)
{
    if (sr_file_check_private(path, err) != SR_OK)
        return sr_fail_in(err, "%s", field->name);
    return SR_OK;
}

static sr_result read_private_file(const reading *from, const config_field *field, sr_err *err)
{
    char **out = place_of(from, field);
    if (read_file(from, field, err) != SR_OK)
        return SR_FAIL;
    return check_private(*out, field, err);
}

static sr_result read_private_folder(const reading *from, const config_field *field, sr_err *err)
{
    char **out = place_of(from, field);
    if (read_path(from, field, err) != SR_OK || check_kind(*out, true, field, err) != SR_OK)
        return SR_FAIL;
    return check_private(*out, field, err);
}

/* The server makes it, but not over something else, and not over what others may open. */
static sr_result read_data_folder(const reading *from, const config_field *field, sr_err *err)
{
    char **out = place_of(from, field);
    if (read_path(from, field, err) != SR_OK)
        return SR_FAIL;
    if (!sr_file_exists(*out))
        return SR_OK;
    if (check_kind(*out, true, field, err) != SR_OK)
        return SR_FAIL;
    return check_private(*out, field, err);
}

static sr_result read_number(const reading *from, const config_field *field, sr_err *err)
{
    uint64_t *out = place_of(from, field);
    int64_t value = field->otherwise;
    if (sr_json_get_int(from->document, field->name, false, field->least, field->most, &value,
                        err) != SR_OK)
        return SR_FAIL;
    *out = (uint64_t)(value * field->scale);
    return SR_OK;
}

/* A size as a number of bytes or a text with its unit; `text` is what is taken when it is not given. */
static sr_result get_size(uint64_t *out, const sr_json *document, const char *name,
                          const char *text, uint64_t least, sr_err *err)
{
    const sr_json *given = sr_json_member(document, name);
    bool is_number = sr_json_kind_of(given) == SR_JSON_INT;
    SR_TEXT(digits);
    digits = sr_text_printf("%" PRId64, sr_json_int(given));
    if (!is_number && sr_json_get_text(document, name, false, &text, err) != SR_OK)
        return SR_FAIL;
    if (parse_size(out, is_number ? digits : text, least, err) != SR_OK)
        return sr_fail_in(err, "%s", name);
    return SR_OK;
}

static sr_result read_size(const reading *from, const config_field *field, sr_err *err)
{
    return get_size(place_of(from, field), from->document, field->name, "2G", memory_least, err);
}

static sr_result read_log_level(const reading *from, const config_field *field, sr_err *err)
{
    const char *name = "info";
    if (sr_json_get_text(from->document, field->name, false, &name, err) != SR_OK)
        return SR_FAIL;
    if (log_level_parse(place_of(from, field), name, err) != SR_OK)
        return sr_fail_in(err, "%s", field->name);
    return SR_OK;
}

static sr_result read_log_format(const reading *from, const config_field *field, sr_err *err)
{
    const char *name = "text";
    if (sr_json_get_text(from->document, field->name, false, &name, err) != SR_OK)
        return SR_FAIL;
    if (log_format_parse(place_of(from, field), name, err) != SR_OK)
        return sr_fail_in(err, "%s", field->name);
    return SR_OK;
}

/* ---- the fields ------------------------------------------------------------------------------ */

#define PLACE(member) .at = offsetof(server_config, member)

static const config_field fields[] = {
    {"listen", read_listen, PLACE(listen)},
    {"ca", read_file, PLACE(ca)},
    {"certificate", read_file, PLACE(certificate)},
    {"key", read_private_file, PLACE(key)},
    {"dataFolder", read_data_folder, PLACE(data_folder)},
    {"keyFolder", read_private_folder, PLACE(key_folder)},
    {"revocationList", read_optional_file, PLACE(revocation_list)},
    {"memoryLimit", read_size, PLACE(memory_limit)},
    {"threads", read_number, PLACE(threads), 0, 1024, 0, 1},
    {"maxCalls", read_number, PLACE(max_calls), 4, 4096, 64, 1},
    {"overlapLeastMinimum", read_number, PLACE(overlap_least_minimum), 0, 1000000000, 10, 1},
    {"queryTimeLimitSeconds", read_number, PLACE(query_ms), 1, 86400, 3600, SECOND_MS},
    {"erasePatienceSeconds", read_number, PLACE(erase_patience_ms), 1, 86400, 3600, SECOND_MS},
    {"stopGraceSeconds", read_number, PLACE(stop_grace_ms), 0, 3600, 10, SECOND_MS},
    {"logLevel", read_log_level, PLACE(log_level)},
    {"logFormat", read_log_format, PLACE(log_format)},
};

enum
{
    FIELD_COUNT = sizeof fields / sizeof fields[0],
};

/* ---- quotas ---------------------------------------------------------------------------------- */

static sr_result read_quota(const reading *from, quota_id id, sr_err *err)
{
    uint64_t *out = &from->out->quotas.limit[id];
    const char *name = quota_name(id);
    int64_t number = 0;
    *out = quota_default(id);
    if (id == QUOTA_CALLS_PER_MEMBER)
        *out = from->out->max_calls / MEMBERS_AT_LEAST;
    if (sr_json_member(from->document, name) == NULL)
        return SR_OK;
    if (quota_is_size(id))
        return get_size(out, from->document, name, "0", 0, err);
    if (sr_json_get_int(from->document, name, false, 0, INT64_MAX, &number, err) != SR_OK)
        return SR_FAIL;
    *out = (uint64_t)number;
    return SR_OK;
}

static void read_quotas(const reading *from, config_report *report)
{
    for (int id = 0; id < QUOTA_COUNT_; id++)
    {
        sr_err fault = SR_ERR_INIT;
        if (read_quota(from, (quota_id)id, &fault) != SR_OK)
            note_fault(report, &fault);
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_field(const char *name)
{
    for (int id = 0; id < QUOTA_COUNT_; id++)
        if (strcmp(quota_name((quota_id)id), name) == 0)
            return true;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].name, name) == 0)
            return true;
    return false;
}

static void judge_names(config_report *report, const sr_json *document)
{
    for (size_t i = 0; i < sr_json_size(document); i++)
    {
        sr_err err = SR_ERR_INIT;
        const char *name = sr_json_key_at(document, i);
        if (is_field(name))
            continue;
        (void)sr_fail(&err, SR_E_INVALID, "%s: there is no such field", name);
        note_fault(report, &err);
    }
}

/* ---- advice ---------------------------------------------------------------------------------- */

/* Symbolic links followed; a path that is not there yet lies nowhere. */
static bool lies_inside(const char *inner, const char *outer)
{
    char inner_real[PATH_MAX];
    char outer_real[PATH_MAX];
    if (realpath(inner, inner_real) == NULL || realpath(outer, outer_real) == NULL)
        return false;
    size_t len = strlen(outer_real);
    return strncmp(inner_real, outer_real, len) == 0 &&
           (inner_real[len] == '/' || inner_real[len] == '\0');
}

static void give_advice(config_report *report, const server_config *config)
{
    if (config->key_folder != NULL && config->data_folder != NULL &&
        lies_inside(config->key_folder, config->data_folder))
        advise(report, "keyFolder lies inside dataFolder: whoever takes the data has the keys too; "
                       "keep it on another device");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static sr_result conclude(const config_report *report, const char *path, sr_err *err)
{
    if (report->fault_count == 0)
        return SR_OK;
    if (report->fault_count == 1)
        return sr_fail(err, SR_E_INVALID, "%s: %s", path, report->faults[0]);
    return sr_fail(err, SR_E_INVALID, "%s: %zu faults", path, report->fault_count);
}

static sr_result read_document(sr_json **out, const char *path, sr_err *err)
{
    SR_JSON(document);
    *out = NULL;
    if (sr_json_parse_file(&document, path, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_kind_of(document) != SR_JSON_OBJECT)
        return sr_fail(err, SR_E_INVALID, "%s: expected an object", path);
    *out = document;
    document = NULL;
    return SR_OK;
}

sr_result server_config_load(server_config *out, config_report *report, const char *path,
                             sr_err *err)
{
    SR_JSON(document);
    SR_TEXT(folder);
    SERVER_CONFIG(made);
    *out = (server_config){.listen = NULL};
    *report = (config_report){.fault_count = 0};
    if (read_document(&document, path, err) != SR_OK)
        return SR_FAIL;
    folder = sr_path_folder(path);
    reading from = {.document = document, .folder = folder, .out = &made};
    for (size_t i = 0; i < FIELD_COUNT; i++)
    {
        sr_err fault = SR_ERR_INIT;
        if (fields[i].read(&from, &fields[i], &fault) != SR_OK)
            note_fault(report, &fault);
    }
    read_quotas(&from, report);
    judge_names(report, document);
    give_advice(report, &made);
    if (conclude(report, path, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = (server_config){.listen = NULL};
    return SR_OK;
}

sr_result server_config_load_folders(server_config *out, const char *path, sr_err *err)
{
    static const config_field wanted[] = {
        {"dataFolder", read_data_folder, PLACE(data_folder)},
        {"keyFolder", read_data_folder, PLACE(key_folder)},
        {"memoryLimit", read_size, PLACE(memory_limit)},
        {"threads", read_number, PLACE(threads), 0, 1024, 0, 1},
    };
    SR_JSON(document);
    SR_TEXT(folder);
    SERVER_CONFIG(made);
    *out = (server_config){.listen = NULL};
    if (read_document(&document, path, err) != SR_OK)
        return SR_FAIL;
    folder = sr_path_folder(path);
    reading from = {.document = document, .folder = folder, .out = &made};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (wanted[i].read(&from, &wanted[i], err) != SR_OK)
            return sr_fail_in(err, "%s", path);
    *out = made;
    made = (server_config){.listen = NULL};
    return SR_OK;
}
