/* The door to OpenSSL's curves. */
#include "p256_door.h"

#include <assert.h>

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

struct p256_multiplier
{
    EC_GROUP *group;
    BN_CTX *work;
    EC_POINT *point;
    BIGNUM *scalar;
    BIGNUM *x;
    BIGNUM *y;
};

p256_multiplier *p256_multiplier_new(const uint8_t scalar[MONT256_SIZE])
{
    p256_multiplier *m = sr_alloc(sizeof *m);
    m->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    m->work = BN_CTX_secure_new();
    m->point = m->group == NULL ? NULL : EC_POINT_new(m->group);
    m->scalar = BN_secure_new();
    m->x = BN_new();
    m->y = BN_new();
    assert(m->work != NULL && m->point != NULL && m->scalar != NULL && m->x != NULL &&
           m->y != NULL);
    BN_set_flags(m->scalar, BN_FLG_CONSTTIME);
    BIGNUM *filled = BN_bin2bn(scalar, MONT256_SIZE, m->scalar);
    assert(filled != NULL);
    return m;
}

void p256_multiplier_free(p256_multiplier **multiplier)
{
    p256_multiplier *m = *multiplier;
    if (m == NULL)
        return;
    BN_clear_free(m->y);
    BN_clear_free(m->x);
    BN_clear_free(m->scalar);
    EC_POINT_clear_free(m->point);
    BN_CTX_free(m->work);
    EC_GROUP_free(m->group);
    sr_free(m);
    *multiplier = NULL;
}

static bool to_number(BIGNUM *out, const mont256 *plain)
{
    uint8_t bytes[MONT256_SIZE];
    mont256_store(bytes, plain);
    return BN_bin2bn(bytes, sizeof bytes, out) != NULL;
}

static bool from_number(mont256 *out, const BIGNUM *number)
{
    uint8_t bytes[MONT256_SIZE];
    if (BN_bn2binpad(number, bytes, sizeof bytes) != MONT256_SIZE)
        return false;
    *out = mont256_load(bytes);
    return true;
}

bool p256_multiply(p256_multiplier *m, p256_point *out, const p256_point *point)
{
    return to_number(m->x, &point->x) && to_number(m->y, &point->y) &&
           EC_POINT_set_affine_coordinates(m->group, m->point, m->x, m->y, m->work) == 1 &&
           EC_POINT_mul(m->group, m->point, NULL, m->point, m->scalar, m->work) == 1 &&
           EC_POINT_is_at_infinity(m->group, m->point) == 0 &&
           EC_POINT_get_affine_coordinates(m->group, m->point, m->x, m->y, m->work) == 1 &&
           from_number(&out->x, m->x) && from_number(&out->y, m->y);
}
