#include "pem.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* ---- PEM ------------------------------------------------------------------------------------- */

/* What stands between the first BEGIN and END lines of this label. */
static bool find_block(sr_slice *body, const char *pem, const char *label)
{
    char begin[64];
    char end[64];
    snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    snprintf(end, sizeof end, "-----END %s-----", label);
    const char *from = strstr(pem, begin);
    const char *to = from == NULL ? NULL : strstr(from, end);
    if (from == NULL || to == NULL)
        return false;
    from += strlen(begin);
    *body = sr_slice_of(from, (size_t)(to - from));
    return true;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* The DER bytes of a block; `out` is a secret buffer where a key may pass. */
static sr_result decode_block(sr_buf *out, sr_slice body, sr_err *err)
{
    SR_SECRET_BUF(text, RPC_PEM_MAX);
    uint8_t *to = NULL;
    size_t len = 0;
    for (size_t i = 0; i < body.len; i++)
        if (!is_space(body.data[i]) && sr_buf_append_byte(&text, body.data[i], err) != SR_OK)
            return SR_FAIL;
    if (text.len == 0)
        return sr_fail(err, SR_E_INVALID, "empty");
    if (sr_buf_extend(out, &to, sr_base64_decoded_max(text.len), err) != SR_OK)
        return SR_FAIL;
    if (sr_base64_decode(to, &len, sr_buf_view(&text), err) != SR_OK)
        return SR_FAIL;
    sr_buf_cut(out, len);
    return SR_OK;
}

static sr_result check_size(const char *pem, const char *what, sr_err *err)
{
    if (pem == NULL || pem[0] == '\0')
        return sr_fail(err, SR_E_INVALID, "%s: missing", what);
    if (strlen(pem) > RPC_PEM_MAX)
        return sr_fail(err, SR_E_LIMIT, "%s: larger than %d bytes", what, RPC_PEM_MAX);
    return SR_OK;
}

sr_result rpc_pem_check_certificate(const char *pem, const char *what, sr_err *err)
{
    SR_BUF(der, RPC_PEM_MAX);
    sr_slice body;
    if (check_size(pem, what, err) != SR_OK)
        return SR_FAIL;
    if (!find_block(&body, pem, "CERTIFICATE"))
        return sr_fail(err, SR_E_INVALID, "%s: holds no certificate in PEM form", what);
    if (decode_block(&der, body, err) != SR_OK)
        return sr_fail(err, SR_E_INVALID, "%s: the certificate's PEM text is damaged", what);
    return SR_OK;
}

static bool find_key(sr_slice *body, const char *pem)
{
    static const char *const labels[] = {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (find_block(body, pem, labels[i]))
            return true;
    return false;
}

sr_result rpc_pem_check_key(const char *pem, const char *what, sr_err *err)
{
    SR_SECRET_BUF(der, RPC_PEM_MAX);
    sr_slice body;
    if (check_size(pem, what, err) != SR_OK)
        return SR_FAIL;
    if (strstr(pem, "ENCRYPTED") != NULL)
        return sr_fail(err, SR_E_INVALID,
                       "%s: is encrypted; an unencrypted one in a file of mode 0600 is needed",
                       what);
    if (!find_key(&body, pem))
        return sr_fail(err, SR_E_INVALID, "%s: holds no private key in PEM form", what);
    if (decode_block(&der, body, err) != SR_OK)
        return sr_fail(err, SR_E_INVALID, "%s: the key's PEM text is damaged", what);
    return SR_OK;
}

void rpc_pem_fingerprint(char out[RPC_FINGERPRINT_TEXT_SIZE], const char *pem)
{
    sr_err unseen = SR_ERR_INIT; /* "" says all that there is to say */
    SR_BUF(der, RPC_PEM_MAX);
    sr_slice body;
    uint8_t digest[32];
    out[0] = '\0';
    if (!find_block(&body, pem, "CERTIFICATE") || decode_block(&der, body, &unseen) != SR_OK)
        return;
    rpc_sha256(digest, sr_buf_view(&der));
    sr_hex_encode(out, sr_slice_of(digest, sizeof digest));
}

/* ---- SHA-256, FIPS 180-4 sections 4.1.2, 5.1.1 and 6.2.2 ------------------------------------- */

enum
{
    BLOCK = 64,
};

static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, unsigned by)
{
    return (x >> by) | (x << (32 - by));
}

static void expand_block(uint32_t w[64], const uint8_t *block)
{
    sr_cursor in = sr_cursor_of(sr_slice_of(block, BLOCK));
    for (size_t t = 0; t < 16; t++)
        w[t] = sr_cursor_u32(&in);
    for (size_t t = 16; t < 64; t++)
    {
        uint32_t s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >> 3);
        uint32_t s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
}

/* v holds the standard's a … h. */
static void hash_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64];
    uint32_t v[8];
    expand_block(w, block);
    sr_copy(v, state, sizeof v);
    for (size_t t = 0; t < 64; t++)
    {
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t major = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t t1 =
            v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + choice + ROUND[t] + w[t];
        uint32_t t2 = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + major;
        for (size_t i = 7; i > 0; i--)
            v[i] = v[i - 1];
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
}

/* The rest of the bytes, one bit, zeros, and the length in bits: one or two blocks. */
static void hash_tail(uint32_t state[8], sr_slice rest, uint64_t total)
{
    uint8_t tail[2 * BLOCK] = {0};
    size_t blocks = rest.len + 9 > BLOCK ? 2 : 1;
    sr_copy(tail, rest.data, rest.len);
    tail[rest.len] = 0x80;
    for (size_t i = 0; i < 8; i++)
        tail[blocks * BLOCK - 1 - i] = (uint8_t)((total * 8) >> (8 * i));
    for (size_t i = 0; i < blocks; i++)
        hash_block(state, tail + i * BLOCK);
}

void rpc_sha256(uint8_t out[32], sr_slice bytes)
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t whole = bytes.len / BLOCK;
    for (size_t i = 0; i < whole; i++)
        hash_block(state, bytes.data + i * BLOCK);
    hash_tail(state, sr_slice_sub(bytes, whole * BLOCK, bytes.len % BLOCK), bytes.len);
    for (size_t i = 0; i < 32; i++)
        out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}
