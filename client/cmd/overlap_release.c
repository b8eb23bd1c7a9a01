#include <stdio.h>

#include "../overlap/report.h"
#include "cmd.h"
#include "common.h"
#include "overlap_common.h"

static const option_row overlap_release_options[] = {
    {"svg", NULL, 0, OPTION_TEXT, "FILE", "also draw the regions as an UpSet plot"},
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_overlap_release(const options *given, sr_err *err)
{
    ONLINE(here);
    LINK_OVERLAP(session);
    SR_TEXT(report);
    output_form form;
    const char *id = NULL;
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&id, given, 0, "session", err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK ||
        link_overlap_release(&session, &report, here.link, id, err) != SR_OK)
        return SR_FAIL;
    overlap_forget(here.profile.path, session.session);
    if (report[0] == '\0')
    {
        (void)puts("released; by the manifest this member does not receive the numbers");
        return SR_OK;
    }
    return report_print(report, &session.manifest, form, options_text(given, "svg"), err);
}

const command_row command_overlap_release = {
    .noun = "overlap",
    .verb = "release",
    .line = "get the numbers of an overlap session",
    .usage = "SESSION [--svg FILE] [--output table|json|csv]",
    .about = "When every list has been round: the server counts, decides by the manifest's "
             "minimums what\n"
             "may leave, and gives it to the members that receive. Each later call gives the same "
             "numbers.\n"
             "What is held back is not told apart from what is too small or too large to tell.\n"
             "\n"
             "  sealroom overlap release 7d0f8a52-… --svg overlap.svg",
    .options = overlap_release_options,
    .arguments = 1,
    .run = run_overlap_release,
};
