/*
 * key_check.h: the key check value, by which two members find out that they hold different secrets
 * or settings, at upload instead of from an empty join.
 *
 *     KCV = 16 bytes of EXPAND("sealroom-v1/key-check" || flags byte)                  (kdf.h)
 *     flags byte: bit 0 allowCleartext, bit 1 allowDuplicates,
 *                 bit 2 allowJoinsOnColumnsWithDifferentNames, bit 3 preserveNulls, others 0
 *
 * It depends on secret, collaboration id and the four flags, and tells nothing about any other key.
 * The server stores the first one it gets and answers later ones with match or mismatch only. A
 * secret of high entropy cannot be guessed from it; a human password could, which is why secrets
 * are generated.
 */
#ifndef SEALROOM_CRYPTO_KEY_CHECK_H
#define SEALROOM_CRYPTO_KEY_CHECK_H

#include "kdf.h"

enum
{
    KEY_CHECK_SIZE = 16,
};

typedef struct
{
    uint8_t bytes[KEY_CHECK_SIZE];
} key_check_value;

typedef struct
{
    bool allow_cleartext;
    bool allow_duplicates;
    bool allow_joins_on_columns_with_different_names;
    bool preserve_nulls;
} key_check_flags;

/* The flags byte, also used by column cards. */
uint8_t key_check_flags_byte(key_check_flags flags);

/* Cannot fail; one HMAC. */
void key_check_make(key_check_value *out, const kdf_schedule *schedule, key_check_flags flags);
/* Constant time. */
bool key_check_equal(const key_check_value *a, const key_check_value *b);

#endif
