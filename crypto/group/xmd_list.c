/* expand_message_xmd of several messages side by side. */
#include "xmd.h"

#include <assert.h>

#include "sha512_lanes.h"

enum
{
    DIGEST = 64,
    LONGEST = 256, /* longer messages are expanded one at a time */
    /* the longest text: a message, its length and 0, DST', and FIPS 180-4's padding of at least 17 bytes */
    BLOCKS = (LONGEST + 3 + XMD_DST_MAX + 1 + 17 + SHA512_BLOCK - 1) / SHA512_BLOCK,
};

/* FIPS 180-4 section 4.2.3. */
const uint64_t sha512_constants[SHA512_ROUNDS] = {
    UINT64_C(0x428a2f98d728ae22), UINT64_C(0x7137449123ef65cd), UINT64_C(0xb5c0fbcfec4d3b2f),
    UINT64_C(0xe9b5dba58189dbbc), UINT64_C(0x3956c25bf348b538), UINT64_C(0x59f111f1b605d019),
    UINT64_C(0x923f82a4af194f9b), UINT64_C(0xab1c5ed5da6d8118), UINT64_C(0xd807aa98a3030242),
    UINT64_C(0x12835b0145706fbe), UINT64_C(0x243185be4ee4b28c), UINT64_C(0x550c7dc3d5ffb4e2),
    UINT64_C(0x72be5d74f27b896f), UINT64_C(0x80deb1fe3b1696b1), UINT64_C(0x9bdc06a725c71235),
    UINT64_C(0xc19bf174cf692694), UINT64_C(0xe49b69c19ef14ad2), UINT64_C(0xefbe4786384f25e3),
    UINT64_C(0x0fc19dc68b8cd5b5), UINT64_C(0x240ca1cc77ac9c65), UINT64_C(0x2de92c6f592b0275),
    UINT64_C(0x4a7484aa6ea6e483), UINT64_C(0x5cb0a9dcbd41fbd4), UINT64_C(0x76f988da831153b5),
    UINT64_C(0x983e5152ee66dfab), UINT64_C(0xa831c66d2db43210), UINT64_C(0xb00327c898fb213f),
    UINT64_C(0xbf597fc7beef0ee4), UINT64_C(0xc6e00bf33da88fc2), UINT64_C(0xd5a79147930aa725),
    UINT64_C(0x06ca6351e003826f), UINT64_C(0x142929670a0e6e70), UINT64_C(0x27b70a8546d22ffc),
    UINT64_C(0x2e1b21385c26c926), UINT64_C(0x4d2c6dfc5ac42aed), UINT64_C(0x53380d139d95b3df),
    UINT64_C(0x650a73548baf63de), UINT64_C(0x766a0abb3c77b2a8), UINT64_C(0x81c2c92e47edaee6),
    UINT64_C(0x92722c851482353b), UINT64_C(0xa2bfe8a14cf10364), UINT64_C(0xa81a664bbc423001),
    UINT64_C(0xc24b8b70d0f89791), UINT64_C(0xc76c51a30654be30), UINT64_C(0xd192e819d6ef5218),
    UINT64_C(0xd69906245565a910), UINT64_C(0xf40e35855771202a), UINT64_C(0x106aa07032bbd1b8),
    UINT64_C(0x19a4c116b8d2d0c8), UINT64_C(0x1e376c085141ab53), UINT64_C(0x2748774cdf8eeb99),
    UINT64_C(0x34b0bcb5e19b48a8), UINT64_C(0x391c0cb3c5c95a63), UINT64_C(0x4ed8aa4ae3418acb),
    UINT64_C(0x5b9cca4f7763e373), UINT64_C(0x682e6ff3d6b2b8a3), UINT64_C(0x748f82ee5defb2fc),
    UINT64_C(0x78a5636f43172f60), UINT64_C(0x84c87814a1f0ab72), UINT64_C(0x8cc702081a6439ec),
    UINT64_C(0x90befffa23631e28), UINT64_C(0xa4506cebde82bde9), UINT64_C(0xbef9a3f7b2c67915),
    UINT64_C(0xc67178f2e372532b), UINT64_C(0xca273eceea26619c), UINT64_C(0xd186b8c721c0c207),
    UINT64_C(0xeada7dd6cde0eb1e), UINT64_C(0xf57d4f7fee6ed178), UINT64_C(0x06f067aa72176fba),
    UINT64_C(0x0a637dc5a2c898a6), UINT64_C(0x113f9804bef90dae), UINT64_C(0x1b710b35131c471b),
    UINT64_C(0x28db77f523047d84), UINT64_C(0x32caab7b40c72493), UINT64_C(0x3c9ebe0a15c9bebc),
    UINT64_C(0x431d67c49c100d4c), UINT64_C(0x4cc5d4becb3e42b6), UINT64_C(0x597f299cfc657e2a),
    UINT64_C(0x5fcb6fab3ad6faec), UINT64_C(0x6c44198c4a475817),
};

