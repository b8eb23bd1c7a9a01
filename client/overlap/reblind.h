/*
 * reblind.h: judging and multiplying a list of another member that lies in a file, in bounded memory.
 *
 * A whole list is judged before its first multiplication (join.h); then it is multiplied piece by piece on all cores,
 * and the products go through a sorter: their ascending order is the shuffle. Points that were different and come out
 * equal have small-order components: whoever made the list broke the protocol.
 *
 * Memory: REBLIND_MEMORY for sorting and one piece of 4 MiB. Disk, while it lasts: three times the list, which are the
 * file that it is read from, the sorter's scratch file, and what is written.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_REBLIND_H
#define SEALROOM_CLIENT_OVERLAP_REBLIND_H

#include "../progress.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "crypto/group/group.h"

enum
{
    REBLIND_MEMORY = 64 * 1024 * 1024,
};

/* Reads `count` points from the beginning of the file and gives their digest. SR_E_FORMAT, and where, when one is not
 * greater than the one before. */
sr_result reblind_judge(digest_value *sum, int fd, uint64_t count, group_suite suite,
                        sr_err *err) SR_MUST_USE;

typedef struct
{
    const group_scalar *scalar;
    unsigned threads;   /* 1 at least */
    uint64_t memory;    /* 0: REBLIND_MEMORY; tests set less */
    const char *folder; /* of the scratch file */
    progress *progress; /* may be NULL */
} reblind_config;

/* Writes scalar·point of each to `out`, strictly ascending. SR_E_FORMAT for a point that is none (group.h); two that
 * came out equal are SR_E_INVALID, and *met is set. After a failure what was written is of no use. */
sr_result reblind_multiply(sr_out *out, bool *met, const reblind_config *config, int fd,
                           uint64_t count, sr_err *err) SR_MUST_USE;

#endif
