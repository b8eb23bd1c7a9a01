#include "refuse.h"

#include <stdarg.h>
#include <stdio.h>

/* Lines and columns count from 1; columns count characters. */
static void find_place(query_place place, unsigned *line, unsigned *column)
{
    *line = 1;
    *column = 1;
    for (long at = 0; at < place.at && place.sql[at] != '\0'; at++)
    {
        unsigned char byte = (unsigned char)place.sql[at];
        if (byte == '\n')
        {
            *line += 1;
            *column = 1;
        }
        else if ((byte & 0xc0u) != 0x80u)
            *column += 1;
    }
}

sr_result query_refuse(sr_err *err, query_place place, query_refusal why, const char *format, ...)
{
    char words[SR_ERR_TEXT_SIZE - 40];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args);
    va_end(args);
    bool known = place.sql != NULL && place.at >= 0;
    unsigned line = 0;
    unsigned column = 0;
    if (known)
        find_place(place, &line, &column);
    if (known)
        (void)sr_fail(err, SR_E_REFUSED, "%s (line %u, column %u)", words, line, column);
    else
        (void)sr_fail(err, SR_E_REFUSED, "%s", words);
    sr_err_set_detail(err, why.reason, why.field, why.table, why.column);
    if (known)
        (void)snprintf(err->detail.position, sizeof err->detail.position, "%u:%u", line, column);
    return SR_FAIL;
}
