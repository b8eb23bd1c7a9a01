/*
 * p256_curve.h: points of NIST P-256 as the suite p256 needs them: encoding, and the map to the curve.
 * Multiplication by a scalar is OpenSSL's (p256_door.h). Internal to crypto/group.
 *
 *     y^2 = x^3 - 3 x + b over GF(p), p = 2^256 - 2^224 + 2^192 + 2^96 - 1, of prime order n
 *
 * An encoded point is SEC 1's compressed form: 2 + (y mod 2), then x big-endian. The identity has no
 * encoding. The hash is RFC 9380's P256_XMD:SHA-256_SSWU_RO_: two maps (simplified SWU, Z = -10, appendix
 * F.2), and their sum by formulas without exceptions (Renes, Costello, Batina, "Complete addition
 * formulas for prime order elliptic curves", 2015, algorithm 4). The cofactor is 1.
 *
 * Constant time in points and field elements; verdicts are public.
 */
#ifndef SEALROOM_CRYPTO_GROUP_P256_CURVE_H
#define SEALROOM_CRYPTO_GROUP_P256_CURVE_H

#include <stdbool.h>

#include "mont256.h"

enum
{
    P256_POINT_SIZE = 33,
    P256_WIDE_SIZE = 48, /* L of RFC 9380: ceil((256 + 128) / 8) */
};

/* Plain coordinates, below p. */
typedef struct
{
    mont256 x;
    mont256 y;
} p256_point;

/* False for a first byte other than 2 and 3, x >= p, and an x without a y; then *out is zero. */
bool p256_decode(p256_point *out, const uint8_t bytes[P256_POINT_SIZE]);
void p256_encode(uint8_t bytes[P256_POINT_SIZE], const p256_point *point);

/* map(u0) + map(u1) for 48 uniform bytes each, reduced modulo p. False for the identity; then *out is zero. */
bool p256_map(p256_point *out, const uint8_t wide[2 * P256_WIDE_SIZE]);

/* One of those field elements by itself, plain: for tests. */
mont256 p256_field_element(const uint8_t wide[P256_WIDE_SIZE]);

#endif
