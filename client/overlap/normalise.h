/*
 * normalise.h: the normalisers that a manifest may name: what becomes of an identifier before it is hashed. Members
 * meet only on equal bytes, so all of a session use the same one, by name and version; a change of what one does
 * is a new version.
 *
 *     exact-v1   nothing
 *     trim-v1    bytes up to 0x20 at both ends are cut off (as the CSV reader does around unquoted fields)
 *     email-v1   trim-v1, then A to Z become a to z. Other letters stay: which they are in lower case depends on
 *                language and version, and addresses with them are rare
 */
#ifndef SEALROOM_CLIENT_OVERLAP_NORMALISE_H
#define SEALROOM_CLIENT_OVERLAP_NORMALISE_H

#include "base/bytes.h"
#include "base/err.h"

typedef enum
{
    NORMALISE_EXACT,
    NORMALISE_TRIM,
    NORMALISE_EMAIL,
    NORMALISE_COUNT_,
} normaliser;

/* "exact-v1", "trim-v1", "email-v1"; SR_E_INVALID for any other. */
sr_result normaliser_parse(normaliser *out, const char *name, sr_err *err) SR_MUST_USE;

/* Writes the normal form of `id` to out[id.len at most] and gives its length; `out` may be where `id` is. */
size_t normalise(uint8_t *out, normaliser by, sr_slice id);

#endif
