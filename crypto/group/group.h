/*
 * group.h: the group in which overlap sessions blind identifiers (DESIGN 4.2).
 *
 *     x  →  H(x)  →  a·H(x)  →  b·a·H(x) = a·b·H(x)  →  tag
 *
 *     suite        point  H                                       scalar (32 bytes)
 *     curve25519   32     RFC 9380 curve25519_XMD:SHA-512_ELL2_RO_   8k, k uniform in 1..l-1,
 *                         the u-coordinate, little-endian            little-endian
 *     p256         33     RFC 9380 P256_XMD:SHA-256_SSWU_RO_         k, uniform in 1..n-1,
 *                         2 + (y mod 2), then x, big-endian          big-endian
 *
 * p256 is for members bound to FIPS curves; its order n is prime, so the points it accepts are all the
 * encoded ones of the curve. What follows is curve25519's.
 *
 * l = 2^252 + 27742317777372353535851937790883648493 is the prime order. A u-coordinate stands for
 * P and -P, which H(x) and its multiples never notice. 8 in the scalar sends all torsion to the
 * identity, so points that differ by torsion have one product (a sender can still make them: see
 * "repeats after masking" in DESIGN 4.2).
 *
 * Lists are contiguous arrays of points, `count` up to 2^31. An output may be the list that it is
 * made of, and nothing else that overlaps it. Nothing here starts threads: the caller splits lists.
 * All functions may be called by several threads at once, but group_kernel_force.
 *
 * Decoding is strict. A point is refused that is not canonical (u >= p, bit 255 set), not on the
 * curve (on its twist), of small order, of p256 with another first byte than 2 or 3, or whose product is the identity: SR_E_FORMAT, naming the
 * place of the first bad point in the list, from 0, and nothing of its bytes. Then the whole output
 * is zero.
 *
 * What must never repeat: a scalar in two sessions. Who can tell what: time depends on counts, on
 * the lengths of identifiers, and on whether (and where) a point was refused; not on scalars,
 * identifiers or points.
 */
#ifndef SEALROOM_CRYPTO_GROUP_GROUP_H
#define SEALROOM_CRYPTO_GROUP_GROUP_H

#include "../digest.h"
#include "base/bytes.h"
#include "xmd.h"

/* ---- suites ---------------------------------------------------------------------------------- */

typedef enum
{
    GROUP_NONE = 0,
    GROUP_CURVE25519,
    GROUP_P256,
    GROUP_SUITE_COUNT_
} group_suite;

enum
{
    GROUP_POINT_SIZE_MAX = 33,
    GROUP_SCALAR_SIZE = 32,
    GROUP_TAG_SIZE = 16,
};

/* "curve25519" or "p256"; an unknown name is SR_E_INVALID, and GROUP_NONE. */
sr_result group_suite_parse(group_suite *out, const char *name, sr_err *err) SR_MUST_USE;
const char *group_suite_name(group_suite suite);
size_t group_point_size(group_suite suite);

/* ---- scalars --------------------------------------------------------------------------------- */

/* A secret that wipes itself: GROUP_SCALAR(mine). Filled by the functions below only. */
typedef struct
{
    group_suite suite;
    uint8_t bytes[GROUP_SCALAR_SIZE];
} group_scalar;

void group_scalar_clear(group_scalar *scalar);
#define GROUP_SCALAR(name) group_scalar name SR_CLEANUP(group_scalar_clear) = {GROUP_NONE, {0}}

void group_scalar_random(group_scalar *out, group_suite suite);
/* s' with s'·(s·P) = P for every P of prime order, and s' a multiple of 8 too: m = (64 k)^-1 mod l
 * gives s' = 8m, so s'·s = 1 mod l and 0 mod 8. Removes transport scalars. */
void group_scalar_inverse(group_scalar *out, const group_scalar *scalar);

/* s with s·P = a·(b·P) for every P of prime order, for scalars of one suite (asserted). `out` may be one of them. */
void group_scalar_product(group_scalar *out, const group_scalar *a, const group_scalar *b);

/* For checkpoints. Reading refuses what group_scalar_random cannot give: SR_E_FORMAT. */
void group_scalar_write(uint8_t out[GROUP_SCALAR_SIZE], const group_scalar *scalar);
sr_result group_scalar_read(group_scalar *out, group_suite suite,
                            const uint8_t bytes[GROUP_SCALAR_SIZE], sr_err *err) SR_MUST_USE;

/* ---- hashing to the group -------------------------------------------------------------------- */

/* H of one session: a suite under a domain separation tag (psi_domain makes the session's). Read
 * only after init: threads may share it. Owns nothing. */
typedef struct
{
    group_suite suite;
    xmd_tag tag;
} group_domain;

/* Any tag that is not empty; else SR_E_INVALID. */
sr_result group_domain_init(group_domain *out, group_suite suite, sr_slice tag,
                            sr_err *err) SR_MUST_USE;

/* out[i] = H(ids[i]). This and the next fail (SR_E_FORMAT) for an identifier whose hash is the identity, which
 * nobody can find. */
sr_result group_hash(uint8_t *out, const group_domain *domain, const sr_slice *ids, size_t count,
                     sr_err *err) SR_MUST_USE;
/* out[i] = s·H(ids[i]) for a scalar of the domain's suite (asserted). */
sr_result group_hash_and_mask(uint8_t *out, const group_scalar *scalar, const group_domain *domain,
                              const sr_slice *ids, size_t count, sr_err *err) SR_MUST_USE;

/* ---- lists of points ------------------------------------------------------------------------- */

/* out[i] = s·points[i], decoding strictly. */
sr_result group_mask(uint8_t *out, const group_scalar *scalar, const uint8_t *points, size_t count,
                     sr_err *err) SR_MUST_USE;

/* Strict decoding alone: what it accepts, group_mask accepts with every scalar. A tenth of the
 * work. */
sr_result group_check(group_suite suite, const uint8_t *points, size_t count,
                      sr_err *err) SR_MUST_USE;

/* Points of prime order that nobody knows a logarithm of, uniform: they cannot be told from masked
 * ones. For padding lists. */
void group_random_points(uint8_t *out, group_suite suite, size_t count);

/* ---- tags ------------------------------------------------------------------------------------ */

typedef struct
{
    uint8_t bytes[GROUP_TAG_SIZE];
} group_tag;

/* The first 16 bytes of SHA-256("SEALROOM-PSI-TAG-V1" || M || point), for each point. */
void group_tag_list(group_tag *out, group_suite suite, const digest_value *manifest_hash,
                    const uint8_t *points, size_t count);

/* ---- kernels --------------------------------------------------------------------------------- */

/* The fastest kernel that this processor can use computes, unless a test or a measurement forces
 * another: "portable", "avx2", "ifma"; NULL goes back to the fastest. SR_E_NOT_FOUND when there is
 * none of that name or it is not usable here; then nothing changes. Every kernel gives the same
 * bytes. */
sr_result group_kernel_force(const char *name, sr_err *err) SR_MUST_USE;
const char *group_kernel_name(void);

#endif
