/*
 * manifest.h: what the members of an overlap session agree on before the first point: who takes part,
 * how identifiers become points, what may be released, and to whom. It never changes once all have confirmed.
 *
 * A session is opened with terms: a manifest without certificates and nonces. Each member confirms the terms
 * with a fresh 32-byte nonce, under the certificate that will sign its list; with all of them in, the
 * manifest is whole, and
 *
 *     M = SHA-256(canonical JSON of the manifest)
 *
 * stands in every domain separation tag, tag, signature and checkpoint. Two sessions never share an M, for
 * each member's nonce is in it; a member that finds its own nonce and its own terms in the manifest knows
 * that it is in the session that it agreed to.
 *
 * Canonical JSON: compact, members of objects sorted by name, every field present. `manifest_parse` accepts
 * nothing else, so equal manifests are equal bytes.
 *
 *     { "collaboration": UUID, "expires": seconds since 1970, "leastInput": 1000, "members": [
 *         { "cap": 1000000, "certificate": 64 hex digits or "", "name": "retailer", "nonce": 64 hex digits or "",
 *           "receives": true, "segments": 16 } … in the order of the ring ],
 *       "minimum": 100, "minimumComplement": 100, "normaliser": "email-v1", "padding": "none" or "buckets",
 *       "session": UUID, "suite": "curve25519" or "p256", "version": 1 }
 *
 * Faults are SR_E_INVALID and name the field.
 */
#ifndef SEALROOM_MODEL_MANIFEST_H
#define SEALROOM_MODEL_MANIFEST_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/uuid.h"
#include "model/principal.h"

enum
{
    MANIFEST_VERSION = 1,
    MANIFEST_MEMBERS_LEAST = 2,
    MANIFEST_MEMBERS_MOST = 16,
    MANIFEST_SEGMENTS_MOST = 64, /* labels of one member */
    MANIFEST_NONCE_SIZE = 32,
    MANIFEST_MINIMUM_DEFAULT = 100,
    MANIFEST_TEXT_MOST = 16 * 1024, /* bytes of a canonical manifest */
    MANIFEST_WORD_SIZE = 32,        /* suite and normaliser with their NUL */
    /* Of numbers within these it is proven that those held back cannot be computed from the rest (DESIGN 4.2). A cell
     * says of each member in which of its segments an item is, or that it has it not; one in no list is no cell. */
    MANIFEST_MEMBERS_PROVEN = 5,
    MANIFEST_CELLS_PROVEN = 256,
};

#define MANIFEST_POINTS_MOST (UINT64_C(1) << 31) /* of one member's list */

typedef struct
{
    char name[MODEL_NAME_SIZE];
    uint64_t cap;      /* most points of its list, padding included */
    uint32_t segments; /* most labels; 0: the member gives none */
    bool receives;     /* the released numbers */
    /* Set when it has confirmed. */
    bool confirmed;
    char certificate[65]; /* SHA-256 of the DER form, lower-case hexadecimal */
    uint8_t nonce[MANIFEST_NONCE_SIZE];
} manifest_member;

typedef struct
{
    sr_uuid session;
    sr_uuid collaboration;
    char suite[MANIFEST_WORD_SIZE];
    char normaliser[MANIFEST_WORD_SIZE];
    manifest_member
        members[MANIFEST_MEMBERS_MOST]; /* the ring: a list goes to the next, and so on */
    size_t member_count;
    uint64_t minimum;            /* a number that is released reaches it … */
    uint64_t minimum_complement; /* … and what it leaves of each set and segment reaches this */
    uint64_t least_input;        /* true items that every member brings at least */
    bool padded;                 /* lists are padded to buckets (manifest_bucket) */
    int64_t expires_s;           /* seconds since 1970 */
} manifest;

/* Reads canonical JSON; also of terms, whose members have not all confirmed. */
sr_result manifest_parse(manifest *out, sr_slice text, sr_err *err) SR_MUST_USE;
/* Judges a manifest that was put together from parts: names, order, limits, at least one receiver. */
sr_result manifest_check(const manifest *self, sr_err *err) SR_MUST_USE;
/* Appends the canonical JSON. */
sr_result manifest_print(const manifest *self, sr_buf *out, sr_err *err) SR_MUST_USE;
/* All members have confirmed. */
bool manifest_is_whole(const manifest *self);
/* The same without certificates and nonces: what a member confirms. */
void manifest_terms(manifest *out, const manifest *self);
/* Position of a member in the ring; member_count when it takes no part. */
size_t manifest_position(const manifest *self, const char *member);

/* Some member gives segments. */
bool manifest_has_segments(const manifest *self);
/* Cells of the segments that members may use at most; MANIFEST_CELLS_PROVEN + 1 stands for more than are proven. */
size_t manifest_cells(const manifest *self);
/* Members and cells are few enough for numbers by segment to be told, whichever of its segments each member uses. */
bool manifest_tells_segments(const manifest *self);

/* The size that a padded list of `count` items has: the next of 1, 2, 5 times a power of ten, 1,000 at
 * least. */
uint64_t manifest_bucket(uint64_t count);

#endif
