#include "psi.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char confirm_text[] = "SEALROOM-PSI-V01-CONFIRM";
static const char part_text[] = "SEALROOM-PSI-V01-PART";
static const char tag_text[] = "SEALROOM-PSI-TAG-V1";

_Static_assert(sizeof confirm_text - 1 + DIGEST_SIZE + 32 == PSI_CONFIRM_SIZE, "see psi.h");
_Static_assert(sizeof part_text - 1 + DIGEST_SIZE + 8 + DIGEST_SIZE == PSI_PART_SIZE, "see psi.h");

void psi_domain(char out[PSI_DOMAIN_SIZE], const char *suite, const digest_value *manifest_hash)
{
    char hex[2 * DIGEST_SIZE + 1];
    sr_hex_encode(hex, sr_slice_of(manifest_hash->bytes, DIGEST_SIZE));
    (void)snprintf(out, PSI_DOMAIN_SIZE, "SEALROOM-PSI-V01-%.31s-%s", suite, hex);
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
    sr_copy(at, bytes, len);
    return at + len;
}

void psi_confirm_message(uint8_t out[PSI_CONFIRM_SIZE], const digest_value *terms_hash,
                         const uint8_t nonce[32])
{
    out = put(out, confirm_text, sizeof confirm_text - 1);
    out = put(out, terms_hash->bytes, DIGEST_SIZE);
    put(out, nonce, 32);
}

void psi_part_message(uint8_t out[PSI_PART_SIZE], const digest_value *manifest_hash,
                      uint64_t points, const digest_value *points_hash)
{
    uint8_t count[8];
    for (size_t i = 0; i < sizeof count; i++)
        count[i] = (uint8_t)(points >> (56 - 8 * i));
    out = put(out, part_text, sizeof part_text - 1);
    out = put(out, manifest_hash->bytes, DIGEST_SIZE);
    out = put(out, count, sizeof count);
    put(out, points_hash->bytes, DIGEST_SIZE);
}

void psi_tag_start(digest *out, const digest_value *manifest_hash)
{
    digest_init(out);
    digest_add(out, sr_slice_text(tag_text));
    digest_add(out, sr_slice_of(manifest_hash->bytes, DIGEST_SIZE));
}
