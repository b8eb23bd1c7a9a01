#include "cmd.h"
#include "collab_print.h"
#include "common.h"
#include "online.h"

#include <string.h>

static const option_row collab_list_options[] = {
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static const char *state_of(const room_collaboration *room, const char *member)
{
    const room_member *found = room_member_find(room, member);
    if (found == NULL || !found->accepted)
        return "invited";
    return strcmp(room->creator, member) == 0 ? "creator" : "member";
}

static sr_result print_list(const link_collaborations *list, const char *member, output_form form,
                            sr_err *err)
{
    static const output_column headers[] = {{"name", OUTPUT_TEXT},
                                            {"id", OUTPUT_TEXT},
                                            {"creator", OUTPUT_TEXT},
                                            {"members", OUTPUT_NUMBER},
                                            {"you are", OUTPUT_TEXT}};
    OUTPUT(table);
    table = output_new(form, headers, 5);
    for (size_t i = 0; i < list->count; i++)
    {
        const room_collaboration *room = &list->items[i];
        SR_TEXT(members);
        sr_uuid_text id = sr_uuid_print(&room->id);
        members = sr_text_printf("%zu", room->member_count);
        const char *const cells[] = {room->name, id.text, room->creator, members,
                                     state_of(room, member)};
        if (output_texts(table, cells, err) != SR_OK)
            return SR_FAIL;
    }
    return output_finish(table, stdout, err);
}

static sr_result run_collab_list(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    link_identity identity;
    link_collaborations list SR_CLEANUP(link_collaborations_clear) = {NULL, 0};
    if (online_form(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK ||
        link_whoami(&identity, here.link, err) != SR_OK ||
        link_collaboration_list(&list, here.link, err) != SR_OK)
        return SR_FAIL;
    return print_list(&list, identity.who.member, form, err);
}

const command_row command_collab_list = {
    .noun = "collab",
    .verb = "list",
    .line = "list your collaborations and invitations",
    .usage = "",
    .about = "Lists the collaborations that you belong to or are invited to.\n"
             "\n"
             "  sealroom collab list",
    .options = collab_list_options,
    .arguments = 0,
    .run = run_collab_list,
};
