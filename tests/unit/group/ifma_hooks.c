/* Compiled with IFMA, as the kernel is. */
#include "ifma_hooks.h"

#include "crypto/group/ifma_field.h"

static ifma_fe narrow(const hook_vector *x)
{
    ifma_fe out;
    for (int k = 0; k < IFMA_LIMBS; k++)
        out.l[k] = _mm512_loadu_si512(x->l[k]);
    return out;
}

static void give_wide(hook_vector *out, ifma_wide x)
{
    for (int k = 0; k < IFMA_LIMBS; k++)
        _mm512_storeu_si512(out->l[k], x.l[k]);
}

static void give(hook_vector *out, ifma_fe x)
{
    give_wide(out, ifma_widen(x));
}

static void mul(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    give_wide(out, ifma_mul_wide(narrow(x), narrow(y)));
}

static void mul_lifted(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    give_wide(out, ifma_mul_lifted(narrow(x), narrow(y)));
}

static void sqr(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    (void)y;
    give_wide(out, ifma_sqr_wide(narrow(x)));
}

static void sqr_lifted(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    (void)y;
    give_wide(out, ifma_sqr_lifted(narrow(x)));
}

static void mul_carried(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    give(out, ifma_mul(narrow(x), narrow(y)));
}

static void sqr_carried(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    (void)y;
    give(out, ifma_sqr(narrow(x)));
}

static void mul_small(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    give(out, ifma_carry(ifma_mul_small_to(ifma_widen(narrow(y)), narrow(x), 121665)));
}

static void add(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    give(out, ifma_add(narrow(x), narrow(y)));
}

static void sub(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    give(out, ifma_sub(narrow(x), narrow(y)));
}

static void lifted_sum(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    ifma_wide lifted = ifma_mul_lifted(narrow(x), narrow(y));
    give(out, ifma_carry(ifma_wide_add(lifted, ifma_mul_wide(narrow(x), narrow(y)))));
}

static void lifted_difference(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    ifma_wide lifted = ifma_sqr_lifted(narrow(x));
    give(out, ifma_carry(ifma_wide_sub(lifted, ifma_sqr_wide(narrow(y)))));
}

static void freeze(hook_vector *out, const hook_vector *x, const hook_vector *y)
{
    (void)y;
    give(out, ifma_freeze(narrow(x)));
}

const hook_operation hook_operations[HOOK_COUNT] = {
    [HOOK_MUL] = {"mul", true, mul},
    [HOOK_MUL_LIFTED] = {"mul_lifted", true, mul_lifted},
    [HOOK_SQR] = {"sqr", true, sqr},
    [HOOK_SQR_LIFTED] = {"sqr_lifted", true, sqr_lifted},
    [HOOK_MUL_CARRIED] = {"mul_carried", false, mul_carried},
    [HOOK_SQR_CARRIED] = {"sqr_carried", false, sqr_carried},
    [HOOK_MUL_SMALL] = {"mul_small", false, mul_small},
    [HOOK_ADD] = {"add", false, add},
    [HOOK_SUB] = {"sub", false, sub},
    [HOOK_LIFTED_SUM] = {"lifted_sum", false, lifted_sum},
    [HOOK_LIFTED_DIFFERENCE] = {"lifted_difference", false, lifted_difference},
    [HOOK_FREEZE] = {"freeze", false, freeze},
};

uint8_t hook_is_zero(const hook_vector *x)
{
    return ifma_is_zero(narrow(x));
}

uint8_t hook_is_odd(const hook_vector *x)
{
    return ifma_is_odd(narrow(x));
}

void hook_store(uint8_t out[HOOK_LANES * 32], const hook_vector *x)
{
    ifma_store(out, narrow(x), IFMA_LANES);
}

void hook_load(hook_vector *out, const uint8_t in[HOOK_LANES * 32])
{
    give(out, ifma_load(in, 32, IFMA_LANES));
}
