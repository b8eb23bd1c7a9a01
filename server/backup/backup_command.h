/*
 * backup_command.h: `sealroomd backup`, `restore` and `check`: the command line of backup.h.
 *
 * Errors: SR_E_USAGE for the command line, with the way to the help; else those of backup.h.
 */
#ifndef SEALROOM_SERVER_BACKUP_COMMAND_H
#define SEALROOM_SERVER_BACKUP_COMMAND_H

#include "base/err.h"

/* Whether this word is one of the three. */
bool backup_command_is(const char *verb);
/* `words[0]` is the verb; what was done, or found, is told on standard output. */
sr_result backup_command_run(int count, char **words, sr_err *err) SR_MUST_USE;

#endif
