#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "overlap_common.h"

static const option_row overlap_list_options[] = {
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

/* "retailer, brand, publisher". */
static sr_result name_members(char **out, const manifest *terms, sr_err *err)
{
    SR_BUF(text, MANIFEST_TEXT_MOST);
    for (size_t i = 0; i < terms->member_count; i++)
        if (sr_buf_printf(&text, err, "%s%s", i == 0 ? "" : ", ", terms->members[i].name) != SR_OK)
            return SR_FAIL;
    return sr_buf_take_text(out, &text, err);
}

static sr_result print_session(output *table, const link_overlap *session, sr_err *err)
{
    SR_TEXT(members);
    SR_TEXT(due);
    sr_time_text opened = sr_time_print(session->opened_us);
    if (name_members(&members, &session->manifest, err) != SR_OK)
        return SR_FAIL;
    due = sr_text_printf("%zu", session->due_count);
    const char *const cells[] = {session->session, session->state, members, due, opened.text};
    return output_texts(table, cells, err);
}

static sr_result run_overlap_list(const options *given, sr_err *err)
{
    static const output_column headers[] = {{"session", OUTPUT_TEXT},
                                            {"state", OUTPUT_TEXT},
                                            {"members", OUTPUT_TEXT},
                                            {"due for you", OUTPUT_NUMBER},
                                            {"opened", OUTPUT_TEXT}};
    ONLINE(here);
    OUTPUT(table);
    output_form form;
    link_overlaps list SR_CLEANUP(link_overlaps_clear) = {.items = NULL};
    if (online_form(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_overlap_list(&list, here.link, here.collaboration, err) != SR_OK)
        return SR_FAIL;
    table = output_new(form, headers, sizeof headers / sizeof headers[0]);
    for (size_t i = 0; i < list.count; i++)
        if (print_session(table, &list.items[i], err) != SR_OK)
            return SR_FAIL;
    if (output_finish(table, stdout, err) != SR_OK)
        return SR_FAIL;
    if (list.more && form == OUTPUT_TABLE)
        (void)printf("Older ones are not shown; `sealroom overlap status SESSION` shows each.\n");
    return SR_OK;
}

const command_row command_overlap_list = {
    .noun = "overlap",
    .verb = "list",
    .line = "list overlap sessions",
    .usage = "[--collab NAME]",
    .about = "Lists the overlap sessions of a collaboration that you take part in, newest first.\n"
             "\n"
             "  sealroom overlap list --collab spring",
    .options = overlap_list_options,
    .arguments = 0,
    .run = run_overlap_list,
};
