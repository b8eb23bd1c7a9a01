/*
 * header.h: column headers as C3R normalises them (C3R-FORMAT 1.7): trimmed of all characters up to
 * U+0020 at both ends, ASCII letters lower-cased, not blank, at most 128 characters, matching
 * `[a-z0-9_](([a-z0-9_ ]+-)*([a-z0-9_ ]+))?`. The error says which character of which header.
 */
#ifndef SEALROOM_MODEL_HEADER_H
#define SEALROOM_MODEL_HEADER_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    HEADER_MOST_CHARACTERS = 128,
    HEADER_SIZE = 129,
    HEADER_MOST_COLUMNS = 1600, /* target columns of one table */
};

/* Writes the normalised form (NUL-terminated) into out[HEADER_SIZE]. */
sr_result header_normalise(char *out, sr_slice header, sr_err *err) SR_MUST_USE;

#endif
