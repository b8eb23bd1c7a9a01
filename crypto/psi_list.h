/*
 * psi_list.h: lists of points, or pieces of them, as members and server work on them: multiplied on all cores, judged.
 *
 * A list travels in strictly ascending byte order: that is its shuffle and its check for repeats at once.
 */
#ifndef SEALROOM_CRYPTO_PSI_LIST_H
#define SEALROOM_CRYPTO_PSI_LIST_H

#include "group/group.h"

/* Multiplies every point by the scalar, in place, with this many threads (1 at least). SR_E_FORMAT for a point that
 * is none (group.h); then the list is of no use any more. */
sr_result psi_list_mask(uint8_t *points, const group_scalar *scalar, uint64_t count,
                        unsigned threads, sr_err *err) SR_MUST_USE;
/* Whether each point is greater than the one before; `last` (may be NULL) is the one before the first. On
 * SR_E_FORMAT the text says where, counting from `before` + 1, and whether it is a repeat. */
sr_result psi_list_check(const uint8_t *points, group_suite suite, uint64_t count,
                         const uint8_t *last, uint64_t before, sr_err *err) SR_MUST_USE;

#endif
