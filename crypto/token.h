/*
 * token.h: re-keying of fingerprints on the server.
 *
 *     token = first 16 bytes of HMAC-SHA256(server key, "sealroom-token-v1" || fingerprint (32))
 *
 * The engine stores tokens instead of fingerprints. Equal fingerprints give equal tokens, so joins
 * still work; a stolen engine disk without the server key leaves nothing to test guesses against,
 * not even for a holder of the collaboration secret. 128 bits: two different values meet by chance
 * with probability n^2 / 2^129.
 *
 * The server keeps one key per collaboration and table space, makes it with token_key_generate and
 * looks after its file. Losing it means uploading again. A `token_maker` is read only while in use:
 * threads may share it. About 110 ns a token. Constant time in key and fingerprint.
 */
#ifndef SEALROOM_CRYPTO_TOKEN_H
#define SEALROOM_CRYPTO_TOKEN_H

#include "fingerprint.h"
#include "hmac.h"

enum
{
    TOKEN_KEY_SIZE = 32,
    TOKEN_SIZE = 16,
};

/* As secret as the fingerprints are worth: with it and the collaboration secret guesses can be
 * tested. */
typedef struct
{
    uint8_t bytes[TOKEN_KEY_SIZE];
} token_key;

/* What the engine stores, as its UUID type. */
typedef struct
{
    uint8_t bytes[TOKEN_SIZE];
} token_value;

/* From the kernel's generator. */
void token_key_generate(token_key *out);
void token_key_clear(token_key *key);
#define TOKEN_KEY(name) token_key name SR_CLEANUP(token_key_clear) = {{0}}

/* The key with its first blocks computed; as secret as the key. */
typedef struct
{
    hmac_key mac;
} token_maker;

void token_maker_init(token_maker *maker, const token_key *key);
void token_maker_clear(token_maker *maker);
#define TOKEN_MAKER(name) token_maker name SR_CLEANUP(token_maker_clear) = {.mac = {{{0}}, {{0}}}}

/* One token for each of `count` fingerprints that lie one after another (32 bytes each). */
void token_make(token_value *out, const token_maker *maker, const uint8_t *fingerprints,
                size_t count);

#endif
