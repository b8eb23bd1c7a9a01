#include "checkpoint.h"

#include <string.h>

#include "base/text.h"
#include "door_gcrypt.h"
#include "hmac.h"

enum
{
    NONCE = DOOR_GCM_IV_SIZE,
};

_Static_assert(CHECKPOINT_OVERHEAD == DOOR_GCM_IV_SIZE + DOOR_GCM_TAG_SIZE, "see checkpoint.h");

static void cipher_clear(door_cipher **cipher)
{
    door_cipher_free(*cipher);
    *cipher = NULL;
}

void checkpoint_key_clear(checkpoint_key *key)
{
    sr_wipe(key, sizeof *key);
}

/* HKDF (RFC 5869) of one block. */
void checkpoint_key_make(checkpoint_key *out, const uint8_t secret[CHECKPOINT_SECRET_SIZE],
                         const uint8_t share[CHECKPOINT_SHARE_SIZE],
                         const digest_value *manifest_hash)
{
    static const uint8_t info[] = "sealroom-v1/checkpoint\x01";
    HMAC_KEY(extract);
    HMAC_KEY(expand);
    digest_value block;
    hmac_key_init(&extract, sr_slice_of(manifest_hash->bytes, DIGEST_SIZE));
    hmac_sha256(&block, &extract, sr_slice_of(secret, CHECKPOINT_SECRET_SIZE),
                sr_slice_of(share, CHECKPOINT_SHARE_SIZE));
    hmac_key_init(&expand, sr_slice_of(block.bytes, sizeof block.bytes));
    hmac_sha256(&block, &expand, sr_slice_of(info, sizeof info - 1), sr_slice_of(NULL, 0));
    sr_copy(out->bytes, block.bytes, sizeof out->bytes);
    out->manifest_hash = *manifest_hash;
    sr_wipe(&block, sizeof block);
}

static sr_result open_cipher(door_cipher **out, const checkpoint_key *key, sr_err *err)
{
    if (door_gcm_new(out, err) != SR_OK)
        return SR_FAIL;
    return door_cipher_set_key(*out, key->bytes, err);
}

static sr_slice aad_of(const checkpoint_key *key)
{
    return sr_slice_of(key->manifest_hash.bytes, DIGEST_SIZE);
}

sr_result checkpoint_seal(sr_buf *out, const checkpoint_key *key, sr_slice content, sr_err *err)
{
    door_cipher *cipher SR_CLEANUP(cipher_clear) = NULL;
    uint8_t sealed[CHECKPOINT_OVERHEAD + CHECKPOINT_MOST];
    if (content.len > CHECKPOINT_MOST)
        return sr_fail(err, SR_E_LIMIT, "a checkpoint is at most %d bytes", CHECKPOINT_MOST);
    sr_random_bytes(sealed, NONCE);
    if (open_cipher(&cipher, key, err) != SR_OK ||
        door_gcm_seal(cipher, sealed + NONCE, sealed, aad_of(key), content, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_append(out, sr_slice_of(sealed, CHECKPOINT_OVERHEAD + content.len), err);
}

sr_result checkpoint_open(sr_buf *out, const checkpoint_key *key, sr_slice sealed, sr_err *err)
{
    door_cipher *cipher SR_CLEANUP(cipher_clear) = NULL;
    uint8_t content[CHECKPOINT_MOST];
    if (sealed.len < CHECKPOINT_OVERHEAD || sealed.len > CHECKPOINT_OVERHEAD + CHECKPOINT_MOST)
        return sr_fail(err, SR_E_SECRET, "the checkpoint does not open");
    sr_slice inner = sr_slice_of(sealed.data + NONCE, sealed.len - NONCE);
    if (open_cipher(&cipher, key, err) != SR_OK)
        return SR_FAIL;
    if (door_gcm_open(cipher, content, sealed.data, aad_of(key), inner, err) != SR_OK)
        return sr_fail(err, SR_E_SECRET, "the checkpoint does not open");
    sr_result result =
        sr_buf_append(out, sr_slice_of(content, sealed.len - CHECKPOINT_OVERHEAD), err);
    sr_wipe(content, sizeof content);
    return result;
}

void checkpoint_digest_start(digest *out, const checkpoint_key *key)
{
    HMAC_KEY(mac);
    hmac_key_init(&mac, sr_slice_of(key->bytes, sizeof key->bytes));
    hmac_start(out, &mac);
}

void checkpoint_digest_finish(digest_value *out, digest *state, const checkpoint_key *key)
{
    HMAC_KEY(mac);
    hmac_key_init(&mac, sr_slice_of(key->bytes, sizeof key->bytes));
    hmac_finish(out, state, &mac);
}
