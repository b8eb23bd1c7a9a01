/*
 * Base64 eight characters at a time, without tables and without branches on the data: each byte of
 * a 64-bit word is a lane, and comparisons are additions that carry into a lane's top bit. So
 * secrets may pass, and a core does about a gigabyte a second.
 */
#include "text.h"

#define LANES(byte) (0x0101010101010101u * (uint64_t)(byte))
#define TOP_BITS LANES(0x80)
/* The compiler thinks them too large for the two places each is called from. */
#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t load_word(const uint8_t *from)
{
    return (uint64_t)from[0] << 56 | (uint64_t)from[1] << 48 | (uint64_t)from[2] << 40 |
           (uint64_t)from[3] << 32 | (uint64_t)from[4] << 24 | (uint64_t)from[5] << 16 |
           (uint64_t)from[6] << 8 | (uint64_t)from[7];
}

INLINE void store_word(uint8_t *to, uint64_t word)
{
    to[0] = (uint8_t)(word >> 56);
    to[1] = (uint8_t)(word >> 48);
    to[2] = (uint8_t)(word >> 40);
    to[3] = (uint8_t)(word >> 32);
    to[4] = (uint8_t)(word >> 24);
    to[5] = (uint8_t)(word >> 16);
    to[6] = (uint8_t)(word >> 8);
    to[7] = (uint8_t)word;
}

/* The same for fewer than eight bytes: the first is the highest. Through registers only, so that no
 * piece of a secret stays on the stack. */
static uint64_t load_part(const uint8_t *from, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)from[i] << (56 - 8 * i);
    return word;
}

static void store_part(uint8_t *to, uint64_t word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)(word >> (56 - 8 * i));
}

/* 1 in each lane whose value is at least `least`; lanes must be below 128. */
INLINE uint64_t at_least(uint64_t lanes, unsigned least)
{
    return ((lanes + LANES(128 - least)) & TOP_BITS) >> 7;
}

/* ---- encoding -------------------------------------------------------------------------------- */

/* 48 bits, right-aligned, to eight lanes of six bits. */
INLINE uint64_t spread(uint64_t bits)
{
    bits = (bits & 0x0000ffffff000000u) << 8 | (bits & 0x0000000000ffffffu);
    bits = (bits & 0x00fff00000fff000u) << 4 | (bits & 0x00000fff00000fffu);
    return (bits & 0x0fc00fc00fc00fc0u) << 2 | (bits & 0x003f003f003f003fu);
}

/* A-Z, a-z, 0-9, '+', '/' follow each other with gaps: add those upwards, then those downwards. */
INLINE uint64_t letters_of(uint64_t sixes)
{
    uint64_t sum = sixes + LANES('A') + 6 * at_least(sixes, 26) + 3 * at_least(sixes, 63);
    return sum - 75 * at_least(sixes, 52) - 15 * at_least(sixes, 62);
}

size_t sr_base64_encoded_len(size_t len)
{
    return len / 3 * 4 + (len % 3 == 0 ? 0 : 4);
}

/* One to six bytes; `padded` characters of the last group become '='. */
static void encode_tail(uint8_t *out, const uint8_t *in, size_t len)
{
    size_t out_len = sr_base64_encoded_len(len);
    size_t padded = (3 - len % 3) % 3;
    store_part(out, letters_of(spread(load_part(in, len) >> 16)), out_len);
    for (size_t i = 0; i < padded; i++)
        out[out_len - 1 - i] = '=';
}

