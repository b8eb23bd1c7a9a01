#include "cmd.h"
#include "common.h"
#include "crypto/secret.h"

static const option_row keys_new_option_table[] = {COMMON_END};

static sr_result run_keys_new(const options *given, sr_err *err)
{
    SECRET(secret);
    const char *path = options_argument(given, 0);
    if (path == NULL)
        return sr_fail(err, SR_E_USAGE, "keys new: which file shall hold the new secret?");
    if (secret_generate(&secret, err) != SR_OK || secret_write_new(secret, path, err) != SR_OK)
        return SR_FAIL;
    common_say(
        false,
        "%s holds a new secret. Give it to the other members by a safe way, never through the\n"
        "server; whoever has it can open every encrypted value of the collaboration.",
        path);
    return SR_OK;
}

const command_row command_keys_new = {
    .noun = "keys",
    .verb = "new",
    .line = "make a collaboration secret",
    .usage = "FILE",
    .about = "Writes 32 random bytes, as base64, into a new file that only you may read.\n"
             "\n"
             "  sealroom keys new room.key",
    .options = keys_new_option_table,
    .arguments = 1,
    .run = run_keys_new,
};
