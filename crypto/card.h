/*
 * card.h: column cards: what a column is, vouched for under the collaboration secret, so that the
 * server cannot tell another member's client something else.
 *
 *     card key = EXPAND("sealroom-v1/column-card")                                         kdf.h
 *     tag      = HMAC-SHA256(card key, "sealroom-card-v1" || fields)
 *     fields   = table, version, header, column type, data type, normaliser, flags
 *
 * Each text as uint32 length || bytes, the version as uint64, the flags as one byte, all
 * big-endian: two different contents never have the same encoding. The texts are plain words of the
 * caller (table name as the collaboration knows it, "fingerprint", "string", "email/1" or "");
 * crypto gives them no meaning.
 *
 * A card proves that someone with the secret wrote it, not who. Texts are at most 64 KiB each
 * (SR_E_LIMIT). A card that does not verify is SR_E_SECRET. Constant time in key and tag.
 */
#ifndef SEALROOM_CRYPTO_CARD_H
#define SEALROOM_CRYPTO_CARD_H

#include "kdf.h"

enum
{
    CARD_TAG_SIZE = 32,
    CARD_TEXT_MAX = 64 * 1024,
};

typedef struct
{
    uint8_t bytes[CARD_TAG_SIZE];
} card_tag;

typedef struct
{
    sr_slice table;
    uint64_t version;
    sr_slice header;
    sr_slice column_type;
    sr_slice data_type;
    sr_slice normaliser;
    uint8_t flags; /* key_check_flags_byte */
} card_content;

/* The owner's client, once per column and table version. */
sr_result card_make(card_tag *out, const kdf_schedule *schedule, const card_content *content,
                    sr_err *err) SR_MUST_USE;
/* A partner's client, before it trusts what the server says about a column. */
sr_result card_verify(const card_tag *tag, const kdf_schedule *schedule,
                      const card_content *content, sr_err *err) SR_MUST_USE;

#endif
