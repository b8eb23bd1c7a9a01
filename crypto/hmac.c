#include "hmac.h"

enum
{
    BLOCK_SIZE = 64,
};

/* The state after one block of the key, each byte XORed with `pad` (RFC 2104 section 2). */
static void start_with(digest *state, const uint8_t key[BLOCK_SIZE], uint8_t pad)
{
    uint8_t block[BLOCK_SIZE];
    for (size_t i = 0; i < BLOCK_SIZE; i++)
        block[i] = key[i] ^ pad;
    digest_init(state);
    digest_add(state, sr_slice_of(block, sizeof block));
    sr_wipe(block, sizeof block);
}

void hmac_key_init(hmac_key *key, sr_slice bytes)
{
    uint8_t block[BLOCK_SIZE] = {0};
    if (bytes.len > BLOCK_SIZE)
    {
        digest_value hashed = digest_of(bytes);
        sr_copy(block, hashed.bytes, sizeof hashed.bytes);
        sr_wipe(&hashed, sizeof hashed);
    }
    else
        sr_copy(block, bytes.data, bytes.len);
    start_with(&key->inner, block, 0x36);
    start_with(&key->outer, block, 0x5c);
    sr_wipe(block, sizeof block);
}

void hmac_key_clear(hmac_key *key)
{
    sr_wipe(key, sizeof *key);
}

void hmac_start(digest *state, const hmac_key *key)
{
    *state = key->inner;
}

void hmac_finish(digest_value *out, digest *state, const hmac_key *key)
{
    digest_finish(out, state);
    digest_from(out, &key->outer, sr_slice_of(out->bytes, sizeof out->bytes));
}

void hmac_sha256(digest_value *out, const hmac_key *key, sr_slice first, sr_slice second)
{
    digest state;
    hmac_start(&state, key);
    digest_add(&state, first);
    digest_add(&state, second);
    hmac_finish(out, &state, key);
}
