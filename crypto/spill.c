#include "spill.h"

#include "base/text.h"
#include "door_gcrypt.h"

struct spill_cipher
{
    door_cipher *gcm;
    uint64_t sealed; /* chunks so far: the next nonce */
};

sr_result spill_cipher_new(spill_cipher **out, sr_err *err)
{
    SPILL_CIPHER(cipher);
    uint8_t key[DOOR_AES_KEY_SIZE];
    *out = NULL;
    cipher = sr_alloc(sizeof *cipher);
    if (door_gcm_new(&cipher->gcm, err) != SR_OK)
        return SR_FAIL;
    sr_random_bytes(key, sizeof key);
    sr_result result = door_cipher_set_key(cipher->gcm, key, err);
    sr_wipe(key, sizeof key);
    if (result != SR_OK)
        return SR_FAIL;
    *out = cipher;
    cipher = NULL;
    return SR_OK;
}

static void put_u64(uint8_t out[8], uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (56 - 8 * i));
}

sr_result spill_seal(spill_cipher *cipher, sr_buf *out, uint64_t number, sr_slice chunk,
                     sr_err *err)
{
    uint8_t aad[8];
    uint8_t *sealed;
    size_t before = out->len;
    if (chunk.len > SPILL_CHUNK_MAX)
        return sr_fail(err, SR_E_LIMIT, "a scratch chunk is at most %d bytes", SPILL_CHUNK_MAX);
    if (sr_buf_extend(out, &sealed, chunk.len + SPILL_OVERHEAD, err) != SR_OK)
        return SR_FAIL;
    put_u64(aad, number);
    sr_copy(sealed, (const uint8_t[4]){0}, 4);
    put_u64(sealed + 4, cipher->sealed++);
    sr_result result = door_gcm_seal(cipher->gcm, sealed + SPILL_NONCE_SIZE, sealed,
                                     sr_slice_of(aad, sizeof aad), chunk, err);
    if (result != SR_OK)
        sr_buf_cut(out, before);
    return result;
}

sr_result spill_open(spill_cipher *cipher, sr_buf *out, uint64_t number, sr_slice sealed,
                     sr_err *err)
{
    uint8_t aad[8];
    uint8_t *chunk;
    size_t before = out->len;
    if (sealed.len < SPILL_OVERHEAD)
        return sr_fail(err, SR_E_CORRUPT, "a scratch chunk was cut");
    if (sr_buf_extend(out, &chunk, sealed.len - SPILL_OVERHEAD, err) != SR_OK)
        return SR_FAIL;
    put_u64(aad, number);
    sr_slice body = sr_slice_sub(sealed, SPILL_NONCE_SIZE, sealed.len - SPILL_NONCE_SIZE);
    if (door_gcm_open(cipher->gcm, chunk, sealed.data, sr_slice_of(aad, sizeof aad), body, err) ==
        SR_OK)
        return SR_OK;
    sr_buf_cut(out, before);
    return sr_fail(err, SR_E_CORRUPT, "a scratch chunk was changed on the disk");
}

void spill_cipher_free(spill_cipher *cipher)
{
    if (cipher == NULL)
        return;
    door_cipher_free(cipher->gcm);
    sr_wipe(cipher, sizeof *cipher);
    sr_free(cipher);
}

void spill_cipher_clear(spill_cipher **cipher)
{
    spill_cipher_free(*cipher);
    *cipher = NULL;
}