void sr_base64_encode(char *out, sr_slice bytes)
{
    uint8_t *to = (uint8_t *)out;
    const uint8_t *from = bytes.data;
    size_t left = bytes.len;
    for (; left >= 8; left -= 6, from += 6, to += 8) /* reads eight bytes, uses six */
        store_word(to, letters_of(spread(load_word(from) >> 16)));
    while (left > 0)
    {
        size_t take = left < 6 ? left : 6;
        encode_tail(to, from, take);
        from += take;
        to += sr_base64_encoded_len(take);
        left -= take;
    }
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* Eight lanes of six bits to 48 bits, right-aligned. */
INLINE uint64_t gather(uint64_t sixes)
{
    sixes = (sixes & 0x3f003f003f003f00u) >> 2 | (sixes & 0x003f003f003f003fu);
    sixes = (sixes & 0x0fff00000fff0000u) >> 4 | (sixes & 0x00000fff00000fffu);
    return (sixes & 0x00ffffff00000000u) >> 8 | (sixes & 0x0000000000ffffffu);
}

/* Eight letters to sixes; *bad collects a bit wherever a lane is no letter of the alphabet. */
INLINE uint64_t sixes_of(uint64_t letters, uint64_t *bad)
{
    uint64_t low = letters & ~TOP_BITS;
    uint64_t upper = at_least(low, 'A') ^ at_least(low, 'Z' + 1);
    uint64_t lower = at_least(low, 'a') ^ at_least(low, 'z' + 1);
    uint64_t digit = at_least(low, '0') ^ at_least(low, '9' + 1);
    uint64_t plus = at_least(low, '+') ^ at_least(low, '+' + 1);
    uint64_t slash = at_least(low, '/') ^ at_least(low, '/' + 1);
    *bad |= (letters & TOP_BITS) | ((upper | lower | digit | plus | slash) ^ LANES(1));
    uint64_t sixes = ((low & upper * 0xff) - 'A' * upper) | ((low & lower * 0xff) - 71 * lower);
    return sixes | ((low & digit * 0xff) + 4 * digit) | 62 * plus | 63 * slash;
}

size_t sr_base64_decoded_max(size_t len)
{
    return len / 4 * 3 + (len % 4 == 0 ? 0 : len % 4 - 1);
}

/* One to eight letters without padding. False when unused bits are set. */
static bool decode_tail(uint8_t *out, const uint8_t *text, size_t letters, uint64_t *bad)
{
    uint64_t missing = letters < 8 ? LANES('A') >> (8 * letters) : 0;
    size_t len = letters * 6 / 8;
    uint64_t bytes = gather(sixes_of(load_part(text, letters) | missing, bad)) << 16;
    store_part(out, bytes, len);
    return bytes << (8 * len) == 0;
}

/* How many letters a text has without its padding; false when the length cannot be right. */
static bool count_letters(size_t *letters, sr_slice text)
{
    size_t len = text.len;
    if (len > 0 && len % 4 == 0)
    {
        len -= text.data[len - 1] == '=';
        len -= len < text.len && text.data[len - 1] == '=';
    }
    *letters = len;
    return len % 4 != 1;
}

static sr_result decode(uint8_t *out, size_t *out_len, sr_slice text, bool exact, sr_err *err)
{
    size_t letters;
    uint64_t bad = 0;
    *out_len = 0;
    if (!count_letters(&letters, text))
        return sr_fail(err, SR_E_FORMAT, "not base64: a character is missing or too many");
    const uint8_t *from = text.data;
    uint8_t *to = out;
    size_t left = letters;
    for (; left > 10; left -= 8, from += 8, to += 6) /* writes eight bytes, keeps six */
        store_word(to, gather(sixes_of(load_word(from), &bad)) << 16);
    bool tidy = true;
    while (left > 0)
    {
        size_t take = left < 8 ? left : 8;
        tidy = decode_tail(to, from, take, &bad);
        from += take;
        to += take * 6 / 8;
        left -= take;
    }
    if (bad == 0 && (tidy || !exact))
    {
        *out_len = letters / 4 * 3 + letters % 4 * 6 / 8;
        return SR_OK;
    }
    sr_wipe(out, sr_base64_decoded_max(text.len));
    if (bad != 0)
        return sr_fail(err, SR_E_FORMAT, "not base64: a character outside A-Z a-z 0-9 + /");
    return sr_fail(err, SR_E_FORMAT, "not base64: unused bits in the last character are set");
}

sr_result sr_base64_decode(uint8_t *out, size_t *out_len, sr_slice text, sr_err *err)
{
    return decode(out, out_len, text, true, err);
}

sr_result sr_base64_decode_like_java(uint8_t *out, size_t *out_len, sr_slice text, sr_err *err)
{
    return decode(out, out_len, text, false, err);
}
