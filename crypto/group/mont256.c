#include "mont256.h"

__extension__ typedef unsigned __int128 wide;

mont256 mont256_load(const uint8_t bytes[MONT256_SIZE])
{
    mont256 out = {{0}};
    for (int i = 0; i < MONT256_SIZE; i++)
        out.w[3 - i / 8] = out.w[3 - i / 8] << 8 | bytes[i];
    return out;
}

void mont256_store(uint8_t bytes[MONT256_SIZE], const mont256 *plain)
{
    for (int i = 0; i < MONT256_SIZE; i++)
        bytes[i] = (uint8_t)(plain->w[3 - i / 8] >> (8 * (7 - i % 8)));
}

/* out = a - b mod 2^256; the borrow. */
static uint64_t subtract(mont256 *out, const mont256 *a, const mont256 *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < MONT256_WORDS; i++)
    {
        wide difference = (wide)a->w[i] - b->w[i] - borrow;
        out->w[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

uint64_t mont256_is_below(const mont256 *plain, const mont256 *limit)
{
    mont256 unused;
    return subtract(&unused, plain, limit);
}

mont256 mont256_select(mont256 a, mont256 b, uint64_t which)
{
    uint64_t mask = 0 - which;
    for (int i = 0; i < MONT256_WORDS; i++)
        a.w[i] ^= (a.w[i] ^ b.w[i]) & mask;
    return a;
}

/* top 2^256 + a, which is below 2m, less m if it is not below m. */
static mont256 reduce_once(const mont256_modulus *m, mont256 a, uint64_t top)
{
    mont256 less;
    uint64_t borrow = subtract(&less, &a, &m->m);
    return mont256_select(less, a, borrow & (top ^ 1));
}

mont256 mont256_add(const mont256_modulus *m, mont256 a, mont256 b)
{
    uint64_t carry = 0;
    for (int i = 0; i < MONT256_WORDS; i++)
    {
        wide sum = (wide)a.w[i] + b.w[i] + carry;
        a.w[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return reduce_once(m, a, carry);
}

mont256 mont256_sub(const mont256_modulus *m, mont256 a, mont256 b)
{
    mont256 out;
    uint64_t mask = 0 - subtract(&out, &a, &b);
    uint64_t carry = 0;
    for (int i = 0; i < MONT256_WORDS; i++)
    {
        wide sum = (wide)out.w[i] + (m->m.w[i] & mask) + carry;
        out.w[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return out;
}

/* t += a b, five words and a carry in the sixth. */
static void accumulate(uint64_t t[MONT256_WORDS + 2], const mont256 *a, uint64_t b)
{
    uint64_t carry = 0;
    for (int i = 0; i < MONT256_WORDS; i++)
    {
        wide sum = (wide)a->w[i] * b + t[i] + carry;
        t[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    wide sum = (wide)t[MONT256_WORDS] + carry;
    t[MONT256_WORDS] = (uint64_t)sum;
    t[MONT256_WORDS + 1] += (uint64_t)(sum >> 64);
}

/* a b / R. With b < m and any a < R the sum stays below 2m: (a b + k m) / R with k < R. */
mont256 mont256_mul(const mont256_modulus *m, mont256 a, mont256 b)
{
    uint64_t t[MONT256_WORDS + 2] = {0};
    mont256 out;
    for (int i = 0; i < MONT256_WORDS; i++)
    {
        accumulate(t, &b, a.w[i]);
        accumulate(t, &m->m, t[0] * m->negative); /* t[0] becomes 0 */
        for (int j = 0; j <= MONT256_WORDS; j++)
            t[j] = t[j + 1];
        t[MONT256_WORDS + 1] = 0;
    }
    for (int i = 0; i < MONT256_WORDS; i++)
        out.w[i] = t[i];
    return reduce_once(m, out, t[MONT256_WORDS]);
}

mont256 mont256_enter(const mont256_modulus *m, mont256 plain)
{
    return mont256_mul(m, plain, m->r_squared);
}

mont256 mont256_leave(const mont256_modulus *m, mont256 a)
{
    return mont256_mul(m, (mont256){{1}}, a);
}

mont256 mont256_power(const mont256_modulus *m, mont256 a, const mont256 *exponent)
{
    mont256 out = m->one;
    for (int i = 255; i >= 0; i--)
    {
        out = mont256_mul(m, out, out);
        if (exponent->w[i / 64] >> (i % 64) & 1)
            out = mont256_mul(m, out, a);
    }
    return out;
}

uint64_t mont256_is_zero(mont256 a)
{
    uint64_t any = a.w[0] | a.w[1] | a.w[2] | a.w[3];
    return ((any | (0 - any)) >> 63) ^ 1;
}

uint64_t mont256_is_equal(mont256 a, mont256 b)
{
    for (int i = 0; i < MONT256_WORDS; i++)
        a.w[i] ^= b.w[i];
    return mont256_is_zero(a);
}
