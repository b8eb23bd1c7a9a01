/*
 * words.h: texts for the analyst that grow piece by piece (notice, warning).
 */
#ifndef SEALROOM_SERVER_QUERY_WORDS_H
#define SEALROOM_SERVER_QUERY_WORDS_H

#include "base/bytes.h"

/* Appends to `*words`, which is owned (sr_free); NULL is an empty text. */
void words_add(char **words, const char *format, ...) SR_PRINTF(2, 3);
/* Between the items of a list: "" before the first, " and " before the last, ", " before others. */
const char *words_between(size_t index, size_t count);

#endif
