#include "cmd.h"
#include "collab_print.h"
#include "common.h"
#include "online.h"

static const option_row collab_invite_options[] = {
    {"abilities", NULL, 'a', OPTION_TEXT, "LIST",
     "contribute, query, receive, with commas (default: all three)"},
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_collab_invite(const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_COLLABORATION(room);
    output_form form;
    unsigned abilities = ABILITY_ALL;
    const char *name = NULL;
    const char *member = NULL;
    const char *words = options_text(given, "abilities");
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&name, given, 0, "collaboration", err) != SR_OK ||
        online_argument(&member, given, 1, "member", err) != SR_OK)
        return SR_FAIL;
    if (words != NULL && abilities_parse(&abilities, words, err) != SR_OK)
        return sr_fail_in(err, "--abilities");
    if (online_open(&here, given, ROLE_BIT(ROLE_ADMIN), err) != SR_OK ||
        link_collaboration_invite(&room, here.link, name, member, abilities, err) != SR_OK)
        return SR_FAIL;
    return collab_print(&room, form, err);
}

const command_row command_collab_invite = {
    .noun = "collab",
    .verb = "invite",
    .line = "invite a member",
    .usage = "COLLABORATION MEMBER [--abilities LIST]",
    .about =
        "Invites an organisation, by the member name in its certificates. It takes part once its\n"
        "admin has accepted. Only the collaboration's creator invites.\n"
        "\n"
        "  sealroom collab invite spring brand --abilities contribute,query,receive",
    .options = collab_invite_options,
    .arguments = 2,
    .run = run_collab_invite,
};
