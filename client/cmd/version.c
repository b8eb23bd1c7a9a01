#include <stdio.h>

#include "cmd.h"
#include "common.h"

static const option_row version_option_table[] = {COMMON_END};

static sr_result run_version(const options *given, sr_err *err)
{
    (void)given, (void)err;
    (void)puts("sealroom " SEALROOM_VERSION);
    return SR_OK;
}

const command_row command_version = {
    .noun = "version",
    .verb = "",
    .line = "show the program's version",
    .usage = "",
    .about = "Shows the program's version.",
    .options = version_option_table,
    .arguments = 0,
    .run = run_version,
};
