/* support.h: what the tests of crypto/group/ share: numbers drawn from a seed, vectors, and a slow second opinion
 * on everything, by OpenSSL. */
#ifndef SEALROOM_TESTS_GROUP_SUPPORT_H
#define SEALROOM_TESTS_GROUP_SUPPORT_H

#include "check.h"

#include "base/json.h"
#include "crypto/group/curve25519.h"
#include "crypto/group/group.h"

/* A vector file under tests/vectors, parsed. */
sr_json *support_vectors(const char *name);
/* 32 bytes of hexadecimal; `reversed` for numbers that are printed big-endian. */
void support_bytes(uint8_t out[32], const char *hex, bool reversed);

/* The same numbers in each run, or those of another seed. */
void support_seed(uint64_t seed);
uint64_t support_random(void);
void support_random_bytes(uint8_t *out, size_t len);
/* A canonical field element: mostly random, every eighth with limbs (of 51, 52 or 26 bits) that are all zeros
 * or all ones, or close to 0 or p. */
void support_element(uint8_t out[32]);
/* As X25519 clamps it; every eighth extreme. */
void support_clamped(uint8_t out[32]);
/* Small numbers little-endian: `out` = value. */
void support_number(uint8_t out[32], uint64_t value);

/* OpenSSL's EVP X25519, zero where it refuses (the identity). */
void oracle_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t u[32]);
/* u^3 + 486662 u^2 + u is a square other than 0. */
bool oracle_is_on_curve(const uint8_t u[32]);
/* 1 / u mod p: the point plus the one of order two. */
void oracle_invert(uint8_t out[32], const uint8_t u[32]);
/* 1 / (2 f): the field element whose point is the opposite of f's (x1 of one is x2 of the other). */
void oracle_opposite(uint8_t out[32], const uint8_t field[32]);
/* u(8 (map(f0) + map(f1))) by RFC 9380 section 6.7.1 as it is defined (not its straight-line form), and by the
 * affine formulas with all their cases. 0 for the identity. */
void oracle_hash(uint8_t out[32], const uint8_t field[64]);

#endif
