/* The IFMA kernel's field, on limbs at the edges of their bounds, against 128-bit integers. */
#include "check.h"

#include "crypto/group/kernel.h"
#include "ifma_hooks.h"

__extension__ typedef unsigned __int128 wide128;

enum
{
    PRODUCT_ROUNDS = 250000, /* of eight lanes: 2,000,000 */
    OTHER_ROUNDS = 25000 * HOOK_COUNT,
    SKIPPED = 77,
};

#define LOW51 ((UINT64_C(1) << 51) - 1)
#define NARROW                                                                                     \
    ((UINT64_C(1) << 51) + (UINT64_C(1) << 14)) /* what ifma_field.h promises and wants */
#define PRODUCT (UINT64_C(125) << 52)
#define LIFTED (PRODUCT + (UINT64_C(1) << 59))

/* ---- the oracle ------------------------------------------------------------------------------ */

/* A residue, always the one below p. */
typedef struct
{
    uint64_t l[HOOK_LIMBS];
} residue;

/* Any five columns < 2^120. */
static residue reduce(const wide128 column[HOOK_LIMBS])
{
    wide128 c[HOOK_LIMBS];
    memcpy(c, column, sizeof c);
    for (int pass = 0; pass < 4; pass++)
        for (int k = 0; k < HOOK_LIMBS; k++)
        {
            wide128 up = c[k] >> 51;
            c[k] &= LOW51;
            c[(k + 1) % HOOK_LIMBS] += k == 4 ? 19 * up : up;
        }
    residue out;
    bool is_at_least_p = c[0] >= LOW51 - 18;
    for (int k = 0; k < HOOK_LIMBS; k++)
    {
        out.l[k] = (uint64_t)c[k];
        is_at_least_p = is_at_least_p && (k == 0 || c[k] == LOW51);
    }
    if (is_at_least_p)
        out = (residue){{(uint64_t)c[0] - (LOW51 - 18)}};
    return out;
}

static residue lane_of(const hook_vector *x, int lane)
{
    wide128 c[HOOK_LIMBS];
    for (int k = 0; k < HOOK_LIMBS; k++)
        c[k] = x->l[k][lane];
    return reduce(c);
}

/* a + factor b */
static residue plus(residue a, wide128 factor, residue b)
{
    wide128 c[HOOK_LIMBS];
    for (int k = 0; k < HOOK_LIMBS; k++)
        c[k] = a.l[k] + factor * b.l[k];
    return reduce(c);
}

static residue negative(residue a)
{
    wide128 c[HOOK_LIMBS];
    for (int k = 0; k < HOOK_LIMBS; k++)
        c[k] = 2 * (LOW51 - (k == 0 ? 18 : 0)) - a.l[k];
    return reduce(c);
}

static residue times(residue a, residue b)
{
    wide128 c[HOOK_LIMBS] = {0};
    for (int i = 0; i < HOOK_LIMBS; i++)
        for (int j = 0; j < HOOK_LIMBS; j++)
            c[(i + j) % HOOK_LIMBS] += (wide128)a.l[i] * b.l[j] * (i + j < HOOK_LIMBS ? 1 : 19);
    return reduce(c);
}

static residue expected(int operation, residue x, residue y)
{
    switch (operation)
    {
    case HOOK_MUL:
    case HOOK_MUL_LIFTED:
    case HOOK_MUL_CARRIED:
        return times(x, y);
    case HOOK_SQR:
    case HOOK_SQR_LIFTED:
    case HOOK_SQR_CARRIED:
        return times(x, x);
    case HOOK_MUL_SMALL:
        return plus(y, 121665, x);
    case HOOK_ADD:
        return plus(x, 1, y);
    case HOOK_SUB:
        return plus(x, 1, negative(y));
    case HOOK_LIFTED_SUM:
        return plus(times(x, y), 1, times(x, y));
    case HOOK_LIFTED_DIFFERENCE:
        return plus(times(x, x), 1, negative(times(y, y)));
    default:
        return x;
    }
}

/* ---- limbs ----------------------------------------------------------------------------------- */

static uint64_t state;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

/* Edges of a limb's range three times of four; NARROW - 1 is the largest that there is. */
static uint64_t extreme_limb(void)
{
    static const uint64_t edges[] = {0,          1,          18,         19,        20,
                                     LOW51 - 19, LOW51 - 18, LOW51 - 17, LOW51,     LOW51 + 1,
                                     LOW51 + 19, NARROW - 1, NARROW - 1, NARROW - 1};
    uint64_t random = next();
    if (random % 4 != 0)
        return edges[(random >> 8) % (sizeof edges / sizeof edges[0])];
    return (random >> 8) % NARROW;
}

