#include "convert.h"

#include "model/rule.h"
#include "sealroom/v1/audit.pb-c.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "sealroom/v1/table.pb-c.h"

/* Messages here look like received ones to wire_free: all memory from the same allocator. */
static char *text_of(const char *text)
{
    return sr_text_copy(text == NULL ? "" : text);
}

/* ---- collaborations -------------------------------------------------------------------------- */

static Sealroom__V1__CollaborationFlags *make_flags(const collaboration_flags *flags)
{
    Sealroom__V1__CollaborationFlags *out = sr_alloc(sizeof *out);
    sealroom__v1__collaboration_flags__init(out);
    out->allow_cleartext = flags->allow_cleartext;
    out->allow_duplicates = flags->allow_duplicates;
    out->allow_joins_on_columns_with_different_names =
        flags->allow_joins_on_columns_with_different_names;
    out->preserve_nulls = flags->preserve_nulls;
    return out;
}

static Sealroom__V1__Member *make_member(const room_member *member)
{
    Sealroom__V1__Member *out = sr_alloc(sizeof *out);
    sealroom__v1__member__init(out);
    out->name = text_of(member->name);
    out->accepted = member->accepted;
    out->abilities = sr_alloc(sizeof *out->abilities);
    sealroom__v1__abilities__init(out->abilities);
    out->abilities->contribute = (member->abilities & ABILITY_CONTRIBUTE) != 0;
    out->abilities->query = (member->abilities & ABILITY_QUERY) != 0;
    out->abilities->receive_results = (member->abilities & ABILITY_RECEIVE_RESULTS) != 0;
    return out;
}

void *convert_collaboration_message(const room_collaboration *room)
{
    sr_uuid_text id = sr_uuid_print(&room->id);
    Sealroom__V1__Collaboration *out = sr_alloc(sizeof *out);
    sealroom__v1__collaboration__init(out);
    out->id = text_of(id.text);
    out->name = text_of(room->name);
    out->creator = text_of(room->creator);
    out->flags = make_flags(&room->flags);
    out->created_us = room->created_us;
    out->key_check_known = room->key_check_known;
    out->members = sr_array(room->member_count, sizeof(void *));
    for (size_t i = 0; i < room->member_count; i++)
        out->members[out->n_members++] = make_member(&room->members[i]);
    return out;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static Sealroom__V1__ColumnRepeats repeats_of(const room_column *column)
{
    switch (column->repeats)
    {
    case ROOM_REPEATS_NEVER:
        return SEALROOM__V1__COLUMN_REPEATS__REPEATS_NEVER;
    case ROOM_REPEATS_SOME:
        return SEALROOM__V1__COLUMN_REPEATS__REPEATS_SOME;
    case ROOM_REPEATS_UNKNOWN:
        break;
    }
    return SEALROOM__V1__COLUMN_REPEATS__REPEATS_UNKNOWN;
}

static Sealroom__V1__Column *make_column(const room_column *column, bool tell_repeats)
{
    char data_words[DATA_TYPE_TEXT_SIZE];
    Sealroom__V1__Column *out = sr_alloc(sizeof *out);
    sealroom__v1__column__init(out);
    data_type_print(data_words, column->data);
    out->name = text_of(column->name);
    out->type = text_of(column_type_of(column->type)->name);
    out->data_type = text_of(data_words);
    out->normaliser = text_of(column->normaliser);
    out->allowed = column->allowed;
    if (tell_repeats)
        out->repeats = repeats_of(column);
    out->card.len = column->card_len;
    out->card.data = sr_alloc(column->card_len);
    sr_copy(out->card.data, column->card, column->card_len);
    return out;
}

/* What queries join by: the only columns of which a partner learns whether they repeat. */
static analysis_rule *rule_of(const room_table *table)
{
    RULE(rule);
    sr_err ignored = SR_ERR_INIT;
    if (table->rule_json != NULL &&
        rule_parse(&rule, sr_slice_text(table->rule_json), &ignored) != SR_OK)
        sr_err_reset(&ignored); /* a query would be told; here less is shown */
    analysis_rule *out = rule;
    rule = NULL;
    return out;
}

void *convert_table_message(const room_table *table, bool owner_view)
{
    sr_uuid_text id = sr_uuid_print(&table->id);
    Sealroom__V1__Table *out = sr_alloc(sizeof *out);
    sealroom__v1__table__init(out);
    out->id = text_of(id.text);
    out->name = text_of(table->name);
    out->owner = text_of(table->owner);
    out->version = table->version;
    out->rule_json = text_of(table->rule_json);
    out->subject_column = text_of(table->subject_column);
    out->uploaded_us = table->uploaded_us;
    out->rows = owner_view ? table->rows : 0;
    out->null_bits_unknown = table->null_bits_unknown;
    out->columns = sr_array(table->column_count, sizeof(void *));
    RULE(rule);
    rule = owner_view ? NULL : rule_of(table);
    for (size_t i = 0; i < table->column_count; i++)
    {
        const room_column *column = &table->columns[i];
        bool is_join = rule != NULL && rule_has_column(&rule->join_columns, column->name);
        if (owner_view || column->allowed)
            out->columns[out->n_columns++] = make_column(column, owner_view || is_join);
    }
    return out;
}

void *convert_table_version_message(const room_table_version *version)
{
    Sealroom__V1__TableVersion *out = sr_alloc(sizeof *out);
    sealroom__v1__table_version__init(out);
    out->table = text_of(version->table);
    out->owner = text_of(version->owner);
    out->version = version->version;
    return out;
}

/* ---- audit ----------------------------------------------------------------------------------- */

void *convert_audit_message(const room_audit_record *record)
{
    Sealroom__V1__AuditRecord *out = sr_alloc(sizeof *out);
    sealroom__v1__audit_record__init(out);
    out->number = record->number;
    out->time_us = record->time_us;
    out->finished_us = record->finished_us;
    out->member = text_of(record->who.member);
    out->role = text_of(role_name(record->who.role));
    out->certificate_fingerprint = text_of(record->certificate);
    out->action = text_of(record->action);
    out->query_id = text_of(record->query_id);
    out->text = text_of(record->text);
    out->decision = text_of(record->decision);
    out->status = text_of(record->status);
    out->reason = text_of(record->reason);
    out->rule_field = text_of(record->rule_field);
    out->rule_table = text_of(record->rule_table);
    out->rule_column = text_of(record->rule_column);
    out->tables = sr_array(record->table_count, sizeof(void *));
    for (size_t i = 0; i < record->table_count; i++)
        out->tables[out->n_tables++] = convert_table_version_message(&record->tables[i]);
    return out;
}
