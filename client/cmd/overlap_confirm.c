#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "common.h"
#include "overlap_common.h"

static const option_row overlap_confirm_options[] = {
    {"yes", NULL, 'y', OPTION_FLAG, NULL, "confirm; without this, only show the terms"},
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result confirm(const online *here, const link_overlap *session, output_form form,
                         sr_err *err)
{
    OVERLAP_IDENTITY(me);
    LINK_OVERLAP(now);
    if (overlap_identity_load(&me, here, err) != SR_OK ||
        overlap_member_confirm(&now, &me.self, session, err) != SR_OK ||
        overlap_print(&now, form, err) != SR_OK)
        return SR_FAIL;
    if (form == OUTPUT_TABLE)
        (void)printf("\nConfirmed. Next: sealroom overlap join %s FILE --id COLUMN\n", now.session);
    return SR_OK;
}

/* Once a session does not wait for confirmations nothing of it is written here: nobody would clear it away. */
static sr_result fail_too_late(const link_overlap *session, sr_err *err)
{
    if (overlap_is_over(session))
        return overlap_fail_over(session, err);
    return sr_fail(err, SR_E_STATE, "session %s is %s: there is nothing to confirm any more",
                   session->session, session->state);
}

static sr_result look(const online *here, const link_overlap *session, bool is_open,
                      output_form form, sr_err *err)
{
    if (overlap_print(session, form, err) != SR_OK)
        return SR_FAIL;
    if (is_open && overlap_member_shown(here->profile.path, session, err) != SR_OK)
        return SR_FAIL;
    if (form == OUTPUT_TABLE && is_open)
        (void)puts("\nNothing was confirmed yet. If these are the terms you want, add --yes.");
    return SR_OK;
}

static sr_result run_overlap_confirm(const options *given, sr_err *err)
{
    ONLINE(here);
    LINK_OVERLAP(session);
    output_form form;
    if (overlap_find(&here, &session, &form, given, err) != SR_OK)
        return SR_FAIL;
    bool is_open = strcmp(session.state, "open") == 0;
    bool yes = options_flag(given, "yes");
    if (yes && !is_open)
        return fail_too_late(&session, err);
    if (is_open)
        overlap_warn_segments(&session.manifest);
    return yes ? confirm(&here, &session, form, err) : look(&here, &session, is_open, form, err);
}

const command_row command_overlap_confirm = {
    .noun = "overlap",
    .verb = "confirm",
    .line = "agree to an overlap session's terms",
    .usage = "SESSION [--yes]",
    .about =
        "Shows the terms of a session: members and the certificates that they confirmed with, how\n"
        "identifiers are brought to one form, the minimums, who receives the numbers. With --yes "
        "this\n"
        "member confirms exactly these, signed with its analyst's key. Once all members have, the\n"
        "manifest is whole and never changes. To be sure of the others, compare the certificates\n"
        "with them by telephone before you join: `overlap status` shows all, once all confirmed.\n"
        "\n"
        "  sealroom overlap confirm 7d0f8a52-…            look\n"
        "  sealroom overlap confirm 7d0f8a52-… --yes      agree",
    .options = overlap_confirm_options,
    .arguments = 1,
    .run = run_overlap_confirm,
};
