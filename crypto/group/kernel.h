/*
 * kernel.h: one way to compute on curve25519, behind one struct. Internal to crypto/group.
 *
 * The curve is RFC 7748's: v^2 = u^3 + 486662 u^2 + u over GF(2^255 - 19), of order 8 l with
 * l = 2^252 + 27742317777372353535851937790883648493. Points are u-coordinates only, 32 bytes
 * little-endian. A u that no v goes with belongs to the twist.
 *
 * A kernel is one file, kernel_NAME.c, and one row in the table of curve25519.c. All kernels give
 * the same bytes for the same input; the tests hold each to OpenSSL and to each other.
 *
 * All functions are constant time in scalar, points and field elements (never in counts), keep no
 * state, may be called by several threads at once, and wipe the arrays that they work in; what a
 * compiler spills of single values is not theirs to find.
 * Scalars are multiples of 8 in all that Sealroom does; then u = 0 and all other points of small
 * order end in the identity.
 */
#ifndef SEALROOM_CRYPTO_GROUP_KERNEL_H
#define SEALROOM_CRYPTO_GROUP_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sha512_lanes.h"

typedef struct
{
    const char *name;        /* "portable", "avx2", "ifma" */
    size_t lanes;            /* points worked on at once; counts need not be multiples */
    bool (*is_usable)(void); /* this processor (and build) has what it needs */
    /* out[i] = u([scalar] P_i) for canonical u-coordinates (< p, bit 255 clear: the caller has
     * checked). All 256 bits of the scalar are laddered (RFC 7748 ladder without clamping).
     * valid[i] = 1 if u_i is on the curve (not on the twist: one square test) and the result is not
     * the identity, else 0 and out[i] is all zero. `out` may be `u`. */
    void (*mask)(uint8_t *out, uint8_t *valid, const uint8_t scalar[32], const uint8_t *u,
                 size_t count);
    /* RFC 9380 curve25519_XMD:SHA-512_ELL2_RO_ after hash_to_field: out[i] = u(8 (map(f[2i]) +
     * map(f[2i+1]))), two canonical field elements an item. The identity's u is 0. `out` may not
     * overlap `field`. */
    void (*hash)(uint8_t *out, const uint8_t *field, size_t count);
    /* mask after hash, without encoding between. */
    void (*hash_and_mask)(uint8_t *out, uint8_t *valid, const uint8_t scalar[32],
                          const uint8_t *field, size_t count);
    /* What mask would say of the points with any scalar, without multiplying: valid[i] = 1 if u_i
     * is on the curve and not of small order. NULL: the portable kernel's is used. */
    void (*check)(uint8_t *valid, const uint8_t *u, size_t count);
    /* mask without the square test: u may be on the twist, the identity's u is 0. With a clamped
     * scalar this is X25519. For tests and measurements; NULL where a kernel has no such entry. */
    void (*ladder)(uint8_t *out, const uint8_t scalar[32], const uint8_t *u, size_t count);
    /* For hash_to_field, where the processor can. NULL: one identifier at a time. */
    const sha512_lanes *sha512;
} curve25519_kernel;

extern const curve25519_kernel curve25519_portable;
extern const curve25519_kernel curve25519_ifma; /* built where SEALROOM_HAVE_IFMA is defined */
extern const curve25519_kernel curve25519_avx2; /* built where SEALROOM_HAVE_AVX2 is defined */

#endif
