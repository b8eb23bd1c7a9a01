#include "../encrypt.h"

#include <inttypes.h>
#include <string.h>

#include "../csv_sink.h"
#include "base/file.h"
#include "cmd.h"
#include "common.h"
#include "settings.h"

static const option_row encrypt_option_table[] = {
    {"schema", NULL, 's', OPTION_TEXT, "FILE", "which column becomes what (see `sealroom schema`)"},
    COMMON_KEY_OPTIONS,
    SETTINGS_COLLAB_OPTION,
    ONLINE_OPTIONS,
    {"flags", NULL, 0, OPTION_TEXT, "FILE",
     "the collaboration's four settings, unless the schema has them"},
    {"output", NULL, 'o', OPTION_TEXT, "FILE",
     "where to write; default: INPUT's name with .out before the extension"},
    {"overwrite", NULL, 'f', OPTION_FLAG, NULL, "replace an output that exists"},
    {"dryRun", NULL, 'n', OPTION_FLAG, NULL, "read and check everything, write nothing"},
    COMMON_CSV_OPTIONS,
    {"memory", NULL, 0, OPTION_TEXT, "SIZE",
     "memory to use (default 128M); the rest is sealed on disk"},
    {"threads", NULL, 0, OPTION_TEXT, "N", "threads (default: one for each processor)"},
    {"tempDir", NULL, 'd', OPTION_TEXT, "DIR",
     "folder for scratch files (default: $TMPDIR or /tmp)"},
    {"quiet", NULL, 'q', OPTION_FLAG, NULL, "no progress line"},
    {"parquetBinaryAsString", NULL, 0, OPTION_IGNORED, "true|false", NULL},
    COMMON_C3R_OPTIONS,
    COMMON_END,
};

typedef struct
{
    table_schema schema;
    kdf_schedule *keys;
    char *output;
    progress *progress;
    encrypt_options options;
} plan;

static void plan_clear(plan *p)
{
    schema_clear(&p->schema);
    kdf_schedule_clear(&p->keys);
    sr_free(p->output);
    progress_clear(&p->progress);
}

static bool needs_keys(const table_schema *schema)
{
    bool any = false;
    for (size_t i = 0; i < schema->count; i++)
        any = any || column_type_of(schema->columns[i].type)->is_encrypted;
    return any;
}

static sr_result check_scratch(const char *folder, sr_err *err)
{
    SR_FD(fd);
    return folder == NULL ? SR_OK : sr_scratch_open(&fd, folder, err);
}

static sr_result read_limits(plan *p, const options *given, sr_err *err)
{
    uint64_t memory = 0;
    uint64_t threads = 0;
    if (options_size(given, "memory", 0, ENCRYPT_MEMORY_MIN, &memory, err) != SR_OK ||
        options_number(given, "threads", 0, 1, 64, &threads, err) != SR_OK)
        return SR_FAIL;
    p->options.memory = (size_t)memory;
    p->options.threads = (size_t)threads;
    p->options.scratch = options_text(given, "tempDir");
    return check_scratch(p->options.scratch, err);
}

/* Everything that can be known before the table is opened. */
static sr_result make_plan(plan *p, const options *given, sr_err *err)
{
    encrypt_options *o = &p->options;
    const char *schema = NULL;
    collaboration_settings settings;
    o->c3r_compat = options_flag(given, "c3r-compat");
    o->null_text = options_text(given, "csvInputNULLValue");
    if (common_input(given, &o->input, err) != SR_OK ||
        options_required(given, "schema", &schema, err) != SR_OK ||
        read_limits(p, given, err) != SR_OK || common_format(given, o->input, err) != SR_OK ||
        schema_load(&p->schema, schema, o->c3r_compat, err) != SR_OK ||
        settings_find(&settings, given, &p->schema, err) != SR_OK)
        return SR_FAIL;
    o->flags = settings.flags;
    if (needs_keys(&p->schema) && online_keys(&p->keys, given, &settings.id, err) != SR_OK)
        return SR_FAIL;
    if (schema_check_flags(&p->schema, &o->flags, err) != SR_OK)
        return sr_fail_in(err, "%s", schema);
    o->schema = &p->schema;
    o->keys = p->keys;
    p->output = options_text(given, "output") == NULL ? common_output_name(o->input)
                                                      : sr_text_copy(options_text(given, "output"));
    p->progress = progress_new(options_flag(given, "quiet"));
    o->progress = p->progress;
    return SR_OK;
}

static sr_result run_dry(const plan *p, const options *given, sr_err *err)
{
    encrypt_report report;
    bool taken = strcmp(p->output, "-") != 0 && sr_file_exists(p->output);
    if (taken && !options_flag(given, "overwrite"))
        return sr_fail(err, SR_E_EXISTS, "%s: exists already; --overwrite replaces it", p->output);
    if (encrypt_table(&report, &p->options, NULL, err) != SR_OK)
        return SR_FAIL;
    progress_end(p->progress);
    common_warn_of_rows(p->options.input, &report.input, p->options.c3r_compat);
    common_say(false, "%s: %" PRIu64 " rows can be encrypted as %zu columns; nothing was written",
               p->options.input, report.rows, p->schema.count);
    return SR_OK;
}

static sr_result run_encrypt(const options *given, sr_err *err)
{
    plan p SR_CLEANUP(plan_clear) = {.keys = NULL};
    CSV_SINK(sink);
    encrypt_report report;
    if (make_plan(&p, given, err) != SR_OK)
        return SR_FAIL;
    if (options_flag(given, "dryRun"))
        return run_dry(&p, given, err);
    if (csv_sink_new(&sink, p.output, options_flag(given, "overwrite"),
                     options_text(given, "csvOutputNULLValue"), err) != SR_OK)
        return SR_FAIL;
    encrypt_sink functions = csv_sink_functions(sink);
    sr_result result = encrypt_table(&report, &p.options, &functions, err);
    progress_end(p.progress);
    if (result != SR_OK)
        return SR_FAIL;
    common_warn_of_rows(p.options.input, &report.input, p.options.c3r_compat);
    common_say(strcmp(p.output, "-") == 0, "%s: %" PRIu64 " rows encrypted into %s",
               p.options.input, report.rows, p.output);
    return SR_OK;
}

const command_row command_encrypt = {
    .noun = "encrypt",
    .verb = "",
    .line = "encrypt the columns of a CSV file that a schema marks",
    .usage = "INPUT --schema FILE (--collab NAME | --id UUID --flags FILE) [options]",
    .about =
        "Reads a CSV file, makes the columns that the schema names, and writes them with the rows "
        "in\n"
        "random order. The file that comes out can be uploaded, or read by AWS's c3r-cli. The\n"
        "collaboration's id and settings are asked of the server (--collab), or given off-line "
        "(--id\n"
        "and --flags). The secret comes from --secret-file, --secret-fd or the environment\n"
        "(SEALROOM_SHARED_SECRET, else C3R_SHARED_SECRET); make one with `sealroom keys new`.\n"
        "\n"
        "  sealroom encrypt customers.csv --schema customers.json --collab spring \\\n"
        "      --secret-file room.key\n"
        "  sealroom encrypt customers.csv --schema customers.json --flags flags.json \\\n"
        "      --id 12345678-1234-1234-1234-1234567890ab --secret-file room.key\n"
        "\n"
        "Memory is bounded whatever the size of the file; nothing of it is on disk in clear.",
    .options = encrypt_option_table,
    .arguments = 1,
    .run = run_encrypt,
};
