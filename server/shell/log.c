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
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++)
        if (strcmp(level_names[i], name) == 0)
        {
            *out = (log_level)i;
            return SR_OK;
        }
    return sr_fail(err, SR_E_INVALID, "expected error, warning or info");
}

void log_event(log_level level, const char *event, const char *format, ...)
{
    char rest[512];
    va_list args;
    if (level > most_level)
        return;
    va_start(args, format);
    (void)vsnprintf(rest, sizeof rest, format, args);
    va_end(args);
    for (char *at = rest; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    sr_time_text time = sr_time_print(sr_now_us());
    (void)fprintf(stderr, "time=%s level=%s event=%s%s%s\n", time.text, level_names[level], event,
                  rest[0] == '\0' ? "" : " ", rest);
}
