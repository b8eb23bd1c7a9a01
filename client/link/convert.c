#include "convert.h"

#include "sealroom/v1/audit.pb-c.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "sealroom/v1/table.pb-c.h"

/* Names of ours are plain; anything else could move a cursor or look like another name. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

sr_result convert_text(char *out, size_t size, const char *text, const char *what, sr_err *err)
{
    if (!is_plain(text))
        return sr_fail(err, SR_E_INVALID, "the server sent a %s that can be none", what);
    if (!sr_text_put(out, size, text))
        return sr_fail(err, SR_E_INVALID, "the server sent a %s that is too long", what);
    return SR_OK;
}

/* ---- collaborations -------------------------------------------------------------------------- */

static unsigned ability_bits(const Sealroom__V1__Abilities *abilities)
{
    if (abilities == NULL)
        return 0;
    return (abilities->contribute ? ABILITY_CONTRIBUTE : 0u) |
           (abilities->query ? ABILITY_QUERY : 0u) |
           (abilities->receive_results ? ABILITY_RECEIVE_RESULTS : 0u);
}

static void read_flags(collaboration_flags *out, const Sealroom__V1__CollaborationFlags *flags)
{
    *out = (collaboration_flags){false, false, false, false};
    if (flags == NULL)
        return;
    out->allow_cleartext = flags->allow_cleartext;
    out->allow_duplicates = flags->allow_duplicates;
    out->allow_joins_on_columns_with_different_names =
        flags->allow_joins_on_columns_with_different_names;
    out->preserve_nulls = flags->preserve_nulls;
}

static sr_result read_members(room_collaboration *out, const Sealroom__V1__Collaboration *message,
                              sr_err *err)
{
    out->members = sr_array(message->n_members, sizeof *out->members);
    for (size_t i = 0; i < message->n_members; i++)
    {
        const Sealroom__V1__Member *member = message->members[i];
        room_member *to = &out->members[i];
        if (convert_text(to->name, sizeof to->name, member->name, "member name", err) != SR_OK)
            return SR_FAIL;
        to->abilities = ability_bits(member->abilities);
        to->accepted = member->accepted;
        out->member_count++;
    }
    return SR_OK;
}

