#include "uuid.h"

#include <string.h>

#include "text.h"

enum
{
    GROUPS = 5
};
static const size_t group_sizes[GROUPS] = {4, 2, 2, 2, 6}; /* bytes */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reads one group of hexadecimal digits into `size` bytes; *text moves to what follows. */
static bool parse_group(uint8_t *out, size_t size, const char **text)
{
    uint64_t value = 0;
    size_t digits = 0;
    for (; digit_value(**text) >= 0; (*text)++, digits++)
    {
        if (digits == 2 * size)
            return false;
        value = value << 4 | (uint64_t)digit_value(**text);
    }
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    return digits > 0;
}

sr_result sr_uuid_parse(sr_uuid *out, const char *text, sr_err *err)
{
    sr_uuid uuid = {{0}};
    uint8_t *at = uuid.bytes;
    bool good = true;
    *out = uuid;
    for (size_t group = 0; good && group < GROUPS; group++)
    {
        good = parse_group(at, group_sizes[group], &text) &&
               *text == (group + 1 < GROUPS ? '-' : '\0');
        at += group_sizes[group];
        text++;
    }
    if (!good)
        return sr_fail(err, SR_E_INVALID,
                       "not a UUID: expected 8-4-4-4-12 hexadecimal digits with dashes");
    *out = uuid;
    return SR_OK;
}

sr_uuid_text sr_uuid_print(const sr_uuid *uuid)
{
    sr_uuid_text out;
    char *to = out.text;
    const uint8_t *from = uuid->bytes;
    for (size_t group = 0; group < GROUPS; group++)
    {
        sr_hex_encode(to, sr_slice_of(from, group_sizes[group]));
        from += group_sizes[group];
        to += 2 * group_sizes[group];
        *to++ = group + 1 < GROUPS ? '-' : '\0';
    }
    return out;
}

sr_uuid sr_uuid_random(void)
{
    sr_uuid uuid;
    sr_random_bytes(uuid.bytes, sizeof uuid.bytes);
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x40); /* version 4 */
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80); /* RFC 9562 variant */
    return uuid;
}

bool sr_uuid_equal(const sr_uuid *a, const sr_uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
