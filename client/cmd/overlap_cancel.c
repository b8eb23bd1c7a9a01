#include <stdio.h>

#include "cmd.h"
#include "common.h"
#include "overlap_common.h"

static const option_row overlap_cancel_options[] = {
    ONLINE_OPTIONS,
    COMMON_END,
};

static sr_result run_overlap_cancel(const options *given, sr_err *err)
{
    ONLINE(here);
    LINK_OVERLAP(session);
    const char *id = NULL;
    if (online_argument(&id, given, 0, "session", err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK ||
        link_overlap_cancel(&session, here.link, id, err) != SR_OK)
        return SR_FAIL;
    (void)printf(
        "session %s is cancelled for everybody; its lists and scalars are kept no longer\n",
        session.session);
    overlap_forget(here.profile.path, session.session);
    return SR_OK;
}

const command_row command_overlap_cancel = {
    .noun = "overlap",
    .verb = "cancel",
    .line = "end an overlap session for everybody",
    .usage = "SESSION",
    .about = "Any member may, before the numbers are released.\n"
             "\n"
             "  sealroom overlap cancel 7d0f8a52-…",
    .options = overlap_cancel_options,
    .arguments = 1,
    .run = run_overlap_cancel,
};
