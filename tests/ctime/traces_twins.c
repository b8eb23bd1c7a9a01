/* Leaky twins of the traced cases: each must be found out, in the function that leaks. They also show that a secret is
 * still followed when it comes out of a kernel. */
#include "traces.h"

#define NEVER_INLINE __attribute__((noinline, used))

static volatile const unsigned char table[256] = {1, 2, 3};
static volatile unsigned seen;
static unsigned char area[256];

/* ---- a kernel and a leak --------------------------------------------------------------------- */

NEVER_INLINE static void mask_only_for_bits_that_are_set(void)
{
    for (int i = 0; i < 8; i++)
        if (secret_scalar()[1] >> i & 1)
            mask_points();
}

NEVER_INLINE static void look_up_by_a_hash(void)
{
    hash_ids();
    seen = table[points_made()[5]];
}

/* ---- the tracer's own ways of looking -------------------------------------------------------- */

NEVER_INLINE static void branch_on_a_bit(void)
{
    if (secret_scalar()[9] & 1)
        seen = 1;
}

NEVER_INLINE static void look_up_in_a_table(void)
{
    seen = table[secret_scalar()[9]];
}

NEVER_INLINE static void store_at_a_secret_place(void)
{
    *(volatile unsigned char *)&area[secret_scalar()[9]] = 1;
}

NEVER_INLINE static void repeat_a_secret_number_of_times(void)
{
    unsigned char *to = area;
    unsigned long count = secret_scalar()[9];
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(0) : "memory");
}

NEVER_INLINE static void push_at_a_secret_depth(void)
{
    unsigned long depth = 64ul + 16ul * (secret_scalar()[9] & 1);
    __asm__ volatile("subq $128, %%rsp\n\tsubq %0, %%rsp\n\tpushq $1\n\taddq $8, %%rsp\n\t"
                     "addq %0, %%rsp\n\taddq $128, %%rsp"
                     :
                     : "r"(depth)
                     : "memory", "cc");
}

NEVER_INLINE static void divide_by_a_secret(void)
{
    seen = 1000000007u / (secret_scalar()[9] + 1u);
}

NEVER_INLINE static void test_a_secret_bit_of_memory(void)
{
    unsigned long bit = secret_scalar()[9];
    __asm__ volatile("btq %0, %1" : : "r"(bit), "m"(area) : "cc", "memory");
}

NEVER_INLINE static void divide_floating_point(void)
{
    volatile double number = secret_scalar()[9];
    number = 1 / (number + 1);
}

/* Only decoded: what is refused does not run, so the processor need not know it. */
NEVER_INLINE static void gather(void)
{
    __asm__ volatile("vpgatherqq %%ymm2, (%0,%%ymm1,8), %%ymm0" : : "r"(area) : "memory");
}

NEVER_INLINE static void compress(void)
{
    __asm__ volatile("vpcompressq %%zmm0, (%0)%{%%k1%}" : : "r"(area) : "memory");
}

NEVER_INLINE static void expand(void)
{
    __asm__ volatile("vpexpandq (%0), %%zmm0%{%%k1%}%{z%}" : : "r"(area) : "memory");
}

NEVER_INLINE static void load_by_a_mask(void)
{
    __asm__ volatile("vpmaskmovq (%0), %%ymm1, %%ymm0" : : "r"(area) : "memory");
}

NEVER_INLINE static void store_by_a_mask(void)
{
    __asm__ volatile("vmaskmovpd %%ymm0, %%ymm1, (%0)" : : "r"(area) : "memory");
}

#define TWIN(function, made_by, how)                                                               \
    {                                                                                              \
        .name = #function, .prepare = made_by, .run = function, .flaw = how, .culprit = #function  \
    }

const trace_case twins_of_a_kernel[] = {
    TWIN(mask_only_for_bits_that_are_set, prepare_to_mask, TRACE_DIFFERS),
    TWIN(look_up_by_a_hash, prepare_to_hash, TRACE_DIFFERS),
    {.name = NULL},
};

const trace_case twins_of_a_tracer[] = {
    TWIN(branch_on_a_bit, prepare_to_mask, TRACE_DIFFERS),
    TWIN(look_up_in_a_table, prepare_to_mask, TRACE_DIFFERS),
    TWIN(store_at_a_secret_place, prepare_to_mask, TRACE_DIFFERS),
    TWIN(repeat_a_secret_number_of_times, prepare_to_mask, TRACE_DIFFERS),
    TWIN(push_at_a_secret_depth, prepare_to_mask, TRACE_DIFFERS),
    TWIN(divide_by_a_secret, prepare_to_mask, TRACE_DIFFERS),
    TWIN(test_a_secret_bit_of_memory, prepare_to_mask, TRACE_REFUSED),
    TWIN(divide_floating_point, prepare_to_mask, TRACE_REFUSED),
    TWIN(gather, prepare_to_mask, TRACE_REFUSED),
    TWIN(compress, prepare_to_mask, TRACE_REFUSED),
    TWIN(expand, prepare_to_mask, TRACE_REFUSED),
    TWIN(load_by_a_mask, prepare_to_mask, TRACE_REFUSED),
    TWIN(store_by_a_mask, prepare_to_mask, TRACE_REFUSED),
    {.name = NULL},
};