/* FIPS 180-4 section 5.3.5; and what a block of zeros, Z_pad, makes of it. */
static const uint64_t start[SHA512_WORDS] = {
    UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
    UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
    UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179)};
static const uint64_t after_z_pad[SHA512_WORDS] = {
    UINT64_C(0xcf7881d5774acbe8), UINT64_C(0x533362e0fbc78070), UINT64_C(0x0267639d87460eda),
    UINT64_C(0x3086cb40e85931b0), UINT64_C(0x717dc95288a023a3), UINT64_C(0x96bab2c14ce0b5e0),
    UINT64_C(0x6fc4fe04eae33e0b), UINT64_C(0x91f4d80cbd668bee)};

/* As many messages as there are lanes, on their way: word w of lane i stands at w * lanes + i (sha512_lanes.h).
 * Wiped when done. */
typedef struct
{
    const sha512_lanes *by;
    const xmd_tag *tag;
    size_t len;
    uint64_t state[SHA512_WORDS * SHA512_LANES_MAX];
    uint64_t first[SHA512_WORDS * SHA512_LANES_MAX]; /* b_0 */
    uint64_t words[BLOCKS * 16 * SHA512_LANES_MAX];  /* of the texts of b_0 */
    size_t blocks[SHA512_LANES_MAX];
    uint64_t next[BLOCKS * 16 * SHA512_LANES_MAX]; /* of the texts of b_1, b_2, … */
    size_t next_blocks[SHA512_LANES_MAX];
    uint8_t text[BLOCKS * SHA512_BLOCK];
} batch;

/* Ends the text of `len` bytes, which stands after `before` bytes hashed already, and gives it to a lane. */
static size_t finish_text(uint64_t *words, batch *b, size_t lane, size_t len, size_t before)
{
    size_t blocks = (len + 17 + SHA512_BLOCK - 1) / SHA512_BLOCK;
    b->text[len] = 0x80;
    for (size_t i = len + 1; i < blocks * SHA512_BLOCK; i++)
        b->text[i] = 0;
    sha512_store(b->text + blocks * SHA512_BLOCK - 8, 8 * (before + len));
    for (size_t i = 0; i < 16 * blocks; i++)
        words[i * b->by->lanes + lane] = sha512_load(b->text + 8 * i);
    return blocks;
}

/* 64 bytes, a number, DST': all but the first 65 bytes stay for all messages. */
static void begin(batch *b)
{
    for (size_t i = 0; i <= DIGEST; i++)
        b->text[i] = 0;
    sr_copy(b->text + DIGEST + 1, b->tag->dst, b->tag->dst_len);
    for (size_t lane = 0; lane < b->by->lanes; lane++)
        b->next_blocks[lane] = finish_text(b->next, b, lane, DIGEST + 1 + b->tag->dst_len, 0);
}

