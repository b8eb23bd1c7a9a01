#include <inttypes.h>

#include "../link/link.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"
#include "table_print.h"

static const option_row table_list_options[] = {
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result print_json(const link_tables *list, sr_err *err)
{
    SR_JSON(document);
    document = sr_json_object_new();
    sr_json *tables = sr_json_array_new();
    sr_result result = SR_OK;
    for (size_t i = 0; i < list->count && result == SR_OK; i++)
    {
        sr_json *table = NULL;
        result = table_to_json(&table, &list->items[i], NULL, err);
        if (result == SR_OK)
            sr_json_add_take(tables, table);
    }
    sr_json_set_take(document, "tables", tables);
    return result == SR_OK ? output_document(document, stdout, err) : SR_FAIL;
}

static sr_result print_list(const link_tables *list, output_form form, sr_err *err)
{
    static const output_column headers[] = {{"table", OUTPUT_TEXT},     {"owner", OUTPUT_TEXT},
                                            {"version", OUTPUT_NUMBER}, {"columns", OUTPUT_NUMBER},
                                            {"rule", OUTPUT_TEXT},      {"uploaded", OUTPUT_TEXT}};
    OUTPUT(table);
    table = output_new(form, headers, 6);
    for (size_t i = 0; i < list->count; i++)
    {
        const room_table *item = &list->items[i];
        SR_TEXT(version);
        SR_TEXT(columns);
        sr_time_text uploaded = sr_time_print(item->uploaded_us);
        version = sr_text_printf("%" PRIu32, item->version);
        columns = sr_text_printf("%zu", item->column_count);
        const char *const cells[] = {item->name,
                                     item->owner,
                                     version,
                                     columns,
                                     item->rule_json == NULL ? "none yet" : "set",
                                     uploaded.text};
        if (output_texts(table, cells, err) != SR_OK)
            return SR_FAIL;
    }
    return output_finish(table, stdout, err);
}

static sr_result run_table_list(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    link_tables list SR_CLEANUP(link_tables_clear) = {NULL, 0};
    if (online_form(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_table_list(&list, here.link, here.collaboration, err) != SR_OK)
        return SR_FAIL;
    return form == OUTPUT_JSON ? print_json(&list, err) : print_list(&list, form, err);
}

const command_row command_table_list = {
    .noun = "table",
    .verb = "list",
    .line = "list the tables of a collaboration",
    .usage = "[--collab NAME]",
    .about = "Lists every member's tables in a collaboration.\n"
             "\n"
             "  sealroom table list --collab spring",
    .options = table_list_options,
    .arguments = 0,
    .run = run_table_list,
};