sr_result convert_collaboration(room_collaboration *out, const void *message, sr_err *err)
{
    const Sealroom__V1__Collaboration *from = message;
    ROOM_COLLABORATION(made);
    *out = (room_collaboration){0};
    if (sr_uuid_parse(&made.id, from->id, err) != SR_OK ||
        convert_text(made.name, sizeof made.name, from->name, "collaboration name", err) != SR_OK ||
        convert_text(made.creator, sizeof made.creator, from->creator, "member name", err) !=
            SR_OK ||
        read_members(&made, from, err) != SR_OK)
        return SR_FAIL;
    read_flags(&made.flags, from->flags);
    made.created_us = from->created_us;
    made.key_check_known = from->key_check_known;
    *out = made;
    made = (room_collaboration){0};
    return SR_OK;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static room_repeats read_repeats(Sealroom__V1__ColumnRepeats repeats)
{
    switch (repeats)
    {
    case SEALROOM__V1__COLUMN_REPEATS__REPEATS_NEVER:
        return ROOM_REPEATS_NEVER;
    case SEALROOM__V1__COLUMN_REPEATS__REPEATS_SOME:
        return ROOM_REPEATS_SOME;
    default: /* also what a later server may add */
        return ROOM_REPEATS_UNKNOWN;
    }
}

static sr_result read_column(room_column *out, const Sealroom__V1__Column *column, sr_err *err)
{
    if (convert_text(out->name, sizeof out->name, column->name, "column name", err) != SR_OK ||
        convert_text(out->normaliser, sizeof out->normaliser, column->normaliser, "normaliser",
                     err) != SR_OK ||
        column_type_parse(&out->type, column->type, err) != SR_OK ||
        data_type_parse(&out->data, column->data_type, err) != SR_OK)
        return SR_FAIL;
    if (column->card.len > sizeof out->card)
        return sr_fail(err, SR_E_INVALID, "the server sent a column card that is too long");
    sr_copy(out->card, column->card.data, column->card.len);
    out->card_len = column->card.len;
    out->allowed = column->allowed;
    out->repeats = read_repeats(column->repeats);
    return SR_OK;
}

static sr_result read_columns(room_table *out, const Sealroom__V1__Table *message, sr_err *err)
{
    out->columns = sr_array(message->n_columns, sizeof *out->columns);
    for (size_t i = 0; i < message->n_columns; i++)
    {
        if (read_column(&out->columns[i], message->columns[i], err) != SR_OK)
            return sr_fail_in(err, "table \"%s\"", out->name);
        out->column_count++;
    }
    return SR_OK;
}

sr_result convert_table(room_table *out, const void *message, sr_err *err)
{
    const Sealroom__V1__Table *from = message;
    ROOM_TABLE(made);
    *out = (room_table){0};
    if (sr_uuid_parse(&made.id, from->id, err) != SR_OK ||
        convert_text(made.name, sizeof made.name, from->name, "table name", err) != SR_OK ||
        convert_text(made.owner, sizeof made.owner, from->owner, "member name", err) != SR_OK ||
        convert_text(made.subject_column, sizeof made.subject_column, from->subject_column,
                     "column name", err) != SR_OK ||
        read_columns(&made, from, err) != SR_OK)
        return SR_FAIL;
    if (from->rule_json[0] != '\0')
        made.rule_json = sr_text_copy(from->rule_json);
    made.version = from->version;
    made.uploaded_us = from->uploaded_us;
    made.rows = from->rows;
    made.null_bits_unknown = from->null_bits_unknown;
    *out = made;
    made = (room_table){0};
    return SR_OK;
}

/* ---- audit ----------------------------------------------------------------------------------- */

sr_result convert_table_version(room_table_version *out, const void *message, sr_err *err)
{
    const Sealroom__V1__TableVersion *from = message;
    *out = (room_table_version){.version = from->version};
    if (convert_text(out->table, sizeof out->table, from->table, "table name", err) != SR_OK)
        return SR_FAIL;
    return convert_text(out->owner, sizeof out->owner, from->owner, "member name", err);
}

static sr_result read_audit_tables(room_audit_record *out, const Sealroom__V1__AuditRecord *from,
                                   sr_err *err)
{
    out->tables = sr_array(from->n_tables, sizeof *out->tables);
    for (size_t i = 0; i < from->n_tables; i++)
    {
        if (convert_table_version(&out->tables[i], from->tables[i], err) != SR_OK)
            return SR_FAIL;
        out->table_count++;
    }
    return SR_OK;
}

static sr_result read_audit_who(room_audit_record *out, const Sealroom__V1__AuditRecord *from,
                                sr_err *err)
{
    if (convert_text(out->who.member, sizeof out->who.member, from->member, "member name", err) !=
            SR_OK ||
        convert_text(out->certificate, sizeof out->certificate, from->certificate_fingerprint,
                     "certificate fingerprint", err) != SR_OK)
        return SR_FAIL;
    return role_parse(&out->who.role, from->role, err);
}

sr_result convert_audit_record(room_audit_record *out, const void *message, sr_err *err)
{
    const Sealroom__V1__AuditRecord *from = message;
    ROOM_AUDIT_RECORD(made);
    *out = (room_audit_record){0};
    if (read_audit_who(&made, from, err) != SR_OK || read_audit_tables(&made, from, err) != SR_OK)
        return SR_FAIL;
    made.number = from->number;
    made.time_us = from->time_us;
    made.finished_us = from->finished_us;
    made.action = sr_text_copy(from->action);
    made.query_id = sr_text_copy(from->query_id);
    made.text = sr_text_copy(from->text);
    made.decision = sr_text_copy(from->decision);
    made.status = sr_text_copy(from->status);
    made.reason = sr_text_copy(from->reason);
    made.rule_field = sr_text_copy(from->rule_field);
    made.rule_table = sr_text_copy(from->rule_table);
    made.rule_column = sr_text_copy(from->rule_column);
    *out = made;
    made = (room_audit_record){0};
    return SR_OK;
}