static void digest_texts(batch *b, const uint64_t from[SHA512_WORDS], const uint64_t *words,
                         const size_t *blocks)
{
    for (size_t i = 0; i < SHA512_WORDS; i++)
        for (size_t lane = 0; lane < b->by->lanes; lane++)
            b->state[i * b->by->lanes + lane] = from[i];
    b->by->absorb(b->state, words, blocks);
}

static void first_digests(batch *b, const sr_slice *messages, size_t count)
{
    for (size_t lane = 0; lane < b->by->lanes; lane++)
    {
        sr_slice message = messages[lane < count ? lane : 0];
        sr_copy(b->text, message.data, message.len);
        b->text[message.len] = (uint8_t)(b->len >> 8);
        b->text[message.len + 1] = (uint8_t)b->len;
        b->text[message.len + 2] = 0;
        sr_copy(b->text + message.len + 3, b->tag->dst, b->tag->dst_len);
        b->blocks[lane] =
            finish_text(b->words, b, lane, message.len + 3 + b->tag->dst_len, SHA512_BLOCK);
    }
    digest_texts(b, after_z_pad, b->words, b->blocks);
    sr_copy(b->first, b->state, sizeof b->first);
}

/* (b_0 xor b_(i-1)) || i || DST'; the state holds b_(i-1), but for b_1 nothing is mixed in. */
static void next_digests(batch *b, uint8_t number)
{
    static const uint64_t without_number = UINT64_MAX >> 8;
    for (size_t i = 0; i < SHA512_WORDS * b->by->lanes; i++)
        b->next[i] = b->first[i] ^ (number > 1 ? b->state[i] : 0);
    for (size_t lane = 0; lane < b->by->lanes; lane++)
    {
        uint64_t *at = &b->next[SHA512_WORDS * b->by->lanes + lane];
        *at = (*at & without_number) | (uint64_t)number << 56;
    }
    digest_texts(b, start, b->next, b->next_blocks);
}

static void write_digest(uint8_t *out, size_t room, const batch *b, size_t lane)
{
    uint8_t digest[DIGEST];
    for (size_t i = 0; i < SHA512_WORDS; i++)
        sha512_store(digest + 8 * i, b->state[i * b->by->lanes + lane]);
    sr_copy(out, digest, room < DIGEST ? room : DIGEST);
    sr_wipe(digest, sizeof digest);
}

static void expand_batch(uint8_t *out, batch *b, const sr_slice *messages, size_t count)
{
    uint8_t number = 0;
    first_digests(b, messages, count);
    for (size_t done = 0; done < b->len; done += DIGEST)
    {
        next_digests(b, ++number);
        for (size_t lane = 0; lane < count; lane++)
            write_digest(out + b->len * lane + done, b->len - done, b, lane);
    }
}

static bool all_short(const sr_slice *messages, size_t count)
{
    size_t i = 0;
    while (i < count && messages[i].len <= LONGEST)
        i++;
    return i == count;
}

void xmd_expand_list(uint8_t *out, size_t len, const xmd_tag *tag, const sha512_lanes *lanes,
                     const sr_slice *messages, size_t count)
{
    batch b = {.by = lanes, .tag = tag, .len = len};
    bool side_by_side = lanes != NULL && tag->hash == XMD_SHA512;
    size_t most = side_by_side ? lanes->lanes : 1;
    assert(len >= 1 && len <= (size_t)255 * DIGEST && most <= SHA512_LANES_MAX);
    if (side_by_side)
        begin(&b);
    for (size_t done = 0; done < count;)
    {
        size_t now = count - done < most ? count - done : most;
        if (side_by_side && all_short(messages + done, now))
            expand_batch(out + len * done, &b, messages + done, now);
        else
            for (size_t i = done; i < done + now; i++)
                xmd_expand(out + len * i, len, tag, messages[i]);
        done += now;
    }
    sr_wipe(&b, sizeof b);
}
