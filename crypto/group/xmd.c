/* The door to OpenSSL. Only its low-level interface lets a state be copied (the one after Z_pad);
 * it is marked as deprecated, not as unsafe. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "xmd.h"

#include <assert.h>

#include <openssl/sha.h>

typedef union
{
    SHA256_CTX sha256;
    SHA512_CTX sha512;
    uint64_t words[XMD_STATE_WORDS];
} state;

_Static_assert(sizeof(state) == sizeof(uint64_t[XMD_STATE_WORDS]), "XMD_STATE_WORDS is too small");

static const char oversize[] = "H2C-OVERSIZE-DST-";

/* ---- two hashes behind three verbs ----------------------------------------------------------- */

static size_t digest_size(xmd_hash hash)
{
    return hash == XMD_SHA256 ? SHA256_DIGEST_LENGTH : SHA512_DIGEST_LENGTH;
}

static size_t block_size(xmd_hash hash)
{
    return hash == XMD_SHA256 ? SHA256_CBLOCK : SHA512_CBLOCK;
}

static void begin(state *at, xmd_hash hash)
{
    if (hash == XMD_SHA256)
        SHA256_Init(&at->sha256);
    else
        SHA512_Init(&at->sha512);
}

static void add(state *at, xmd_hash hash, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (hash == XMD_SHA256)
        SHA256_Update(&at->sha256, bytes, len);
    else
        SHA512_Update(&at->sha512, bytes, len);
}

static void finish(uint8_t *out, state *at, xmd_hash hash)
{
    if (hash == XMD_SHA256)
        SHA256_Final(out, &at->sha256);
    else
        SHA512_Final(out, &at->sha512);
    sr_wipe(at, sizeof *at);
}

/* ---- expand_message_xmd ---------------------------------------------------------------------- */

static void set_dst(xmd_tag *tag, sr_slice dst)
{
    tag->dst_len = dst.len;
    if (dst.len <= XMD_DST_MAX)
        sr_copy(tag->dst, dst.data, dst.len);
    else
    {
        state at;
        begin(&at, tag->hash);
        add(&at, tag->hash, oversize, sizeof oversize - 1);
        add(&at, tag->hash, dst.data, dst.len);
        finish(tag->dst, &at, tag->hash);
        tag->dst_len = digest_size(tag->hash);
    }
    tag->dst[tag->dst_len] = (uint8_t)tag->dst_len;
    tag->dst_len++;
}

sr_result xmd_tag_init(xmd_tag *out, xmd_hash hash, sr_slice dst, sr_err *err)
{
    static const uint8_t zeros[SHA512_CBLOCK] = {0};
    state at = {.words = {0}};
    *out = (xmd_tag){.hash = hash};
    if (dst.len == 0)
        return sr_fail(err, SR_E_INVALID, "the domain separation tag is empty");
    set_dst(out, dst);
    begin(&at, hash);
    add(&at, hash, zeros, block_size(hash));
    sr_copy(out->start, at.words, sizeof at.words);
    return SR_OK;
}

static void first_digest(uint8_t *out, size_t len, const xmd_tag *tag, sr_slice message)
{
    const uint8_t tail[3] = {(uint8_t)(len >> 8), (uint8_t)len, 0};
    state at;
    sr_copy(at.words, tag->start, sizeof at.words);
    add(&at, tag->hash, message.data, message.len);
    add(&at, tag->hash, tail, sizeof tail);
    add(&at, tag->hash, tag->dst, tag->dst_len);
    finish(out, &at, tag->hash);
}

static void next_digest(uint8_t *out, const xmd_tag *tag, const uint8_t *mixed, uint8_t number)
{
    state at;
    begin(&at, tag->hash);
    add(&at, tag->hash, mixed, digest_size(tag->hash));
    add(&at, tag->hash, &number, 1);
    add(&at, tag->hash, tag->dst, tag->dst_len);
    finish(out, &at, tag->hash);
}

void xmd_expand(uint8_t *out, size_t len, const xmd_tag *tag, sr_slice message)
{
    size_t size = digest_size(tag->hash);
    uint8_t b0[SHA512_DIGEST_LENGTH];
    uint8_t bi[SHA512_DIGEST_LENGTH] = {0};
    uint8_t mixed[SHA512_DIGEST_LENGTH];
    uint8_t number = 0;
    assert(len >= 1 && len <= 255 * size && tag->dst_len > 0);
    first_digest(b0, len, tag, message);
    for (size_t done = 0; done < len; done += size)
    {
        for (size_t i = 0; i < size; i++)
            mixed[i] = b0[i] ^ bi[i]; /* b_1 is of b_0 alone */
        next_digest(bi, tag, mixed, ++number);
        sr_copy(out + done, bi, len - done < size ? len - done : size);
    }
    sr_wipe(b0, sizeof b0);
    sr_wipe(bi, sizeof bi);
    sr_wipe(mixed, sizeof mixed);
}
