#include "token.h"

#include "base/text.h"

void token_key_generate(token_key *out)
{
    sr_random_bytes(out->bytes, sizeof out->bytes);
}

void token_key_clear(token_key *key)
{
    sr_wipe(key, sizeof *key);
}

void token_maker_init(token_maker *maker, const token_key *key)
{
    hmac_key_init(&maker->mac, sr_slice_of(key->bytes, sizeof key->bytes));
}

void token_maker_clear(token_maker *maker)
{
    hmac_key_clear(&maker->mac);
}

void token_make(token_value *out, const token_maker *maker, const uint8_t *fingerprints,
                size_t count)
{
    sr_slice label = sr_slice_text("sealroom-token-v1");
    for (size_t i = 0; i < count; i++)
    {
        digest_value mac;
        sr_slice fingerprint = sr_slice_of(fingerprints + i * FINGERPRINT_SIZE, FINGERPRINT_SIZE);
        hmac_sha256(&mac, &maker->mac, label, fingerprint);
        sr_copy(out[i].bytes, mac.bytes, TOKEN_SIZE);
    }
}
