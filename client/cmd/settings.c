#include "settings.h"

#include "common.h"

static sr_result ask_server(collaboration_settings *out, const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_COLLABORATION(room);
    if (online_open(&here, given, ROLE_ANY, err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_collaboration_get(&room, here.link, here.collaboration, err) != SR_OK)
        return SR_FAIL;
    out->id = room.id;
    out->flags = room.flags;
    return SR_OK;
}

static sr_result find_offline(collaboration_settings *out, const options *given,
                              const table_schema *schema, sr_err *err)
{
    if (common_id(given, &out->id, err) != SR_OK)
        return SR_FAIL;
    return common_flags(given, schema, &out->flags, err);
}

/* What the command line or the schema says besides must be the same. */
static sr_result check_agreement(const collaboration_settings *found, const options *given,
                                 const table_schema *schema, sr_err *err)
{
    sr_uuid id;
    collaboration_flags flags;
    if (options_text(given, "id") != NULL)
    {
        if (common_id(given, &id, err) != SR_OK)
            return SR_FAIL;
        if (!sr_uuid_equal(&id, &found->id))
            return sr_fail(err, SR_E_INVALID, "--id is not the id of that collaboration");
    }
    if (options_text(given, "flags") == NULL && !schema->has_flags)
        return SR_OK;
    if (common_flags(given, schema, &flags, err) != SR_OK)
        return SR_FAIL;
    if (flags_to_byte(&flags) != flags_to_byte(&found->flags))
        return sr_fail(
            err, SR_E_INVALID,
            "--flags or the schema's \"flags\" are not the settings of that collaboration");
    return SR_OK;
}

sr_result settings_find_id(sr_uuid *out, const options *given, sr_err *err)
{
    collaboration_settings found;
    if (options_text(given, "collab") == NULL)
        return common_id(given, out, err);
    if (ask_server(&found, given, err) != SR_OK)
        return SR_FAIL;
    *out = found.id;
    return SR_OK;
}

sr_result settings_find(collaboration_settings *out, const options *given,
                        const table_schema *schema, sr_err *err)
{
    if (options_text(given, "collab") == NULL)
        return find_offline(out, given, schema, err);
    if (ask_server(out, given, err) != SR_OK)
        return SR_FAIL;
    return check_agreement(out, given, schema, err);
}
