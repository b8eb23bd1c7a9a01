#include "header.h"

static bool is_blank(uint8_t c)
{
    return c <= 0x20; /* what Java's String.trim removes */
}

static sr_slice trim(sr_slice header)
{
    size_t from = 0;
    size_t to = header.len;
    while (from < to && is_blank(header.data[from]))
        from++;
    while (to > from && is_blank(header.data[to - 1]))
        to--;
    return sr_slice_sub(header, from, to - from);
}

static char lower(uint8_t c)
{
    bool upper = c >= 'A' && c <= 'Z';
    return (char)(upper ? c | 0x20u : c);
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* A dash stands between two others, and never second: `[a-z0-9_](([a-z0-9_ ]+-)*([a-z0-9_ ]+))?`. */
static bool fits_at(const char *name, size_t at)
{
    char c = name[at];
    if (at == 0)
        return is_plain(c);
    if (c == '-')
        return at > 1 && name[at - 1] != '-' && name[at + 1] != '\0';
    return is_plain(c) || c == ' ';
}

/* Position for people, in characters: continuation bytes of UTF-8 do not count. */
static size_t character_number(const char *name, size_t at)
{
    size_t number = 1;
    for (size_t i = 0; i < at; i++)
        number += ((uint8_t)name[i] & 0xc0u) != 0x80u;
    return number;
}

sr_result header_normalise(char *out, sr_slice header, sr_err *err)
{
    char name[HEADER_SIZE] = "";
    sr_slice inner = trim(header);
    out[0] = '\0';
    if (inner.len == 0)
        return sr_fail(err, SR_E_INVALID, "a column header is blank");
    if (inner.len > HEADER_MOST_CHARACTERS)
        return sr_fail(err, SR_E_INVALID, "header \"%.*s…\": longer than %d characters", 32,
                       (const char *)inner.data, HEADER_MOST_CHARACTERS);
    for (size_t i = 0; i < inner.len; i++)
        name[i] = lower(inner.data[i]);
    for (size_t i = 0; i < inner.len; i++)
        if (!fits_at(name, i))
            return sr_fail(
                err, SR_E_INVALID,
                "header \"%s\": character %zu is not allowed there: expected letters a-z, "
                "digits, '_', inner spaces, or '-' between two parts",
                name, character_number(name, i));
    sr_copy(out, name, sizeof name);
    return SR_OK;
}
