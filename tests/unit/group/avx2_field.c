/* The AVX2 kernel's field, on limbs at the edges of their bounds, against 128-bit integers: values, and that results
 * keep the bounds that avx2_field.h promises. */
#include <xmmintrin.h>

#include "avx2_hooks.h"
#include "support.h"

__extension__ typedef __int128 wide;

enum
{
    EXIT_SKIPPED = 77,
    CORNERS = 59049, /* 3^10 */
};

#ifdef __SANITIZE_ADDRESS__
#define PRODUCT_ROUNDS 25000
#else
#define PRODUCT_ROUNDS 500000 /* of four lanes: 2,000,000 */
#endif

#define UNIT (INT64_C(1) << 50)
#define CARRIED (UNIT + 76)      /* what carries leave */
#define MULTIPLIED (UNIT + 92)   /* what products leave */
#define TIGHT (UNIT + (1 << 24)) /* what products take, and avx2_add_small leaves */
#define TERM (4 * UNIT)          /* what sums take */
#define LOW51 ((INT64_C(1) << 51) - 1)

/* ---- the oracle ------------------------------------------------------------------------------ */

/* A number modulo p, in [0, p). */
typedef struct
{
    int64_t limb[HOOK_LIMBS];
} residue;

static void propagate(wide c[HOOK_LIMBS])
{
    for (int i = 0; i < HOOK_LIMBS; i++)
    {
        wide up = c[i] >> 51; /* rounds down, for negative ones too */
        c[i] -= up * (LOW51 + 1);
        c[(i + 1) % HOOK_LIMBS] += i == 4 ? 19 * up : up;
    }
}

/* Any columns below 2^120 in size. */
static residue reduce(const wide column[HOOK_LIMBS])
{
    wide c[HOOK_LIMBS];
    residue r;
    memcpy(c, column, sizeof c);
    for (int pass = 0; pass < 6; pass++)
        propagate(c);
    bool is_at_least_p = c[0] >= LOW51 - 18;
    for (int i = 1; i < HOOK_LIMBS; i++)
        is_at_least_p = is_at_least_p && c[i] == LOW51;
    for (int i = 0; i < HOOK_LIMBS; i++)
        r.limb[i] = is_at_least_p ? 0 : (int64_t)c[i];
    if (is_at_least_p)
        r.limb[0] = (int64_t)c[0] - (LOW51 - 18);
    return r;
}

static residue product(const int64_t a[HOOK_LIMBS], const int64_t b[HOOK_LIMBS])
{
    wide c[HOOK_LIMBS] = {0};
    for (int i = 0; i < HOOK_LIMBS; i++)
        for (int j = 0; j < HOOK_LIMBS; j++)
            c[(i + j) % HOOK_LIMBS] += (wide)a[i] * b[j] * (i + j >= HOOK_LIMBS ? 19 : 1);
    return reduce(c);
}

/* a + factor b */
static residue combination(const int64_t a[HOOK_LIMBS], int64_t factor, const int64_t b[HOOK_LIMBS])
{
    wide c[HOOK_LIMBS];
    for (int i = 0; i < HOOK_LIMBS; i++)
        c[i] = a[i] + (wide)factor * b[i];
    return reduce(c);
}

static residue expected(hook_operation operation, const int64_t a[HOOK_LIMBS],
                        const int64_t b[HOOK_LIMBS])
{
    switch (operation)
    {
    case HOOK_MUL:
    case HOOK_MUL_SECOND:
        return product(a, b);
    case HOOK_SQUARE:
        return product(a, a);
    case HOOK_ADD:
        return combination(a, 1, b);
    case HOOK_SUB:
        return combination(a, -1, b);
    case HOOK_ADD_SMALL:
        return combination(a, 486662, b);
    case HOOK_CARRY:
    case HOOK_COUNT:
        break;
    }
    return combination(a, 0, a);
}

