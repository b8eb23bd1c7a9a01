#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

typedef struct
{
    const char *name;
    const char *words;
    int exit_status;
    int grpc_status;
    bool peer_may_read;
} code_row;

/* Exit status 2 is wrong usage and 3 is "refused by a rule" (DESIGN.md section 7). */
static const code_row code_table[SR_E_COUNT_] = {
    [SR_E_NONE] = {"NONE", "no error", 0, 0, true},
    [SR_E_USAGE] = {"USAGE", "wrong usage", 2, 3, true},
    [SR_E_INVALID] = {"INVALID", "the request is malformed", 1, 3, true},
    [SR_E_FORMAT] = {"FORMAT", "the data is malformed", 1, 3, true},
    [SR_E_LIMIT] = {"LIMIT", "a limit is exceeded", 1, 8, true},
    [SR_E_NOT_FOUND] = {"NOT_FOUND", "not found", 1, 5, true},
    [SR_E_EXISTS] = {"EXISTS", "it exists already", 1, 6, true},
    [SR_E_STATE] = {"STATE", "not possible in the present state", 1, 9, true},
    [SR_E_REFUSED] = {"REFUSED", "refused by an analysis rule", 3, 7, true},
    [SR_E_ROLE] = {"ROLE", "this role may not do that", 1, 7, true},
    [SR_E_UNKNOWN_PEER] = {"UNKNOWN_PEER", "the certificate names no member", 1, 16, true},
    [SR_E_SECRET] = {"SECRET", "a secret is wrong or missing", 1, 9, true},
    [SR_E_IO] = {"IO", "the server could not read or write its storage", 1, 13, false},
    [SR_E_FULL] = {"FULL", "the server has no room left", 1, 8, false},
    [SR_E_UNAVAILABLE] = {"UNAVAILABLE", "the server is not available", 1, 14, true},
    [SR_E_TIMEOUT] = {"TIMEOUT", "the deadline passed", 1, 4, true},
    [SR_E_CANCELLED] = {"CANCELLED", "cancelled", 1, 1, true},
    [SR_E_CORRUPT] = {"CORRUPT", "the server's stored state is damaged", 1, 15, false},
    [SR_E_INTERNAL] = {"INTERNAL", "internal error", 1, 13, false},
};

