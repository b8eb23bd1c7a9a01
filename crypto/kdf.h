/*
 * kdf.h: the key schedule. HKDF-SHA-256 (RFC 5869) from collaboration secret and id to every key.
 *
 *     PRK       = HMAC-SHA256(key = salt, message = secret)                      HKDF-Extract
 *     EXPAND(i) = HKDF-Expand(PRK, i, L)                        one block for L = 32, two for L =
 * 64 salt      = the 36 characters of the collaboration id, lower case
 *
 *     key                  size  info                                           used by
 *     root                   32  "c3r-encryption-primary-aes-gcm-256"           sealed.h
 *     fingerprint            32  "c3r-hmac-sha256-col-" || header               fingerprint.h
 *       … joins across names     the root key itself (C3R's choice, kept for its files)
 *     deterministic          64  "sealroom-v1/det/" || header                   deterministic.h
 *     key check              16  "sealroom-v1/key-check" || flags byte          key_check.h
 *     column card            32  "sealroom-v1/column-card"                      card.h
 *
 * `header` is the normalised *target* header (C3R-FORMAT 1.7) in UTF-8, and comes last so that no
 * header can turn one label into another. The reserved labels are listed in DESIGN section 3.
 *
 * A schedule holds the PRK in locked memory (see secret.h) and can make every key, so it is as
 * secret as the secret, which may be freed once the schedule exists. It is read only: threads may
 * share it. Deriving is cheap (about 300 ns) but not free: derive per column, never per cell.
 */
#ifndef SEALROOM_CRYPTO_KDF_H
#define SEALROOM_CRYPTO_KDF_H

#include "base/uuid.h"
#include "hmac.h"
#include "secret.h"

enum
{
    KDF_KEY_SIZE = 32,
    KDF_DETERMINISTIC_KEY_SIZE = 64,
    KDF_EXPAND_MAX = 255 * DIGEST_SIZE, /* RFC 5869 section 2.3 */
};

/* Sealing: the row keys come from it. With joins across names it is the fingerprint key as well,
 * so whoever gets one has the other. */
typedef struct
{
    uint8_t bytes[KDF_KEY_SIZE];
} kdf_root_key;

/* One per target header, unless joins across names are allowed. */
typedef struct
{
    uint8_t bytes[KDF_KEY_SIZE];
} kdf_fingerprint_key;

/* One per target header: 32 bytes for the SIV, then 32 for the counter mode (RFC 5297 section
 * 2.6). */
typedef struct
{
    uint8_t bytes[KDF_DETERMINISTIC_KEY_SIZE];
} kdf_deterministic_key;

/* One per collaboration: vouches for columns, encrypts nothing. */
typedef struct
{
    uint8_t bytes[KDF_KEY_SIZE];
} kdf_card_key;

/* Locals that wipe themselves: KDF_ROOT_KEY(root); kdf_derive_root(&root, schedule); */
void kdf_root_key_clear(kdf_root_key *key);
void kdf_fingerprint_key_clear(kdf_fingerprint_key *key);
void kdf_deterministic_key_clear(kdf_deterministic_key *key);
void kdf_card_key_clear(kdf_card_key *key);
#define KDF_ROOT_KEY(name) kdf_root_key name SR_CLEANUP(kdf_root_key_clear) = {{0}}
#define KDF_FINGERPRINT_KEY(name)                                                                  \
    kdf_fingerprint_key name SR_CLEANUP(kdf_fingerprint_key_clear) = {{0}}
#define KDF_DETERMINISTIC_KEY(name)                                                                \
    kdf_deterministic_key name SR_CLEANUP(kdf_deterministic_key_clear) = {{0}}
#define KDF_CARD_KEY(name) kdf_card_key name SR_CLEANUP(kdf_card_key_clear) = {{0}}

typedef struct kdf_schedule kdf_schedule;

/* Fails only when memory cannot be locked. The id is printed in lower case for the salt, however
 * it was written. */
sr_result kdf_schedule_new(kdf_schedule **out, const collaboration_secret *secret,
                           const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;
void kdf_schedule_free(kdf_schedule *schedule); /* wipes; accepts NULL */
void kdf_schedule_clear(kdf_schedule **schedule);
#define KDF_SCHEDULE(name) kdf_schedule *name SR_CLEANUP(kdf_schedule_clear) = NULL

void kdf_derive_root(kdf_root_key *out, const kdf_schedule *schedule);
/* `joins_across_names` is the flag allowJoinsOnColumnsWithDifferentNames. */
void kdf_derive_fingerprint(kdf_fingerprint_key *out, const kdf_schedule *schedule, sr_slice header,
                            bool joins_across_names);
void kdf_derive_deterministic(kdf_deterministic_key *out, const kdf_schedule *schedule,
                              sr_slice header);
void kdf_derive_card(kdf_card_key *out, const kdf_schedule *schedule);
/* EXPAND(label || suffix) into `len` bytes: for the modules of this folder; labels are constants.
 */
void kdf_derive(uint8_t *out, size_t len, const kdf_schedule *schedule, const char *label,
                sr_slice suffix);

/* The two halves of RFC 5869, for anything that is not the schedule above. `len` <= KDF_EXPAND_MAX
 * is asserted. */
void kdf_extract(digest_value *prk, sr_slice salt, sr_slice secret);
void kdf_expand(uint8_t *out, size_t len, const digest_value *prk, sr_slice info);

#endif