static int64_t largest_result(hook_operation operation)
{
    if (operation <= HOOK_SQUARE)
        return MULTIPLIED;
    return operation == HOOK_ADD_SMALL ? TIGHT : CARRIED;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void lane_of(int64_t out[HOOK_LIMBS], const hook_numbers *a, int lane)
{
    for (int i = 0; i < HOOK_LIMBS; i++)
        out[i] = a->limb[i][lane];
}

static void compare(hook_operation operation, const hook_numbers *a, const hook_numbers *b)
{
    hook_numbers r;
    int64_t most = largest_result(operation);
    hook_run(&r, operation, a, b);
    for (int lane = 0; lane < HOOK_LANES; lane++)
    {
        int64_t x[HOOK_LIMBS];
        int64_t y[HOOK_LIMBS];
        int64_t z[HOOK_LIMBS];
        lane_of(x, a, lane);
        lane_of(y, b, lane);
        lane_of(z, &r, lane);
        residue want = expected(operation, x, y);
        residue got = combination(z, 0, z);
        assert_memory_equal(&got, &want, sizeof got);
        for (int i = 0; i < HOOK_LIMBS; i++)
            check(z[i] <= most && z[i] >= -most);
    }
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static int64_t between(int64_t most)
{
    uint64_t span = 2 * (uint64_t)most + 1;
    return (int64_t)(support_random() % span) - most;
}

/* Mostly at a bound, near it, or at a power of two. */
static int64_t extreme(int64_t most)
{
    int64_t value = most;
    switch (support_random() % 6)
    {
    case 0:
        return between(most);
    case 1:
        value = most - (int64_t)(support_random() % 200);
        break;
    case 2:
        value = (INT64_C(1) << (support_random() % 51)) - (int64_t)(support_random() % 3);
        break;
    case 3:
        value = support_random() % 4 == 0 ? 0 : UNIT - (int64_t)(support_random() % 2);
        break;
    default:
        break;
    }
    return support_random() % 2 == 0 ? value : -value;
}

static void fill(hook_numbers *a, int64_t most)
{
    for (int i = 0; i < HOOK_LIMBS; i++)
        for (int lane = 0; lane < HOOK_LANES; lane++)
            a->limb[i][lane] = extreme(most);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void products_of_all_corners_are_right(void **state)
{
    static const int64_t corner[3] = {-TIGHT, 0, TIGHT};
    (void)state;
    for (int first = 0; first < CORNERS; first += HOOK_LANES)
    {
        hook_numbers n[2];
        for (int lane = 0; lane < HOOK_LANES; lane++)
        {
            int which = (first + lane) % CORNERS;
            for (int i = 0; i < 2 * HOOK_LIMBS; i++, which /= 3)
                n[i / HOOK_LIMBS].limb[i % HOOK_LIMBS][lane] = corner[which % 3];
        }
        for (hook_operation operation = HOOK_MUL; operation <= HOOK_SQUARE; operation++)
            compare(operation, &n[0], &n[1]);
    }
}

static void products_of_extreme_limbs_are_right(void **state)
{
    (void)state;
    for (int round = 0; round < PRODUCT_ROUNDS; round++)
    {
        hook_numbers a;
        hook_numbers b;
        fill(&a, TIGHT);
        fill(&b, TIGHT);
        compare((hook_operation)(round % (HOOK_SQUARE + 1)), &a, &b);
    }
}

static void sums_of_extreme_limbs_are_right(void **state)
{
    (void)state;
    for (int round = 0; round < 50000; round++)
    {
        hook_numbers a;
        hook_numbers b;
        fill(&a, TERM);
        fill(&b, TERM);
        compare(HOOK_ADD, &a, &b);
        compare(HOOK_SUB, &a, &b);
        fill(&a, 8 * UNIT);
        compare(HOOK_CARRY, &a, &a);
        fill(&a, 2 * TIGHT);
        fill(&b, 2 * TIGHT);
        compare(HOOK_ADD_SMALL, &a, &b);
    }
}

/* value + multiple of p, as limbs that are not carried. */
static void near_p(hook_numbers *a, int64_t value, int64_t sign)
{
    for (int lane = 0; lane < HOOK_LANES; lane++)
    {
        a->limb[0][lane] = value + sign * -19;
        for (int i = 1; i < HOOK_LIMBS; i++)
            a->limb[i][lane] = 0;
        a->limb[4][lane] = sign * (LOW51 + 1);
    }
}

static void encoding_gives_the_canonical_number(void **state)
{
    static const int64_t limits[] = {-UNIT, -39, -38, -20, -19, -18, -1,  0,
                                     1,     18,  19,  20,  37,  38,  UNIT};
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        for (int64_t sign = -1; sign <= 1; sign++)
        {
            hook_numbers a;
            hook_numbers tight;
            uint8_t bytes[HOOK_LANES][32];
            uint8_t zero[HOOK_LANES];
            int64_t x[HOOK_LIMBS];
            near_p(&a, limits[i], sign);
            hook_run(&tight, HOOK_CARRY, &a, &a);
            hook_encode(bytes, &tight);
            hook_is_zero(zero, &tight);
            lane_of(x, &a, 0);
            residue want = combination(x, 0, x);
            check_int(zero[0], limits[i] == 0 ? 1 : 0);
            hook_decode(&tight, bytes);
            lane_of(x, &tight, 3);
            residue got = combination(x, 0, x);
            assert_memory_equal(&got, &want, sizeof got);
            wide low = want.limb[0] + ((wide)want.limb[1] << 51);
            for (int j = 0; j < 12; j++)
                check_int(bytes[3][j], (uint8_t)(low >> (8 * j)));
        }
}

static void encoding_extreme_limbs_and_decoding_is_the_identity(void **state)
{
    (void)state;
    for (int round = 0; round < 50000; round++)
    {
        hook_numbers a;
        hook_numbers back;
        uint8_t bytes[HOOK_LANES][32];
        fill(&a, TIGHT);
        hook_encode(bytes, &a);
        hook_decode(&back, bytes);
        for (int lane = 0; lane < HOOK_LANES; lane++)
        {
            int64_t x[HOOK_LIMBS];
            int64_t y[HOOK_LIMBS];
            lane_of(x, &a, lane);
            lane_of(y, &back, lane);
            residue want = combination(x, 0, x);
            residue got = combination(y, 0, y);
            assert_memory_equal(&got, &want, sizeof got);
            check(bytes[lane][31] < 0x80);
        }
    }
}

/* Whatever state the caller computes in, with traps for every exception too, and it is left as it was. */
static void the_kernel_minds_no_floating_point_state(void **state)
{
    static const unsigned states[] = {0x1f80, 0x3f80, 0x5f80, 0x7f80, 0x9fc0, 0xffc0, 0x8040};
    uint8_t points[40][32];
    uint8_t want[40][32];
    uint8_t got[40][32];
    uint8_t valid[40];
    uint8_t scalar[32];
    (void)state;
    support_clamped(scalar);
    for (int i = 0; i < 40; i++)
        support_element(points[i]);
    curve25519_portable.mask(want[0], valid, scalar, points[0], 40);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
    {
        unsigned before = _mm_getcsr();
        _mm_setcsr(states[i]);
        curve25519_avx2.mask(got[0], valid, scalar, points[0], 40);
        unsigned after = _mm_getcsr();
        _mm_setcsr(before);
        check_int(after, states[i]);
        assert_memory_equal(got, want, sizeof got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_all_corners_are_right),
        cmocka_unit_test(products_of_extreme_limbs_are_right),
        cmocka_unit_test(sums_of_extreme_limbs_are_right),
        cmocka_unit_test(encoding_gives_the_canonical_number),
        cmocka_unit_test(encoding_extreme_limbs_and_decoding_is_the_identity),
        cmocka_unit_test(the_kernel_minds_no_floating_point_state),
    };
    if (!curve25519_avx2.is_usable())
    {
        printf("SKIP: this processor has no AVX2 or no FMA\n");
        return EXIT_SKIPPED;
    }
    check_main(tests);
}
