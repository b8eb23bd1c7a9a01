#include "cmd.h"
#include "common.h"
#include "overlap_common.h"

static const option_row overlap_status_options[] = {
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_overlap_status(const options *given, sr_err *err)
{
    ONLINE(here);
    LINK_OVERLAP(session);
    output_form form;
    if (overlap_find(&here, &session, &form, given, err) != SR_OK)
        return SR_FAIL;
    return overlap_print(&session, form, err);
}

const command_row command_overlap_status = {
    .noun = "overlap",
    .verb = "status",
    .line = "show an overlap session: terms, and what is due",
    .usage = "SESSION",
    .about = "Shows the terms, who has confirmed, and whose turn it is.\n"
             "\n"
             "  sealroom overlap status 7d0f8a52-…",
    .options = overlap_status_options,
    .arguments = 1,
    .run = run_overlap_status,
};
