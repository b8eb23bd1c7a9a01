/*
 * log.h: the server's log: one logfmt line an event on standard error, for journald or a file.
 *
 *     time=2026-11-24T08:13:41Z level=info event=listening address=127.0.0.1:7443
 *
 * Never a value, a row, a query's text, or a library's message: what a member did is in the audit log.
 */
#ifndef SEALROOM_SERVER_SHELL_LOG_H
#define SEALROOM_SERVER_SHELL_LOG_H

#include "base/err.h"

typedef enum
{
    LOG_ERROR,
    LOG_WARNING,
    LOG_INFO,
} log_level;

/* Lines above this level are dropped; LOG_INFO at first. Before threads start. */
void log_set_level(log_level most);
sr_result log_level_parse(log_level *out, const char *name, sr_err *err) SR_MUST_USE;
/* `event` is a word with underscores; `format` gives the rest of the line, "key=value …", or "". */
void log_event(log_level level, const char *event, const char *format, ...) SR_PRINTF(3, 4);

#endif
