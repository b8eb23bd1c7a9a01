/* The program `sealroom`: protects the process, runs one command, prints one line if it fails. */
#include <stdio.h>

#include "client/commands.h"
#include "client/signals.h"
#include "crypto/secret.h"

int main(int count, char **words)
{
    sr_err err = SR_ERR_INIT;
    signals_install();
    if (secret_process_protect(&err) == SR_OK &&
        commands_run(count > 0 ? count - 1 : 0, words + 1, &err) == SR_OK)
    {
        if (fflush(stdout) == 0)
            return 0;
        (void)sr_fail(&err, SR_E_IO, "standard output: cannot write");
    }
    (void)fflush(stdout);
    (void)fprintf(stderr, "sealroom: %s\n", err.text);
    return sr_code_exit_status(err.code);
}
