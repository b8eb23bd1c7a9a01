/*
 * settings.h: which collaboration a file is made for: its id and its four settings.
 *
 *     off-line    --id UUID, and the settings from --flags FILE or the schema's "flags"
 *     on-line     --collab NAME: both are asked of the server, as c3r-cli asks AWS
 *
 * With both, they must agree.
 */
#ifndef SEALROOM_CLIENT_CMD_SETTINGS_H
#define SEALROOM_CLIENT_CMD_SETTINGS_H

#include "../schema.h"
#include "online.h"

typedef struct
{
    sr_uuid id;
    collaboration_flags flags;
} collaboration_settings;

/* The option row of commands that can ask the server. */
#define SETTINGS_COLLAB_OPTION                                                                     \
    {                                                                                              \
        "collab", NULL, 'c', OPTION_TEXT, "NAME",                                                  \
            "ask the server for the collaboration's id and settings"                               \
    }

sr_result settings_find(collaboration_settings *out, const options *given,
                        const table_schema *schema, sr_err *err) SR_MUST_USE;
/* The id alone, which is all that decryption needs. */
sr_result settings_find_id(sr_uuid *out, const options *given, sr_err *err) SR_MUST_USE;

#endif
