#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static log_level most_level = LOG_INFO;

static const char *const level_names[] = {"error", "warning", "info"};

void log_set_level(log_level most)
{
    most_level = most;
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

sr_result log_put_value(sr_buf *line, const char *value, sr_err *err)
{
    if (!needs_quotes(value))
        return sr_buf_append_text(line, value, err);
    if (sr_buf_append_byte(line, '"', err) != SR_OK)
        return SR_FAIL;
    for (; *value != '\0'; value++)
    {
        bool escaped = *value == '"' || *value == '\\';
        uint8_t byte = is_control(*value) ? (uint8_t)'?' : (uint8_t)*value;
        if ((escaped && sr_buf_append_byte(line, '\\', err) != SR_OK) ||
            sr_buf_append_byte(line, byte, err) != SR_OK)
            return SR_FAIL;
    }
    return sr_buf_append_byte(line, '"', err);
}

static sr_result put_fields(sr_buf *line, va_list fields, sr_err *err)
{
    for (;;)
    {
        const char *key = va_arg(fields, const char *);
        if (key == NULL)
            return SR_OK;
        const char *value = va_arg(fields, const char *);
        if (sr_buf_printf(line, err, " %s=", key) != SR_OK ||
            log_put_value(line, value, err) != SR_OK)
            return SR_FAIL;
    }
}

void log_event(log_level level, const char *event, ...)
{
    SR_BUF(line, LOG_LINE_SIZE - 1); /* the newline comes in any case */
    sr_err full = SR_ERR_INIT;
    va_list fields;
    if (level > most_level)
        return;
    sr_time_text time = sr_time_print(sr_now_us());
    va_start(fields, event);
    if (sr_buf_printf(&line, &full, "time=%s level=%s event=%s", time.text, level_names[level],
                      event) != SR_OK ||
        put_fields(&line, fields, &full) != SR_OK)
        sr_err_reset(&full); /* what fitted is printed */
    va_end(fields);
    (void)fprintf(stderr, "%.*s\n", (int)line.len, (const char *)line.data);
}
