/*
 * log.h: the server's log: one line an event on standard error, for journald or a file.
 *
 *     time=2026-11-24T08:13:41Z level=info event=listening address=127.0.0.1:7443 version=0.1.0
 *     time=2026-11-24T08:20:02Z level=warning event=advice text="keyFolder lies inside dataFolder"
 *
 * or, with "logFormat": "json", the same fields as one JSON object a line, numbers as numbers:
 *
 *     {"time":"2026-11-24T08:13:41Z","level":"info","event":"listening","address":"127.0.0.1:7443"}
 *
 * In logfmt a value with blanks, quotes or "=" is quoted, with \" and \\ inside. In both, control
 * characters and what is not UTF-8 become "?", so that an event is always one line that parses. A field
 * for which a line of LOG_LINE_SIZE has no room is left out, and so are those after it.
 *
 * Never a value of a table, a row, a query's text, a key, or a foreign library's message. What a member
 * did is in the audit log (audit/audit.h), not here: this log is for whoever keeps the machine. What it
 * says of each call: server/rpc/call_log.h.
 *
 * Threads: any; each event is one write.
 */
#ifndef SEALROOM_SERVER_SHELL_LOG_H
#define SEALROOM_SERVER_SHELL_LOG_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    LOG_LINE_SIZE = 4096, /* bytes, newline included */
};

typedef enum
{
    LOG_ERROR,
    LOG_WARNING,
    LOG_INFO,
} log_level;

typedef enum
{
    LOG_LOGFMT,
    LOG_JSON,
} log_format;

/* Lines above this level are dropped; LOG_INFO and LOG_LOGFMT at first. Before threads start. */
void log_set_level(log_level most);
void log_set_format(log_format format);
/* "error", "warning" or "info"; anything else is SR_E_INVALID. */
sr_result log_level_parse(log_level *out, const char *name, sr_err *err) SR_MUST_USE;
/* "text" or "json"; anything else is SR_E_INVALID. */
sr_result log_format_parse(log_format *out, const char *name, sr_err *err) SR_MUST_USE;

/* `event` is a word with underscores; after it key and value in turn, all of them text, and NULL at the
 * end: log_event(LOG_INFO, "listening", "address", address, NULL). */
void log_event(log_level level, const char *event, ...) __attribute__((sentinel));

/* ---- an event field by field ----------------------------------------------------------------- */

/* Keys are words of ours. Must be ended. */
typedef struct
{
    sr_buf bytes;
    bool wanted; /* its level is not dropped */
    bool full;
} log_line;

void log_line_begin(log_line *line, log_level level, const char *event);
/* Empty text and NULL are left out. */
void log_line_text(log_line *line, const char *key, const char *value);
void log_line_number(log_line *line, const char *key, uint64_t value);
/* Writes it. */
void log_line_end(log_line *line);

/* The value as it stands in a logfmt line: quoted if it must be. Fails only when `line` is full. */
sr_result log_put_value(sr_buf *line, const char *value, sr_err *err) SR_MUST_USE;

#endif
