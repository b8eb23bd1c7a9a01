#include "cmd.h"
#include "collab_print.h"
#include "common.h"
#include "online.h"

static const option_row collab_accept_options[] = {
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_collab_accept(const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_COLLABORATION(room);
    output_form form;
    const char *name = NULL;
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&name, given, 0, "collaboration", err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ADMIN), err) != SR_OK ||
        link_collaboration_accept(&room, here.link, name, err) != SR_OK)
        return SR_FAIL;
    return collab_print(&room, form, err);
}

const command_row command_collab_accept = {
    .noun = "collab",
    .verb = "accept",
    .line = "accept an invitation",
    .usage = "COLLABORATION",
    .about = "Accepts the invitation to a collaboration. Look at its settings and members first\n"
             "(`sealroom collab show`): they are what you agree to.\n"
             "\n"
             "  sealroom collab accept spring",
    .options = collab_accept_options,
    .arguments = 1,
    .run = run_collab_accept,
};