static void fill(hook_vector *x)
{
    bool same = next() % 8 == 0; /* all limbs alike: all largest, p, 2^255 - 1, ... */
    for (int lane = 0; lane < HOOK_LANES; lane++)
    {
        uint64_t limb = extreme_limb();
        for (int k = 0; k < HOOK_LIMBS; k++)
            x->l[k][lane] = same ? limb : extreme_limb();
        if (same && next() % 2 == 0)
            x->l[0][lane] = extreme_limb(); /* p - 1, p, p + 1 and their like */
    }
}

static uint64_t limit_of(int operation)
{
    if (!hook_operations[operation].is_wide)
        return operation == HOOK_FREEZE ? LOW51 + 1 : NARROW;
    bool lifted = operation == HOOK_MUL_LIFTED || operation == HOOK_SQR_LIFTED;
    return lifted ? LIFTED : PRODUCT;
}

static void check_lane(int operation, const hook_vector *out, int lane, residue want)
{
    residue got = lane_of(out, lane);
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("%s: a wrong residue in lane %d", hook_operations[operation].name, lane);
    for (int k = 0; k < HOOK_LIMBS; k++)
        if (out->l[k][lane] >= limit_of(operation))
            fail_msg("%s: limb %d is above its bound", hook_operations[operation].name, k);
}

static void check_operation(int operation)
{
    hook_vector x;
    hook_vector y;
    hook_vector out;
    fill(&x);
    fill(&y);
    hook_operations[operation].run(&out, &x, &y);
    for (int lane = 0; lane < HOOK_LANES; lane++)
        check_lane(operation, &out, lane,
                   expected(operation, lane_of(&x, lane), lane_of(&y, lane)));
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void every_operation_is_right_at_the_edges(void **unused)
{
    (void)unused;
    state = 1;
    for (int round = 0; round < OTHER_ROUNDS; round++)
        check_operation(round % HOOK_COUNT);
}

static void products_are_right_on_two_million_extreme_limb_vectors(void **unused)
{
    (void)unused;
    state = 3;
    for (int round = 0; round < PRODUCT_ROUNDS; round++)
        check_operation(round % 2 == 0 ? HOOK_MUL_CARRIED : HOOK_SQR_CARRIED);
}

static void the_largest_limbs_reach_no_bound(void **unused)
{
    (void)unused;
    hook_vector largest;
    for (int k = 0; k < HOOK_LIMBS; k++)
        for (int lane = 0; lane < HOOK_LANES; lane++)
            largest.l[k][lane] = NARROW - 1;
    hook_vector out;
    for (int operation = 0; operation < HOOK_COUNT; operation++)
    {
        hook_operations[operation].run(&out, &largest, &largest);
        residue x = lane_of(&largest, 0);
        check_lane(operation, &out, 0, expected(operation, x, x));
    }
}

static void zero_has_three_faces_and_they_are_all_found(void **unused)
{
    (void)unused;
    hook_vector x = {{{0}}};
    for (int k = 0; k < HOOK_LIMBS; k++) /* lanes: 0, p, 2^255 (19), 1, p - 1, p + 1, 0, 2^51 */
    {
        uint64_t p = LOW51 - (k == 0 ? 18 : 0);
        uint64_t first = k == 0 ? 1 : 0;
        uint64_t lanes[HOOK_LANES] = {0,         p, k == 4 ? LOW51 + 1 : 0, first, p - first,
                                      p + first, 0, k == 1 ? 1 : 0};
        memcpy(x.l[k], lanes, sizeof lanes);
    }
    check_int(hook_is_zero(&x), 0x43);
    check_int(hook_is_odd(&x), 0x2c); /* 19, 1, p + 1 = 1; and p - 1, 2^51 are even */
}

static void encodings_come_back_and_are_below_p(void **unused)
{
    (void)unused;
    state = 2;
    for (int round = 0; round < 20000; round++)
    {
        hook_vector x;
        hook_vector back;
        uint8_t bytes[HOOK_LANES * 32];
        uint8_t again[HOOK_LANES * 32];
        fill(&x);
        hook_store(bytes, &x);
        hook_load(&back, bytes);
        hook_store(again, &back);
        assert_memory_equal(bytes, again, sizeof bytes);
        for (int lane = 0; lane < HOOK_LANES; lane++)
        {
            residue want = lane_of(&x, lane);
            for (int k = 0; k < HOOK_LIMBS; k++)
                check(back.l[k][lane] == want.l[k]); /* loaded limbs are the residue's own */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_is_right_at_the_edges),
        cmocka_unit_test(products_are_right_on_two_million_extreme_limb_vectors),
        cmocka_unit_test(the_largest_limbs_reach_no_bound),
        cmocka_unit_test(zero_has_three_faces_and_they_are_all_found),
        cmocka_unit_test(encodings_come_back_and_are_below_p),
    };
    if (!curve25519_ifma.is_usable())
    {
        printf("SKIP: this processor has no AVX-512 IFMA\n");
        return SKIPPED;
    }
    check_main(tests);
}