static const code_row *row_of(sr_code code)
{
    bool known = (unsigned)code < SR_E_COUNT_;
    return &code_table[known ? code : SR_E_INTERNAL];
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F, which some terminals obey too. */
static bool is_control(const char *at)
{
    unsigned char first = (unsigned char)at[0];
    unsigned char second = first == 0 ? 0 : (unsigned char)at[1];
    return first < 0x20 || first == 0x7f || (first == 0xc2 && second >= 0x80 && second <= 0x9f);
}

/* One line of UTF-8: a stray newline or escape must not forge a log line or move a cursor, and the
 * text travels in fields that admit nothing but UTF-8. */
static void make_one_line(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        if (is_control(at))
            *at = '?';
    sr_slice rest = sr_slice_text(text);
    for (size_t good = sr_utf8_valid_prefix(rest); good < rest.len;
         good = sr_utf8_valid_prefix(rest))
    {
        text[good] = '?';
        text += good + 1;
        rest = sr_slice_sub(rest, good + 1, rest.len - good - 1);
    }
}

static void mark_cut(char *text, size_t size, int wanted)
{
    static const char ellipsis[] = "…";
    if (wanted < 0 || (size_t)wanted < size)
        return;
    size_t at = size - sizeof ellipsis;
    while (at > 0 && ((unsigned char)text[at] & 0xc0u) == 0x80u) /* not inside a UTF-8 character */
        at--;
    sr_copy(text + at, ellipsis, sizeof ellipsis);
}

SR_PRINTF(2, 0)
static void set_text(sr_err *err, const char *format, va_list args)
{
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    mark_cut(err->text, sizeof err->text, wanted);
    make_one_line(err->text);
}

sr_result sr_fail(sr_err *err, sr_code code, const char *format, ...)
{
    va_list args;
    err->code = code;
    err->detail = (sr_err_detail){.reason = ""};
    va_start(args, format);
    set_text(err, format, args);
    va_end(args);
    return SR_FAIL;
}

sr_result sr_fail_in(sr_err *err, const char *format, ...)
{
    char why[SR_ERR_TEXT_SIZE];
    char subject[SR_ERR_TEXT_SIZE];
    va_list args;
    sr_copy(why, err->text, sizeof why);
    va_start(args, format);
    int length = vsnprintf(subject, sizeof subject, format, args);
    va_end(args);
    mark_cut(subject, sizeof subject, length);
    int wanted = snprintf(err->text, sizeof err->text, "%s: %s", subject, why);
    mark_cut(err->text, sizeof err->text, wanted);
    make_one_line(err->text);
    return SR_FAIL;
}

sr_result sr_fail_errno(sr_err *err, int number, const char *format, ...)
{
    va_list args;
    err->code = SR_E_IO;
    if (number == ENOSPC || number == EDQUOT)
        err->code = SR_E_FULL;
    if (number == ENOENT)
        err->code = SR_E_NOT_FOUND;
    err->detail = (sr_err_detail){.reason = ""};
    char why[128];
    const char *words = strerror_r(number, why, sizeof why);
    snprintf(err->text, sizeof err->text, "%s", words);
    char subject[SR_ERR_TEXT_SIZE];
    va_start(args, format);
    vsnprintf(subject, sizeof subject, format, args);
    va_end(args);
    return sr_fail_in(err, "%s", subject);
}

static void set_part(char *part, size_t size, const char *value)
{
    int wanted = snprintf(part, size, "%s", value == NULL ? "" : value);
    mark_cut(part, size, wanted);
    make_one_line(part);
}

void sr_err_set_detail(sr_err *err, const char *reason, const char *field, const char *table,
                       const char *column)
{
    set_part(err->detail.reason, sizeof err->detail.reason, reason);
    set_part(err->detail.field, sizeof err->detail.field, field);
    set_part(err->detail.table, sizeof err->detail.table, table);
    set_part(err->detail.column, sizeof err->detail.column, column);
}

void sr_err_reset(sr_err *err)
{
    *err = (sr_err)SR_ERR_INIT;
}

const char *sr_code_words(sr_code code)
{
    return row_of(code)->words;
}

int sr_code_exit_status(sr_code code)
{
    return row_of(code)->exit_status;
}

int sr_code_grpc_status(sr_code code)
{
    return row_of(code)->grpc_status;
}

bool sr_code_peer_may_read(sr_code code)
{
    return row_of(code)->peer_may_read;
}

sr_code sr_code_from_grpc(int grpc_status)
{
    static const sr_code by_status[17] = {
        SR_E_NONE,      SR_E_CANCELLED,    SR_E_INTERNAL, SR_E_INVALID,  SR_E_TIMEOUT,
        SR_E_NOT_FOUND, SR_E_EXISTS,       SR_E_ROLE,     SR_E_LIMIT,    SR_E_STATE,
        SR_E_CANCELLED, SR_E_INVALID,      SR_E_INTERNAL, SR_E_INTERNAL, SR_E_UNAVAILABLE,
        SR_E_CORRUPT,   SR_E_UNKNOWN_PEER,
    };
    bool known = grpc_status >= 0 && grpc_status < 17;
    return known ? by_status[grpc_status] : SR_E_INTERNAL;
}

const char *sr_code_name(sr_code code)
{
    return row_of(code)->name;
}

sr_code sr_code_from_name(const char *name)
{
    for (int code = 0; code < SR_E_COUNT_; code++)
        if (strcmp(code_table[code].name, name) == 0)
            return (sr_code)code;
    return SR_E_INTERNAL;
}

const char *sr_err_peer_text(const sr_err *err)
{
    return sr_code_peer_may_read(err->code) ? err->text : sr_code_words(err->code);
}
