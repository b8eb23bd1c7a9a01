#include "cmd.h"
#include "collab_print.h"
#include "common.h"
#include "online.h"

static const option_row collab_show_options[] = {
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_collab_show(const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_COLLABORATION(room);
    output_form form;
    if (online_form(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK ||
        link_collaboration_get(&room, here.link, options_argument(given, 0), err) != SR_OK)
        return SR_FAIL;
    return collab_print(&room, form, err);
}

const command_row command_collab_show = {
    .noun = "collab",
    .verb = "show",
    .line = "show a collaboration: id, settings, members",
    .usage = "[COLLABORATION]",
    .about = "Without a name: the only collaboration that you belong to.\n"
             "\n"
             "  sealroom collab show spring --output json",
    .options = collab_show_options,
    .arguments = 1,
    .run = run_collab_show,
};
