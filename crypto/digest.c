/* The door to OpenSSL. Its one-shot interface costs three times as much as a short message's
 * hash, and only the low-level one lets a state be copied; it is marked as deprecated, not as
 * unsafe. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "digest.h"

#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(digest), "DIGEST_STATE_WORDS is too small");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(digest), "a digest is not aligned enough");

/* A digest is nothing but room for the library's state, which only the library looks into. */
static SHA256_CTX *state_of(digest *state)
{
    return (SHA256_CTX *)(void *)state;
}

void digest_init(digest *state)
{
    SHA256_Init(state_of(state));
}

void digest_add(digest *state, sr_slice bytes)
{
    if (bytes.len > 0)
        SHA256_Update(state_of(state), bytes.data, bytes.len);
}

void digest_finish(digest_value *out, digest *state)
{
    SHA256_Final(out->bytes, state_of(state));
    digest_clear(state);
}

void digest_clear(digest *state)
{
    sr_wipe(state, sizeof *state);
}

digest_value digest_of(sr_slice bytes)
{
    digest_value sum;
    digest state;
    digest_init(&state);
    digest_add(&state, bytes);
    digest_finish(&sum, &state);
    return sum;
}

void digest_from(digest_value *out, const digest *start, sr_slice bytes)
{
    digest state = *start;
    digest_add(&state, bytes);
    digest_finish(out, &state);
}
