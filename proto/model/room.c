#include "room.h"

#include <string.h>

void room_collaboration_clear(room_collaboration *collaboration)
{
    sr_free(collaboration->members);
    *collaboration = (room_collaboration){.member_count = 0};
}

void room_table_clear(room_table *table)
{
    sr_free(table->columns);
    sr_free(table->rule_json);
    *table = (room_table){.column_count = 0};
}

void room_audit_record_clear(room_audit_record *record)
{
    char *texts[] = {record->action,     record->query_id,   record->text,
                     record->decision,   record->status,     record->reason,
                     record->rule_field, record->rule_table, record->rule_column};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        sr_free(texts[i]);
    sr_free(record->tables);
    *record = (room_audit_record){.number = 0};
}

const room_member *room_member_find(const room_collaboration *collaboration, const char *name)
{
    for (size_t i = 0; i < collaboration->member_count; i++)
        if (strcmp(collaboration->members[i].name, name) == 0)
            return &collaboration->members[i];
    return NULL;
}

const room_column *room_column_find(const room_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static const char *const state_names[ROOM_VERSION_STATE_COUNT_] = {
    [ROOM_VERSION_CURRENT] = "current",
    [ROOM_VERSION_KEPT] = "kept",
    [ROOM_VERSION_ERASING] = "erasing",
    [ROOM_VERSION_ERASED] = "erased",
};

const char *room_version_state_name(room_version_state state)
{
    return state_names[state];
}

sr_result room_version_state_parse(room_version_state *out, const char *word, sr_err *err)
{
    for (int state = 0; state < ROOM_VERSION_STATE_COUNT_; state++)
        if (strcmp(state_names[state], word) == 0)
        {
            *out = (room_version_state)state;
            return SR_OK;
        }
    return sr_fail(err, SR_E_FORMAT, "unknown state of a version");
}
