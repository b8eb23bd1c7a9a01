/*
 * uuid.h: UUIDs (RFC 9562) as 16 bytes, and the text form that C3R uses as salt.
 *
 * Parsing follows java.util.UUID.fromString as C3R-FORMAT 1.1 records it: five groups of
 * hexadecimal digits, any case, short groups zero-filled (`1-2-3-4-5` is
 * `00000001-0002-0003-0004-000000000005`), empty and over-long groups and braces refused with
 * SR_E_INVALID (the output is then all zero). Printing gives 36 lower-case characters. UUIDs are
 * public names: nothing here is constant-time.
 */
#ifndef SEALROOM_BASE_UUID_H
#define SEALROOM_BASE_UUID_H

#include "bytes.h"
#include "err.h"

enum
{
    SR_UUID_SIZE = 16,
    SR_UUID_TEXT_SIZE = 37, /* with the NUL */
};

typedef struct
{
    uint8_t bytes[SR_UUID_SIZE];
} sr_uuid;

typedef struct
{
    char text[SR_UUID_TEXT_SIZE];
} sr_uuid_text;

sr_result sr_uuid_parse(sr_uuid *out, const char *text, sr_err *err) SR_MUST_USE;
sr_uuid_text sr_uuid_print(const sr_uuid *uuid);
/* Version 4, from the kernel's generator. */
sr_uuid sr_uuid_random(void);
bool sr_uuid_equal(const sr_uuid *a, const sr_uuid *b);

#endif
