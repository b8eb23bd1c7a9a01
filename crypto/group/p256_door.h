/*
 * p256_door.h: multiplication on P-256 by OpenSSL, constant time in scalar and point. Internal to
 * crypto/group.
 */
#ifndef SEALROOM_CRYPTO_GROUP_P256_DOOR_H
#define SEALROOM_CRYPTO_GROUP_P256_DOOR_H

#include "base/bytes.h"
#include "p256_curve.h"

/* Holds one secret scalar, and room to work with; for one thread. */
typedef struct p256_multiplier p256_multiplier;

/* A plain scalar, big-endian, 1..n-1. Never NULL. Wiped when released; NULL is accepted. */
p256_multiplier *p256_multiplier_new(const uint8_t scalar[MONT256_SIZE]) SR_MUST_USE;
void p256_multiplier_free(p256_multiplier **multiplier);
#define P256_MULTIPLIER(name) p256_multiplier *name SR_CLEANUP(p256_multiplier_free) = NULL

/* False if the point is not on the curve, or the product is the identity; then *out is unset. `out` may be
 * `point`. */
bool p256_multiply(p256_multiplier *multiplier, p256_point *out, const p256_point *point);

#endif
