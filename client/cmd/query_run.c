#include <stdio.h>

#include "../result_opener.h"
#include "../terminal.h"
#include "base/file.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

enum
{
    SQL_MOST = 1024 * 1024, /* the server refuses above 64 KiB, and says so */
};

static const option_row query_run_options[] = {
    {"file", NULL, 0, OPTION_TEXT, "FILE", "read the query from a file (- is standard input)"},
    ONLINE_COLLAB_OPTION,
    ONLINE_SECRET_OPTIONS,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result read_sql(char **out, const options *given, sr_err *err)
{
    SR_BUF(text, SQL_MOST);
    const char *argument = options_argument(given, 0);
    const char *path = options_text(given, "file");
    if ((argument == NULL) == (path == NULL))
        return sr_fail(err, SR_E_USAGE, "give the query as one argument, or --file FILE");
    if (argument != NULL)
    {
        *out = sr_text_copy(argument);
        return SR_OK;
    }
    if (sr_file_read(&text, path, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_take_text(out, &text, err);
}

static sr_result open_keys(kdf_schedule **out, const online *here, const options *given,
                           sr_err *err)
{
    ROOM_COLLABORATION(room);
    *out = NULL;
    if (!online_has_secret(given))
        return SR_OK;
    if (link_collaboration_get(&room, here->link, here->collaboration, err) != SR_OK)
        return SR_FAIL;
    return online_keys(out, given, &room.id, err);
}

static void warn(const link_query_outcome *outcome)
{
    if (outcome->results_withheld)
        command_warn("query %s succeeded; your member may not receive its results",
                     outcome->query_id);
    for (size_t i = 0; i < outcome->warning_count; i++)
        command_warn("%s", outcome->warnings[i]);
}

static sr_result print(result_opener *opener, const link_query_outcome *outcome, output_form form,
                       sr_err *err)
{
    output *table = result_opener_table(opener);
    if (table == NULL)
    {
        warn(outcome);
        return SR_OK;
    }
    if (output_finish(table, stdout, err) != SR_OK)
        return SR_FAIL;
    if (form == OUTPUT_TABLE)
    {
        (void)putchar('\n');
        terminal_fold(outcome->notice, TERMINAL_LINE, stdout);
    }
    warn(outcome);
    if (result_opener_left_closed(opener))
        command_warn("encrypted values were left as they are: give --secret-file to open them");
    return SR_OK;
}

static sr_result run_query_run(const options *given, sr_err *err)
{
    ONLINE(here);
    SR_TEXT(sql);
    KDF_SCHEDULE(keys);
    RESULT_OPENER(opener);
    output_form form;
    link_query_outcome outcome SR_CLEANUP(link_query_outcome_clear) = {0};
    if (online_form(&form, given, err) != SR_OK || read_sql(&sql, given, err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (open_keys(&keys, &here, given, err) != SR_OK ||
        result_opener_new(&opener, form, keys, err) != SR_OK)
        return SR_FAIL;
    link_row_receiver receiver = result_opener_receiver(opener);
    if (link_query_run(&outcome, here.link, here.collaboration, sql, &receiver, err) != SR_OK)
        return SR_FAIL;
    return print(opener, &outcome, form, err);
}

const command_row command_query_run = {
    .noun = "query",
    .verb = "run",
    .line = "ask a question and print the answer",
    .usage = "\"SELECT …\" [--collab NAME] [--output table|json|csv]",
    .about =
        "Runs one SELECT over the collaboration's tables. It is answered if the rules of every\n"
        "table that it touches allow it (`sealroom table show` explains them); a refusal says "
        "which\n"
        "rule field, table and column decided, and ends with exit status 3. Groups under a "
        "minimum\n"
        "of any owner are missing from the answer, as if they were not there.\n"
        "\n"
        "  sealroom query run \"SELECT c.segment, COUNT(DISTINCT o.email) AS buyers\n"
        "      FROM customers c JOIN orders o ON c.email = o.email GROUP BY c.segment\"\n"
        "\n"
        "Where keys repeat, a join counts rows several times: a warning says which sums mean less\n"
        "than they seem to, and the ways out. It never depends on what was found.\n"
        "\n"
        "With the secret, sealed and deterministic values in the answer are opened. Ctrl-C "
        "cancels\n"
        "the query on the server too. Every query is on record, see `sealroom audit list`.",
    .options = query_run_options,
    .arguments = 1,
    .run = run_query_run,
};
