/* avx2_hooks.h: the field of the AVX2 kernel, with limbs as integers, for a test that is not compiled for AVX2. */
#ifndef SEALROOM_TESTS_AVX2_HOOKS_H
#define SEALROOM_TESTS_AVX2_HOOKS_H

#include <stdint.h>

enum
{
    HOOK_LANES = 4,
    HOOK_LIMBS = 5
};

/* Four numbers of five signed limbs; a limb of integer n is n 2^-51 in the kernel. */
typedef struct
{
    int64_t limb[HOOK_LIMBS][HOOK_LANES];
} hook_numbers;

typedef enum
{
    HOOK_MUL,
    HOOK_MUL_SECOND, /* a b in the place of b */
    HOOK_SQUARE,     /* of a, in place */
    HOOK_ADD,
    HOOK_SUB,
    HOOK_ADD_SMALL, /* a + 486662 b */
    HOOK_CARRY,     /* of a */
    HOOK_COUNT
} hook_operation;

/* r may be a or b. The kernel's floating-point state is the caller's business here. */
void hook_run(hook_numbers *r, hook_operation operation, const hook_numbers *a,
              const hook_numbers *b);

/* The canonical number by the kernel's own encoder: 32 bytes for each lane. */
void hook_encode(uint8_t out[HOOK_LANES][32], const hook_numbers *a);
/* And by its decoder, tight. */
void hook_decode(hook_numbers *r, uint8_t in[HOOK_LANES][32]);

/* Per lane: is a = 0 modulo p? */
void hook_is_zero(uint8_t yes[HOOK_LANES], const hook_numbers *a);

#endif
