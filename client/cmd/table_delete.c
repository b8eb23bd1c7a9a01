#include <inttypes.h>
#include <stdio.h>

#include "../link/link.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row table_delete_options[] = {
    {"version", NULL, 0, OPTION_TEXT, "N",
     "this version alone; if it is the current one, the one before it is current again"},
    {"old", NULL, 0, OPTION_FLAG, NULL, "all versions but the current one"},
    {"yes", NULL, 'y', OPTION_FLAG, NULL, "do it; without this, only tell what would be deleted"},
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    COMMON_END,
};

typedef struct
{
    online here;
    const char *table;
    link_deletion what;
    uint32_t version;
} job;

static void job_clear(job *self)
{
    online_clear(&self->here);
}

static sr_result read_arguments(job *self, const options *given, sr_err *err)
{
    uint64_t version = 0;
    bool one = options_text(given, "version") != NULL;
    if (online_argument(&self->table, given, 0, "table", err) != SR_OK ||
        options_number(given, "version", 0, 1, UINT32_MAX, &version, err) != SR_OK)
        return SR_FAIL;
    if (one && options_flag(given, "old"))
        return sr_fail(err, SR_E_USAGE, "--version and --old: give one of them");
    self->version = (uint32_t)version;
    self->what = one                          ? LINK_DELETE_VERSION
                 : options_flag(given, "old") ? LINK_DELETE_OLD
                                              : LINK_DELETE_TABLE;
    return SR_OK;
}

/* ---- without --yes --------------------------------------------------------------------------- */

static bool is_meant(const job *self, const room_version *version)
{
    if (version->deleted_us != 0)
        return false;
    return self->what == LINK_DELETE_TABLE ||
           (self->what == LINK_DELETE_VERSION && version->version == self->version) ||
           (self->what == LINK_DELETE_OLD && version->state == ROOM_VERSION_KEPT);
}

static sr_result preview(job *self, sr_err *err)
{
    link_versions list SR_CLEANUP(link_versions_clear) = {NULL, 0};
    size_t meant = 0;
    if (link_version_list(&list, self->here.link, self->here.collaboration, self->table, err) !=
        SR_OK)
        return SR_FAIL;
    for (size_t i = list.count; i-- > 0;)
    {
        const room_version *version = &list.items[i];
        if (!is_meant(self, version))
            continue;
        meant++;
        (void)printf("would delete version %" PRIu32 " of %s, %" PRIu64 " rows (%s)\n",
                     version->version, self->table, version->rows,
                     room_version_state_name(version->state));
    }
    if (self->what == LINK_DELETE_TABLE)
        (void)printf("would delete table %s itself, with its rule; its audit records stay\n",
                     self->table);
    if (meant == 0)
        (void)puts("there is nothing to delete");
    else
        (void)puts("Nothing was deleted yet. To do it, add --yes; it cannot be undone.");
    return SR_OK;
}

/* ---- with it --------------------------------------------------------------------------------- */

static sr_result delete_now(job *self, sr_err *err)
{
    link_deleted deleted SR_CLEANUP(link_deleted_clear) = {NULL, 0, false};
    if (link_table_delete(&deleted, self->here.link, self->here.collaboration, self->table,
                          self->what, self->version, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < deleted.count; i++)
        (void)printf("deleted version %" PRIu32 " of %s\n", deleted.versions[i], self->table);
    if (self->what == LINK_DELETE_TABLE)
        (void)printf("deleted table %s; its audit records stay\n", self->table);
    if (deleted.count == 0)
        (void)puts("there was nothing to delete");
    else if (deleted.erased)
        (void)puts("The rows are erased from the server's files. Backups keep what they have.");
    else
        (void)puts(
            "No query sees the rows any more. They are not erased yet: others work with the "
            "file, or it\ncould not be rewritten; the server does it when they end, or at its "
            "next start. See\n`sealroom audit list`: ROWS_ERASED.");
    return SR_OK;
}

static sr_result run_table_delete(const options *given, sr_err *err)
{
    job self SR_CLEANUP(job_clear) = {.table = NULL};
    if (read_arguments(&self, given, err) != SR_OK ||
        online_open(&self.here, given, ROLE_BIT(ROLE_OWNER), err) != SR_OK)
        return SR_FAIL;
    online_choose(&self.here, given);
    return options_flag(given, "yes") ? delete_now(&self, err) : preview(&self, err);
}

const command_row command_table_delete = {
    .noun = "table",
    .verb = "delete",
    .line = "delete your table, or versions of it, and erase the rows",
    .usage = "TABLE [--version N | --old] [--yes] [--collab NAME]",
    .about =
        "Deletes your table with all its versions and its rule, or only some versions. From then "
        "on\n"
        "no query sees them, and the server rewrites its file without their rows; it waits a "
        "minute\n"
        "for others who work with that file, else it does so when they end. The audit log records\n"
        "both: TABLE_DELETED, and ROWS_ERASED when no file of the server holds the rows any more.\n"
        "The table's name stays yours.\n"
        "\n"
        "  sealroom table delete customers --old             what would go\n"
        "  sealroom table delete customers --old --yes       all versions but the current one\n"
        "  sealroom table delete customers --version 7 --yes undo a wrong upload\n"
        "  sealroom table delete customers --yes             everything",
    .options = table_delete_options,
    .arguments = 1,
    .run = run_table_delete,
};
