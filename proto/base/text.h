/*
 * text.h: UTF-8, base64, hexadecimal and time as text.
 *
 * UTF-8 is strict (Unicode 15, table 3-7): overlong forms, surrogates and values past U+10FFFF are
 * refused. Base64 is RFC 4648 section 4, standard alphabet, no line breaks; the decoder accepts
 * missing padding (as Java's basic decoder does) and refuses everything else that is not canonical.
 * Base64 and hexadecimal take time that depends on lengths only, so that secrets may pass. What is
 * not UTF-8, base64 or hexadecimal is SR_E_FORMAT, and the error text quotes nothing of it.
 */
#ifndef SEALROOM_BASE_TEXT_H
#define SEALROOM_BASE_TEXT_H

#include <time.h>

#include "bytes.h"
#include "err.h"

/* Length of the longest valid prefix; equal to bytes.len when all of it is valid UTF-8. */
size_t sr_utf8_valid_prefix(sr_slice bytes);
bool sr_utf8_is_valid(sr_slice bytes);
/* Columns that a terminal needs for it: wide and combining characters count as wcwidth says,
 * control characters and bytes that are not UTF-8 count one each (a printer shows a stand-in for
 * them). */
size_t sr_utf8_width(sr_slice bytes);
/* A control character in a text that is UTF-8: below U+0020, or U+007F to U+009F. */
bool sr_utf8_has_control(sr_slice bytes);

size_t sr_base64_encoded_len(size_t len);
/* Writes exactly sr_base64_encoded_len(bytes.len) characters, no NUL. */
void sr_base64_encode(char *out, sr_slice bytes);
/* Most bytes that a text of this length decodes to. */
size_t sr_base64_decoded_max(size_t len);
/* Decodes into `out` (room for sr_base64_decoded_max), which is zero after a failure, as *out_len is. */
sr_result sr_base64_decode(uint8_t *out, size_t *out_len, sr_slice text, sr_err *err) SR_MUST_USE;
/* The same, but unused bits of the last character may be set, as Java's decoder allows: for secrets
 * that somebody typed. Never for cells, where two texts of one value would break equality. */
sr_result sr_base64_decode_like_java(uint8_t *out, size_t *out_len, sr_slice text,
                                     sr_err *err) SR_MUST_USE;

/* Lower-case hexadecimal: 2*len characters and a NUL. */
void sr_hex_encode(char *out, sr_slice bytes);
/* Exactly `len` bytes from 2*len digits of any case. */
sr_result sr_hex_decode(uint8_t *out, size_t len, sr_slice text, sr_err *err) SR_MUST_USE;

/* Microseconds since 1970-01-01T00:00:00Z. */
int64_t sr_now_us(void);
/* A clock that only goes forward, for durations. */
int64_t sr_monotonic_us(void);
typedef struct
{
    char text[32];
} sr_time_text;
/* "2026-11-24T08:13:41Z", rounded down to the second. */
sr_time_text sr_time_print(int64_t us_since_epoch);

/* Fills with bytes of the kernel's generator; stops the process when that fails. */
void sr_random_bytes(void *out, size_t len);

#endif
