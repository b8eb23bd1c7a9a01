#include "cmd.h"
#include "common.h"

static const option_row help_option_table[] = {COMMON_END};

static sr_result run_help(const options *given, sr_err *err)
{
    const char *noun = options_argument(given, 0);
    const char *verb = options_argument(given, 1);
    if (noun != NULL)
        return commands_explain(noun, verb == NULL ? "" : verb, err);
    commands_list();
    return SR_OK;
}

const command_row command_help = {
    .noun = "help",
    .verb = "",
    .line = "list the commands, or explain one",
    .usage = "[COMMAND]",
    .about = "Lists the commands, or those of one noun, or explains one.\n"
             "\n"
             "  sealroom help overlap\n"
             "  sealroom help keys new",
    .options = help_option_table,
    .arguments = 2,
    .run = run_help,
};
