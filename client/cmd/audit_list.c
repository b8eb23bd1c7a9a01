#include <inttypes.h>

#include "../link/link.h"
#include "../terminal.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

#include <string.h>

static const option_row audit_list_options[] = {
    {"table", NULL, 't', OPTION_TEXT, "TABLE", "only records that touch this table"},
    {"limit", NULL, 'n', OPTION_TEXT, "N", "at most so many records (default 100, at most 1000)"},
    {"before", NULL, 0, OPTION_TEXT, "NUMBER", "only older records, for paging"},
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

/* ---- JSON ------------------------------------------------------------------------------------ */

static sr_json *tables_to_json(const room_audit_record *record)
{
    sr_json *tables = sr_json_array_new();
    for (size_t i = 0; i < record->table_count; i++)
    {
        sr_json *table = sr_json_object_new();
        sr_json_set_text(table, "table", record->tables[i].table);
        sr_json_set_text(table, "owner", record->tables[i].owner);
        sr_json_set_int(table, "version", record->tables[i].version);
        sr_json_add_take(tables, table);
    }
    return tables;
}

static sr_json *record_to_json(const room_audit_record *record)
{
    sr_time_text time = sr_time_print(record->time_us);
    sr_time_text finished = sr_time_print(record->finished_us);
    sr_json *object = sr_json_object_new();
    sr_json_set_int(object, "number", (int64_t)record->number);
    sr_json_set_text(object, "time", time.text);
    sr_json_set_text(object, "member", record->who.member);
    sr_json_set_text(object, "role", role_name(record->who.role));
    sr_json_set_text(object, "certificate", record->certificate);
    sr_json_set_text(object, "action", record->action);
    sr_json_set_text(object, "query_id", record->query_id);
    sr_json_set_text(object, "text", record->text);
    sr_json_set_take(object, "tables", tables_to_json(record));
    sr_json_set_text(object, "decision", record->decision);
    sr_json_set_text(object, "status", record->status);
    sr_json_set_text(object, "reason", record->reason);
    sr_json_set_text(object, "rule_field", record->rule_field);
    sr_json_set_text(object, "rule_table", record->rule_table);
    sr_json_set_text(object, "rule_column", record->rule_column);
    sr_json_set_text(object, "finished", record->finished_us == 0 ? NULL : finished.text);
    return object;
}

static sr_result print_json(const link_audit *list, sr_err *err)
{
    SR_JSON(document);
    document = sr_json_object_new();
    sr_json *records = sr_json_array_new();
    for (size_t i = 0; i < list->count; i++)
        sr_json_add_take(records, record_to_json(&list->items[i]));
    sr_json_set_take(document, "records", records);
    return output_document(document, stdout, err);
}

/* ---- for people ------------------------------------------------------------------------------ */

static sr_result print_list(const link_audit *list, output_form form, sr_err *err)
{
    static const output_column headers[] = {{"no.", OUTPUT_NUMBER},         {"time", OUTPUT_TEXT},
                                            {"who", OUTPUT_TEXT},           {"what", OUTPUT_TEXT},
                                            {"decision", OUTPUT_TEXT},      {"status", OUTPUT_TEXT},
                                            {"reason or text", OUTPUT_TEXT}};
    OUTPUT(table);
    table = output_new(form, headers, 7);
    output_fit(table, terminal_width());
    for (size_t i = 0; i < list->count; i++)
    {
        const room_audit_record *record = &list->items[i];
        SR_TEXT(number);
        SR_TEXT(who);
        SR_TEXT(text);
        sr_time_text time = sr_time_print(record->time_us);
        number = sr_text_printf("%" PRIu64, record->number);
        who = sr_text_printf("%s/%s", record->who.member, role_name(record->who.role));
        text = terminal_on_one_line(record->reason[0] != '\0' ? record->reason : record->text);
        const char *const cells[] = {number,           time.text,      who, record->action,
                                     record->decision, record->status, text};
        if (output_texts(table, cells, err) != SR_OK)
            return SR_FAIL;
    }
    return output_finish(table, stdout, err);
}

static sr_result run_audit_list(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    uint64_t limit = 0;
    uint64_t before = 0;
    link_audit list SR_CLEANUP(link_audit_clear) = {NULL, 0};
    if (online_form(&form, given, err) != SR_OK ||
        options_number(given, "limit", 0, 1, 1000, &limit, err) != SR_OK ||
        options_number(given, "before", 0, 1, INT64_MAX, &before, err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_audit_list(&list, here.link, here.collaboration, options_text(given, "table"),
                        (uint32_t)limit, before, err) != SR_OK)
        return SR_FAIL;
    return form == OUTPUT_JSON ? print_json(&list, err) : print_list(&list, form, err);
}

const command_row command_audit_list = {
    .noun = "audit",
    .verb = "list",
    .line = "who asked what, and what was decided",
    .usage = "[--table TABLE] [--limit N] [--collab NAME]",
    .about =
        "Lists the audit log, newest first: your own member's records and those that touch your\n"
        "tables. There is one for every query, accepted, refused, failed or cancelled, and for\n"
        "every change of tables, rules and members. A terminal shows the beginning of each text; "
        "as\n"
        "JSON you get everything on record: certificate, whole text and reason, table versions, "
        "rule\n"
        "field and column that decided.\n"
        "\n"
        "  sealroom audit list --table customers --output json",
    .options = audit_list_options,
    .arguments = 0,
    .run = run_audit_list,
};
