#include <inttypes.h>

#include "../link/link.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row table_versions_options[] = {
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result print_version(output *table, const room_version *version, sr_err *err)
{
    SR_TEXT(number);
    SR_TEXT(rows);
    SR_TEXT(appended);
    sr_time_text uploaded = sr_time_print(version->uploaded_us);
    sr_time_text deleted = sr_time_print(version->deleted_us);
    number = sr_text_printf("%" PRIu32, version->version);
    rows = sr_text_printf("%" PRIu64, version->rows);
    appended = version->appended_to == 0 ? sr_text_copy("")
                                         : sr_text_printf("%" PRIu32, version->appended_to);
    const char *const cells[] = {number,        room_version_state_name(version->state),
                                 rows,          appended,
                                 uploaded.text, version->deleted_us == 0 ? "" : deleted.text};
    return output_texts(table, cells, err);
}

static sr_result print_versions(const link_versions *list, output_form form, sr_err *err)
{
    static const output_column headers[] = {
        {"version", OUTPUT_NUMBER},     {"state", OUTPUT_TEXT},    {"rows", OUTPUT_NUMBER},
        {"appended to", OUTPUT_NUMBER}, {"uploaded", OUTPUT_TEXT}, {"deleted", OUTPUT_TEXT}};
    OUTPUT(table);
    table = output_new(form, headers, sizeof headers / sizeof headers[0]);
    for (size_t i = 0; i < list->count; i++)
        if (print_version(table, &list->items[i], err) != SR_OK)
            return SR_FAIL;
    return output_finish(table, stdout, err);
}

static sr_result run_table_versions(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    const char *name = NULL;
    link_versions list SR_CLEANUP(link_versions_clear) = {NULL, 0};
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&name, given, 0, "table", err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_version_list(&list, here.link, here.collaboration, name, err) != SR_OK)
        return SR_FAIL;
    return print_versions(&list, form, err);
}

const command_row command_table_versions = {
    .noun = "table",
    .verb = "versions",
    .line = "list the versions of your table",
    .usage = "TABLE [--collab NAME]",
    .about =
        "Lists every version that your table ever had, newest first.\n"
        "\n"
        "  current   what queries see\n"
        "  kept      an earlier one: no query sees it; delete it when you need it no longer\n"
        "  erasing   deleted; its rows leave the server's files when others are done with them\n"
        "  erased    deleted; its rows are in no file of the server (backups keep what they have)\n"
        "\n"
        "  sealroom table versions customers",
    .options = table_versions_options,
    .arguments = 1,
    .run = run_table_versions,
};
