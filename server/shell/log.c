#include "log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static log_level most_level = LOG_INFO;
static log_format chosen_format = LOG_LOGFMT;

static const char *const level_names[] = {"error", "warning", "info"};

enum
{
    TAIL = 2, /* what ends a line: brace and newline */
};

void log_set_level(log_level most)
{
    most_level = most;
}

void log_set_format(log_format format)
{
    chosen_format = format;
}

sr_result log_level_parse(log_level *out, const char *name, sr_err *err)
{
    *out = LOG_INFO;
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++)
        if (strcmp(level_names[i], name) == 0)
        {
            *out = (log_level)i;
            return SR_OK;
        }
    return sr_fail(err, SR_E_INVALID, "expected error, warning or info");
}

sr_result log_format_parse(log_format *out, const char *name, sr_err *err)
{
    bool is_json = strcmp(name, "json") == 0;
    *out = is_json ? LOG_JSON : LOG_LOGFMT;
    if (is_json || strcmp(name, "text") == 0)
        return SR_OK;
    return sr_fail(err, SR_E_INVALID, "expected text or json");
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_control(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7f;
}

static bool needs_quotes(const char *value)
{
    if (value[0] == '\0')
        return true;
    for (; *value != '\0'; value++)
        if (*value == ' ' || *value == '"' || *value == '=' || *value == '\\' || is_control(*value))
            return true;
    return false;
}

/* Bytes up to the first that is not UTF-8; that one and control characters become "?". */
static sr_result put_escaped(sr_buf *line, const char *value, sr_err *err)
{
    sr_slice rest = sr_slice_text(value);
    size_t valid = sr_utf8_valid_prefix(rest);
    for (size_t i = 0; i < rest.len; i++)
    {
        bool escaped = value[i] == '"' || value[i] == '\\';
        bool bad = i == valid || is_control(value[i]);
        if (i == valid)
            valid = i + 1 + sr_utf8_valid_prefix(sr_slice_sub(rest, i + 1, rest.len - i - 1));
        if ((escaped && sr_buf_append_byte(line, '\\', err) != SR_OK) ||
            sr_buf_append_byte(line, bad ? (uint8_t)'?' : (uint8_t)value[i], err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result put_quoted(sr_buf *line, const char *value, sr_err *err)
{
    if (sr_buf_append_byte(line, '"', err) != SR_OK || put_escaped(line, value, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_append_byte(line, '"', err);
}

sr_result log_put_value(sr_buf *line, const char *value, sr_err *err)
{
    return needs_quotes(value) ? put_quoted(line, value, err) : put_escaped(line, value, err);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static sr_result put_key(sr_buf *line, const char *key, sr_err *err)
{
    bool first = line->len == 0;
    if (chosen_format == LOG_JSON)
        return sr_buf_printf(line, err, "%c\"%s\":", first ? '{' : ',', key);
    return sr_buf_printf(line, err, "%s%s=", first ? "" : " ", key);
}

static sr_result put_text(sr_buf *line, const char *key, const char *value, sr_err *err)
{
    if (put_key(line, key, err) != SR_OK)
        return SR_FAIL;
    return chosen_format == LOG_JSON ? put_quoted(line, value, err)
                                     : log_put_value(line, value, err);
}

/* A field that did not fit is taken back whole. */
static void settle(log_line *line, size_t before, sr_result put)
{
    if (put == SR_OK)
        return;
    sr_buf_cut(&line->bytes, before);
    line->full = true;
}

void log_line_begin(log_line *line, log_level level, const char *event)
{
    sr_time_text time = sr_time_print(sr_now_us());
    *line = (log_line){.wanted = level <= most_level};
    sr_buf_init(&line->bytes, LOG_LINE_SIZE - TAIL);
    log_line_text(line, "time", time.text);
    log_line_text(line, "level", level_names[level]);
    log_line_text(line, "event", event);
}

void log_line_text(log_line *line, const char *key, const char *value)
{
    sr_err full = SR_ERR_INIT;
    size_t before = line->bytes.len;
    if (line->wanted && !line->full && value != NULL && value[0] != '\0')
        settle(line, before, put_text(&line->bytes, key, value, &full));
}

static sr_result put_number(sr_buf *line, const char *key, uint64_t value, sr_err *err)
{
    if (put_key(line, key, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_printf(line, err, "%" PRIu64, value);
}

void log_line_number(log_line *line, const char *key, uint64_t value)
{
    sr_err full = SR_ERR_INIT;
    size_t before = line->bytes.len;
    if (line->wanted && !line->full)
        settle(line, before, put_number(&line->bytes, key, value, &full));
}

void log_line_end(log_line *line)
{
    if (line->wanted)
        (void)fprintf(stderr, "%.*s%s\n", (int)line->bytes.len, (const char *)line->bytes.data,
                      chosen_format == LOG_JSON ? "}" : "");
    sr_buf_clear(&line->bytes);
}

void log_event(log_level level, const char *event, ...)
{
    log_line line;
    va_list fields;
    log_line_begin(&line, level, event);
    va_start(fields, event);
    for (;;)
    {
        const char *key = va_arg(fields, const char *);
        if (key == NULL)
            break;
        log_line_text(&line, key, va_arg(fields, const char *));
    }
    va_end(fields);
    log_line_end(&line);
}
