/*
 * psi.h: the bytes of the overlap protocol (DESIGN 4.2; proto/sealroom/v1/overlap.proto) that are hashed, signed and
 * used to tell sessions apart. Every one begins with its own text, and all but the confirmation carry M, the
 * hash of the session's manifest, so nothing of one session is of use in another.
 *
 *     M             SHA-256(canonical manifest)
 *     domain        "SEALROOM-PSI-V01-" suite "-" lower-case hexadecimal of M     (RFC 9380 domain separation tag)
 *     confirmation  "SEALROOM-PSI-V01-CONFIRM" || SHA-256(canonical terms) || nonce (32)
 *     part          "SEALROOM-PSI-V01-PART" || M || points (8 bytes, big-endian) || SHA-256(points)
 *     tag           first 16 bytes of SHA-256("SEALROOM-PSI-TAG-V1" || M || point)
 *     contribution  SHA-256(SHA-256(points of part 1) || SHA-256(points of part 2) …)
 *
 * All of it is public.
 */
#ifndef SEALROOM_CRYPTO_PSI_H
#define SEALROOM_CRYPTO_PSI_H

#include "base/bytes.h"

#include "digest.h"

enum
{
    PSI_DOMAIN_SIZE = 17 + 31 + 1 + 64 + 1, /* with a suite's name of up to 31 bytes, and a NUL */
    PSI_CONFIRM_SIZE = 24 + DIGEST_SIZE + 32,
    PSI_PART_SIZE = 21 + DIGEST_SIZE + 8 + DIGEST_SIZE,
    PSI_TAG_SIZE = 16,
};

void psi_domain(char out[PSI_DOMAIN_SIZE], const char *suite, const digest_value *manifest_hash);

void psi_confirm_message(uint8_t out[PSI_CONFIRM_SIZE], const digest_value *terms_hash,
                         const uint8_t nonce[32]);
void psi_part_message(uint8_t out[PSI_PART_SIZE], const digest_value *manifest_hash,
                      uint64_t points, const digest_value *points_hash);

/* Has seen all of a tag's message but the point: digest_from gives the tag's hash. */
void psi_tag_start(digest *out, const digest_value *manifest_hash);

#endif
