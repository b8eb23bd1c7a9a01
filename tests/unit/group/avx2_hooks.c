#include "avx2_hooks.h"

#include "crypto/group/avx2_number.h"

/* By way of memory, a lane at a time: nothing of the kernel's conversions. */
static void enter(avx2_fe *r, const hook_numbers *a)
{
    for (int i = 0; i < HOOK_LIMBS; i++)
    {
        double d[HOOK_LANES];
        for (int j = 0; j < HOOK_LANES; j++)
            d[j] = (double)a->limb[i][j] * 0x1p-51;
        r->limb[i] = _mm256_loadu_pd(d);
    }
}

static void leave(hook_numbers *r, const avx2_fe *a)
{
    for (int i = 0; i < HOOK_LIMBS; i++)
    {
        double d[HOOK_LANES];
        _mm256_storeu_pd(d, a->limb[i]);
        for (int j = 0; j < HOOK_LANES; j++)
            r->limb[i][j] = (int64_t)(d[j] * 0x1p51);
    }
}

void hook_run(hook_numbers *r, hook_operation operation, const hook_numbers *a,
              const hook_numbers *b)
{
    avx2_fe x, y;
    enter(&x, a);
    enter(&y, b);
    switch (operation)
    {
    case HOOK_MUL:
        avx2_mul(&x, &x, &y);
        break;
    case HOOK_MUL_SECOND:
        avx2_mul(&y, &x, &y);
        x = y;
        break;
    case HOOK_SQUARE:
        avx2_square(&x, &x);
        break;
    case HOOK_ADD:
        avx2_add(&x, &x, &y);
        break;
    case HOOK_SUB:
        avx2_sub(&x, &x, &y);
        break;
    case HOOK_ADD_SMALL:
        avx2_add_small(&x, &x, &y, 486662);
        break;
    case HOOK_CARRY:
    case HOOK_COUNT:
        avx2_carry(&x, &x);
        break;
    }
    leave(r, &x);
}

void hook_encode(uint8_t out[HOOK_LANES][32], const hook_numbers *a)
{
    avx2_fe x;
    enter(&x, a);
    avx2_encode(out[0], &x, _mm256_castsi256_pd(_mm256_set1_epi64x(-1)), HOOK_LANES);
}

void hook_decode(hook_numbers *r, uint8_t in[HOOK_LANES][32])
{
    avx2_fe x;
    avx2_decode(&x, in[0], AVX2_SIZE, HOOK_LANES);
    leave(r, &x);
}

void hook_is_zero(uint8_t yes[HOOK_LANES], const hook_numbers *a)
{
    avx2_fe x;
    enter(&x, a);
    unsigned bits = (unsigned)_mm256_movemask_pd(avx2_is_zero(&x));
    for (int j = 0; j < HOOK_LANES; j++)
        yes[j] = (uint8_t)((bits >> j) & 1);
}
