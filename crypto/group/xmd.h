/*
 * xmd.h: expand_message_xmd of RFC 9380 section 5.3.1, with SHA-256 and SHA-512. The door to
 * OpenSSL of this folder. Internal to crypto/group.
 *
 *     DST'  = DST || I2OSP(len(DST), 1);  a DST of more than 255 bytes is first replaced by
 *             H("H2C-OVERSIZE-DST-" || DST) (section 5.3.3)
 *     b_0   = H(Z_pad || msg || I2OSP(len, 2) || 0 || DST')        Z_pad: one block of zeros
 *     b_1   = H(b_0 || 1 || DST'),  b_i = H((b_0 xor b_(i-1)) || i || DST')
 *     bytes = b_1 || b_2 || … cut to len
 *
 * A tag is made once and used for many messages, by several threads if need be; it holds the state
 * after Z_pad, which saves a block each time. Time depends on lengths only. What was computed on
 * the way is wiped.
 */
#ifndef SEALROOM_CRYPTO_GROUP_XMD_H
#define SEALROOM_CRYPTO_GROUP_XMD_H

#include "base/bytes.h"
#include "sha512_lanes.h"

enum
{
    XMD_DST_MAX = 255,
    XMD_STATE_WORDS = 27, /* room for the library's state; checked when compiled */
};

typedef enum
{
    XMD_SHA256,
    XMD_SHA512,
} xmd_hash;

typedef struct
{
    xmd_hash hash;
    size_t dst_len; /* of DST' */
    uint8_t dst[XMD_DST_MAX + 1];
    uint64_t start[XMD_STATE_WORDS]; /* has seen Z_pad */
} xmd_tag;

/* SR_E_INVALID for an empty domain separation tag (section 3.1 forbids it). */
sr_result xmd_tag_init(xmd_tag *out, xmd_hash hash, sr_slice dst, sr_err *err) SR_MUST_USE;

/* 1 <= len <= 255 digests is asserted. */
void xmd_expand(uint8_t *out, size_t len, const xmd_tag *tag, sr_slice message);

/* The same for each message, `len` bytes apart; with SHA-512 and lanes (NULL: none) some at a time. Not
 * in crypto/group/xmd.c: it needs nothing of OpenSSL. */
void xmd_expand_list(uint8_t *out, size_t len, const xmd_tag *tag, const sha512_lanes *lanes,
                     const sr_slice *messages, size_t count);

#endif
