#include "cmd.h"
#include "collab_print.h"
#include "common.h"
#include "online.h"

static const option_row collab_create_options[] = {
    {"allowCleartext", NULL, 0, OPTION_FLAG, NULL, "tables may have columns in the clear"},
    {"allowDuplicates", NULL, 0, OPTION_FLAG, NULL, "fingerprint columns may repeat a value"},
    {"allowJoinsOnColumnsWithDifferentNames", NULL, 0, OPTION_FLAG, NULL,
     "one fingerprint key for all columns, whatever their headers"},
    {"preserveNulls", NULL, 0, OPTION_FLAG, NULL, "NULL stays NULL in encrypted columns"},
    {"id", NULL, 0, OPTION_TEXT, "UUID", "an id of your choice (a room that exists at AWS)"},
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_collab_create(const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_COLLABORATION(room);
    output_form form;
    const char *name = NULL;
    collaboration_flags flags = {
        .allow_cleartext = options_flag(given, "allowCleartext"),
        .allow_duplicates = options_flag(given, "allowDuplicates"),
        .allow_joins_on_columns_with_different_names =
            options_flag(given, "allowJoinsOnColumnsWithDifferentNames"),
        .preserve_nulls = options_flag(given, "preserveNulls"),
    };
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&name, given, 0, "name", err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ADMIN), err) != SR_OK ||
        link_collaboration_create(&room, here.link, name, &flags, options_text(given, "id"), err) !=
            SR_OK)
        return SR_FAIL;
    return collab_print(&room, form, err);
}

const command_row command_collab_create = {
    .noun = "collab",
    .verb = "create",
    .line = "create a collaboration",
    .usage = "NAME [settings]",
    .about =
        "Creates a collaboration with you as its first member. Its four settings are C3R's; they\n"
        "hold for all members, never change, and are all off unless you turn them on. Then invite\n"
        "partners, and give them the collaboration secret (`sealroom keys new`) outside the\n"
        "server.\n"
        "\n"
        "  sealroom collab create spring --allowCleartext --allowDuplicates --preserveNulls",
    .options = collab_create_options,
    .arguments = 1,
    .run = run_collab_create,
};
