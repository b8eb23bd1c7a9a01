/* ifma_hooks.h: the field operations of the IFMA kernel as plain functions, so that a test may feed
 * them limbs that no kernel would meet. Limbs are [limb][lane], as in the vectors. */
#ifndef SEALROOM_TESTS_GROUP_IFMA_HOOKS_H
#define SEALROOM_TESTS_GROUP_IFMA_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

enum
{
    HOOK_LIMBS = 5,
    HOOK_LANES = 8,
};

typedef struct
{
    uint64_t l[HOOK_LIMBS][HOOK_LANES];
} hook_vector;

typedef struct
{
    const char *name;
    bool is_wide; /* the result is not carried */
    void (*run)(hook_vector *out, const hook_vector *x, const hook_vector *y);
} hook_operation;

enum
{
    HOOK_MUL,        /* x y */
    HOOK_MUL_LIFTED, /* x y + LIFT */
    HOOK_SQR,        /* x^2 */
    HOOK_SQR_LIFTED, /* x^2 + LIFT */
    HOOK_MUL_CARRIED,
    HOOK_SQR_CARRIED,
    HOOK_MUL_SMALL, /* 121665 x + y, y narrow */
    HOOK_ADD,
    HOOK_SUB,
    HOOK_LIFTED_SUM,        /* (x y + LIFT) + x y */
    HOOK_LIFTED_DIFFERENCE, /* (x^2 + LIFT) - y^2 */
    HOOK_FREEZE,            /* x mod p */
    HOOK_COUNT,
};

extern const hook_operation hook_operations[HOOK_COUNT];

/* Bit i: lane i is 0 modulo p, is odd. */
uint8_t hook_is_zero(const hook_vector *x);
uint8_t hook_is_odd(const hook_vector *x);
/* Eight encodings, 32 bytes after 32 bytes, there and back. */
void hook_store(uint8_t out[HOOK_LANES * 32], const hook_vector *x);
void hook_load(hook_vector *out, const uint8_t in[HOOK_LANES * 32]);

#endif
