/*
 * commands.h: the commands of `sealroom`: one file in cmd/ and one row in the table of commands.c each.
 *
 *     sealroom NOUN [VERB] [arguments and options]
 *
 * A row says everything that is known of a command before it runs: its words, the line and the text of
 * its help, its options. `run` gets them parsed; it prints its result on standard output, warnings with
 * command_warn, and fails with an error that main prints in one line. The exit status is the error
 * code's (base/err.h): 0 done, 1 failed, 2 wrong usage, 3 refused by a rule.
 */
#ifndef SEALROOM_CLIENT_COMMANDS_H
#define SEALROOM_CLIENT_COMMANDS_H

#include "options.h"

typedef struct
{
    const char *noun;
    const char *verb;  /* "" when the noun alone is the command */
    const char *line;  /* one line for the list of commands */
    const char *usage; /* what follows the command's words: "INPUT --schema FILE --id UUID" */
    const char
        *about; /* what it does, in sentences, with an example; lines of at most 100 columns */
    const option_row *options;
    size_t arguments; /* at most */
    sr_result (*run)(const options *given, sr_err *err);
} command_row;

/* Runs the command that these words name (without the program's name). */
sr_result commands_run(int count, char *const *words, sr_err *err) SR_MUST_USE;

/* "sealroom: warning: …" on standard error. */
void command_warn(const char *format, ...) SR_PRINTF(1, 2);

/* Help: the list of all commands, or one command's page (`noun` and `verb` as typed, or ""), or a list of the commands
 * of a noun that is none by itself. */
void commands_list(void);
sr_result commands_explain(const char *noun, const char *verb, sr_err *err) SR_MUST_USE;

#endif
