#include <inttypes.h>
#include <stdio.h>

#include "../upload_table.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row table_upload_options[] = {
    {"schema", NULL, 's', OPTION_TEXT, "FILE", "which column becomes what (see `sealroom schema`)"},
    ONLINE_SECRET_OPTIONS,
    ONLINE_COLLAB_OPTION,
    {"encrypted", NULL, 0, OPTION_FLAG, NULL,
     "FILE is encrypted already (by `sealroom encrypt` or c3r-cli)"},
    {"append", NULL, 0, OPTION_FLAG, NULL,
     "add to the rows of the current version (default: replace them)"},
    {"allow", NULL, 0, OPTION_LIST, "COLUMN",
     "only these columns may occur in queries (repeat; default: all)"},
    {"csvInputNULLValue", NULL, 'r', OPTION_TEXT, "TEXT", "text that stands for NULL in the input"},
    {"memory", NULL, 0, OPTION_TEXT, "SIZE",
     "memory to use (default 128M); the rest is sealed on disk"},
    {"threads", NULL, 0, OPTION_TEXT, "N", "threads (default: one for each processor)"},
    {"tempDir", NULL, 'd', OPTION_TEXT, "DIR",
     "folder for scratch files (default: $TMPDIR or /tmp)"},
    {"quiet", NULL, 'q', OPTION_FLAG, NULL, "no progress line"},
    ONLINE_OPTIONS,
    COMMON_END,
};

typedef struct
{
    online here;
    table_schema schema;
    room_collaboration room;
    kdf_schedule *keys;
    progress *progress;
    const char **allowed;
    upload_table_options options;
} job;

static void job_clear(job *self)
{
    sr_free(self->allowed);
    progress_clear(&self->progress);
    kdf_schedule_clear(&self->keys);
    room_collaboration_clear(&self->room);
    schema_clear(&self->schema);
    online_clear(&self->here);
}

static sr_result read_limits(job *self, const options *given, sr_err *err)
{
    uint64_t memory = 0;
    uint64_t threads = 0;
    if (options_size(given, "memory", 0, ENCRYPT_MEMORY_MIN, &memory, err) != SR_OK ||
        options_number(given, "threads", 0, 1, 64, &threads, err) != SR_OK)
        return SR_FAIL;
    self->options.encrypt.memory = (size_t)memory;
    self->options.encrypt.threads = (size_t)threads;
    self->options.encrypt.scratch = options_text(given, "tempDir");
    self->options.encrypt.null_text = options_text(given, "csvInputNULLValue");
    return SR_OK;
}

static sr_result read_arguments(job *self, const options *given, sr_err *err)
{
    const char *schema = NULL;
    size_t count = options_list_size(given, "allow");
    self->options.append = options_flag(given, "append");
    if (online_argument(&self->options.table, given, 0, "table", err) != SR_OK ||
        online_argument(&self->options.encrypt.input, given, 1, "file", err) != SR_OK ||
        options_required(given, "schema", &schema, err) != SR_OK ||
        read_limits(self, given, err) != SR_OK ||
        model_table_name_check(self->options.table, err) != SR_OK ||
        schema_load(&self->schema, schema, false, err) != SR_OK)
        return SR_FAIL;
    if (count == 0)
        return SR_OK;
    self->allowed = sr_array(count, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        self->allowed[i] = options_list_item(given, "allow", i);
    self->options.allowed = self->allowed;
    self->options.allowed_count = count;
    return SR_OK;
}

static bool needs_keys(const table_schema *schema)
{
    for (size_t i = 0; i < schema->count; i++)
        if (column_type_of(schema->columns[i].type)->is_encrypted)
            return true;
    return false;
}

/* Settings come from the collaboration; a schema that says otherwise was made for another one. */
static sr_result enter(job *self, const options *given, sr_err *err)
{
    encrypt_options *encrypt = &self->options.encrypt;
    if (online_open(&self->here, given, ROLE_BIT(ROLE_OWNER), err) != SR_OK)
        return SR_FAIL;
    online_choose(&self->here, given);
    if (link_collaboration_get(&self->room, self->here.link, self->here.collaboration, err) !=
        SR_OK)
        return SR_FAIL;
    encrypt->flags = self->room.flags;
    if (self->schema.has_flags &&
        flags_to_byte(&self->schema.flags) != flags_to_byte(&self->room.flags))
        return sr_fail(err, SR_E_STATE,
                       "the schema's \"flags\" are not the settings of collaboration \"%s\"",
                       self->room.name);
    if (schema_check_flags(&self->schema, &encrypt->flags, err) != SR_OK)
        return SR_FAIL;
    if (needs_keys(&self->schema) && online_keys(&self->keys, given, &self->room.id, err) != SR_OK)
        return SR_FAIL;
    encrypt->keys = self->keys;
    encrypt->schema = &self->schema;
    encrypt->progress = self->progress;
    self->options.link = self->here.link;
    self->options.room = &self->room;
    return SR_OK;
}

static void say(const job *self, const link_committed *committed)
{
    (void)printf("%s: version %" PRIu32 " of table %s in collaboration %s, %" PRIu64 " rows\n",
                 self->options.encrypt.input, committed->version, self->options.table,
                 self->room.name, committed->rows);
    if (self->options.append)
        (void)printf("with those of the version before: %" PRIu64 " rows\n", committed->table_rows);
    for (size_t i = 0; i < committed->warning_count; i++)
        command_warn("%s", committed->warnings[i]);
    if (committed->version == 1)
        (void)printf("Nobody can ask about it before you set its rule: sealroom table rule %s "
                     "RULE.json\n",
                     self->options.table);
}

static sr_result run_table_upload(const options *given, sr_err *err)
{
    job self SR_CLEANUP(job_clear) = {.keys = NULL};
    link_committed committed SR_CLEANUP(link_committed_clear) = {0};
    self.progress = progress_new(options_flag(given, "quiet"));
    if (read_arguments(&self, given, err) != SR_OK || enter(&self, given, err) != SR_OK)
        return SR_FAIL;
    sr_result result = options_flag(given, "encrypted")
                           ? upload_table_encrypted(&committed, &self.options, err)
                           : upload_table_plain(&committed, &self.options, err);
    progress_end(self.progress);
    if (result != SR_OK)
        return SR_FAIL;
    say(&self, &committed);
    return SR_OK;
}

const command_row command_table_upload = {
    .noun = "table",
    .verb = "upload",
    .line = "encrypt a table and upload it",
    .usage = "TABLE FILE --schema FILE [--collab NAME] [--encrypted]",
    .about =
        "Encrypts a CSV file column by column, as its schema says, while it uploads, or uploads a\n"
        "file that is encrypted already. The collaboration's id and settings come from the "
        "server,\n"
        "the secret from --secret-file, --secret-fd or the environment. Nothing is visible to\n"
        "anybody until the whole table has arrived. Uploading again makes a new version: it "
        "replaces\n"
        "the rows for every query from then on, or adds to them with --append. Earlier versions\n"
        "stay stored, unseen, until you delete them (`sealroom table versions`, `table delete`).\n"
        "\n"
        "  sealroom table upload customers customers.csv --schema customers.json \\\n"
        "      --secret-file secret.key\n"
        "\n"
        "Cleartext columns can be read by the server's operator. Give numbers and dates a\n"
        "\"dataType\" in the schema, so that they can be summed.",
    .options = table_upload_options,
    .arguments = 2,
    .run = run_table_upload,
};
