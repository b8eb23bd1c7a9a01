/*
 * log.h: the server's log: one logfmt line an event on standard error, for journald or a file.
 *
 *     time=2026-11-24T08:13:41Z level=info event=listening address=127.0.0.1:7443 version=0.1.0
 *     time=2026-11-24T08:20:02Z level=warning event=advice text="keyFolder lies inside dataFolder"
 *
 * A value with blanks, quotes or "=" is quoted, with \" and \\ inside; control characters become "?", so
 * that an event is always one line. A line longer than LOG_LINE_SIZE is cut.
 *
 * Never a value of a table, a row, a query's text, a key, or a foreign library's message. What a member
 * did is in the audit log (audit/audit.h), not here: this log is for whoever keeps the machine.
 *
 * Threads: any; each event is one write.
 */
#ifndef SEALROOM_SERVER_SHELL_LOG_H
#define SEALROOM_SERVER_SHELL_LOG_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    LOG_LINE_SIZE = 2048, /* bytes, newline included */
};

typedef enum
{
    LOG_ERROR,
    LOG_WARNING,
    LOG_INFO,
} log_level;

/* Lines above this level are dropped; LOG_INFO at first. Before threads start. */
void log_set_level(log_level most);
/* "error", "warning" or "info"; anything else is SR_E_INVALID. */
sr_result log_level_parse(log_level *out, const char *name, sr_err *err) SR_MUST_USE;

/* `event` is a word with underscores; after it key and value in turn, all of them text, and NULL at the
 * end: log_event(LOG_INFO, "listening", "address", address, NULL). */
void log_event(log_level level, const char *event, ...) __attribute__((sentinel));

/* The value as it stands in a line: quoted if it must be. Fails only when `line` is full. */
sr_result log_put_value(sr_buf *line, const char *value, sr_err *err) SR_MUST_USE;

#endif
