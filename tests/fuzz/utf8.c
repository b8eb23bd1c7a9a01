/* The valid prefix must be what a decoder by the definition accepts: shortest form, scalar values. */
#include "base/text.h"
#include "fuzz.h"

/* How many bytes the first byte announces, and its own bits; 0 when it starts nothing. */
static size_t announced(uint8_t first, uint32_t *bits)
{
    static const uint8_t marks[5] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    static const uint8_t masks[5] = {0, 0x80, 0xe0, 0xf0, 0xf8};
    size_t size = 1;
    while (size < 5 && (first & masks[size]) != marks[size])
        size++;
    *bits = size < 5 ? first & (uint8_t)~masks[size] : 0;
    return size < 5 ? size : 0;
}

/* Size of the character, or 0: decoded first, judged by its value then. */
static size_t decode(const uint8_t *data, size_t left)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t value;
    size_t size = announced(data[0], &value);
    if (size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
    {
        if (data[i] >> 6 != 2)
            return 0;
        value = value << 6 | (data[i] & 0x3fu);
    }
    bool is_scalar = value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    return is_scalar && value >= least[size] ? size : 0;
}

static size_t prefix_by_definition(const uint8_t *data, size_t size)
{
    size_t at = 0;
    size_t step = 1;
    while (at < size && step > 0)
    {
        step = decode(data + at, size - at);
        at += step;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_slice bytes = sr_slice_of(data, size);
    size_t prefix = sr_utf8_valid_prefix(bytes);
    fuzz_check(prefix == prefix_by_definition(data, size));
    fuzz_check(sr_utf8_is_valid(bytes) == (prefix == size));
    fuzz_check(sr_utf8_is_valid(sr_slice_sub(bytes, 0, prefix)));
    fuzz_check(sr_utf8_width(bytes) <= 2 * size);
    return 0;
}
