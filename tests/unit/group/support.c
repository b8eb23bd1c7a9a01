#include "support.h"

#include "base/text.h"

sr_json *support_vectors(const char *name)
{
    sr_err err = SR_ERR_INIT;
    sr_json *document = NULL;
    SR_TEXT(path);
    path = sr_text_printf("%s/tests/vectors/%s", SEALROOM_SOURCE_DIR, name);
    check_ok(sr_json_parse_file(&document, path, &err), &err);
    check(sr_json_size(document) > 0);
    return document;
}

void support_bytes(uint8_t out[32], const char *hex, bool reversed)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_hex_decode(out, 32, sr_slice_text(hex), &err), &err);
    for (size_t i = 0; reversed && i < 16; i++)
    {
        uint8_t kept = out[i];
        out[i] = out[31 - i];
        out[31 - i] = kept;
    }
}

static uint64_t state = 20261124;

void support_seed(uint64_t seed)
{
    state = seed;
}

/* splitmix64 */
uint64_t support_random(void)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void support_random_bytes(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)support_random();
}

/* Each run of `bits` bits all zeros, all ones, or as it was. */
static void extreme_limbs(uint8_t out[32], unsigned bits)
{
    unsigned kind = 0;
    for (unsigned i = 0; i < 256; i++)
    {
        if (i % bits == 0)
            kind = (unsigned)(support_random() % 3);
        uint8_t bit = (uint8_t)(1U << (i % 8));
        if (kind == 0)
            out[i / 8] &= (uint8_t)~bit;
        if (kind == 1)
            out[i / 8] |= bit;
    }
}

/* p - 1 - small, or small. */
static void close_to_an_end(uint8_t out[32])
{
    uint8_t small = (uint8_t)(support_random() % 40);
    memset(out, 0, 32);
    out[0] = small;
    if (support_random() % 2 == 0)
        return;
    memset(out, 0xff, 32);
    out[0] = (uint8_t)(0xec - small);
    out[31] = 0x7f;
}

static void make_canonical(uint8_t out[32])
{
    bool ones = true;
    out[31] &= 0x7f;
    for (size_t i = 1; i < 31; i++)
        ones = ones && out[i] == 0xff;
    if (ones && out[31] == 0x7f && out[0] > 0xec)
        out[0] = 0xec;
}

void support_element(uint8_t out[32])
{
    static const unsigned limbs[] = {51, 52, 26, 64};
    uint64_t kind = support_random() % 16;
    support_random_bytes(out, 32);
    if (kind == 0)
        close_to_an_end(out);
    if (kind == 1)
        extreme_limbs(out, limbs[support_random() % 4]);
    make_canonical(out);
}

void support_clamped(uint8_t out[32])
{
    support_random_bytes(out, 32);
    if (support_random() % 8 == 0)
        extreme_limbs(out, 64);
    out[0] &= 248;
    out[31] = (uint8_t)((out[31] & 127) | 64);
}

void support_number(uint8_t out[32], uint64_t value)
{
    memset(out, 0, 32);
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}
