#include "upload_plan.h"

#include <string.h>

static bool is_allowed(const upload_table_options *options, const char *header)
{
    for (size_t i = 0; i < options->allowed_count; i++)
        if (strcmp(options->allowed[i], header) == 0)
            return true;
    return options->allowed == NULL;
}

static bool has_target(const table_schema *schema, const char *header)
{
    for (size_t i = 0; i < schema->count; i++)
        if (strcmp(schema->columns[i].target, header) == 0)
            return true;
    return false;
}

static sr_result check_allowed(const upload_table_options *options, sr_err *err)
{
    for (size_t i = 0; i < options->allowed_count; i++)
        if (!has_target(options->encrypt.schema, options->allowed[i]))
            return sr_fail(err, SR_E_NOT_FOUND,
                           "--allow %s: the schema makes no column of this name",
                           options->allowed[i]);
    return SR_OK;
}

static sr_result fill_column(room_column *out, const schema_column *column, bool allowed,
                             sr_err *err)
{
    *out = (room_column){.type = column->type, .data = column->data, .allowed = allowed};
    if (!sr_text_put(out->name, sizeof out->name, column->target) ||
        !sr_text_put(out->normaliser, sizeof out->normaliser, column->normaliser))
        return sr_fail(err, SR_E_LIMIT, "column \"%s\": name or normaliser too long",
                       column->target);
    return SR_OK;
}

static key_check_flags check_flags_of(const collaboration_flags *flags)
{
    return (key_check_flags){
        .allow_cleartext = flags->allow_cleartext,
        .allow_duplicates = flags->allow_duplicates,
        .allow_joins_on_columns_with_different_names =
            flags->allow_joins_on_columns_with_different_names,
        .preserve_nulls = flags->preserve_nulls,
    };
}

sr_result upload_plan_init(upload_plan *out, const upload_table_options *options, sr_err *err)
{
    const table_schema *schema = options->encrypt.schema;
    const kdf_schedule *keys = options->encrypt.keys;
    *out = (upload_plan){.columns = NULL};
    if (check_allowed(options, err) != SR_OK)
        return SR_FAIL;
    out->columns = sr_array(schema->count, sizeof *out->columns);
    for (size_t i = 0; i < schema->count; i++)
        if (fill_column(&out->columns[i], &schema->columns[i],
                        is_allowed(options, schema->columns[i].target), err) != SR_OK)
        {
            upload_plan_clear(out);
            return SR_FAIL;
        }
    if (keys != NULL)
        key_check_make(&out->key_check, keys, check_flags_of(&options->encrypt.flags));
    out->authority = (cards_authority){keys, &options->encrypt.flags};
    out->collaboration = sr_uuid_print(&options->room->id);
    out->plan = (link_upload_plan){
        .collaboration = out->collaboration.text,
        .table = options->table,
        .columns = out->columns,
        .column_count = schema->count,
        .key_check = keys == NULL ? NULL : out->key_check.bytes,
        .flags = flags_to_byte(&options->encrypt.flags),
        .append = options->append,
        .make_card = cards_make,
        .card_context = &out->authority,
    };
    return SR_OK;
}

void upload_plan_clear(upload_plan *plan)
{
    sr_free(plan->columns);
    *plan = (upload_plan){.columns = NULL};
}
